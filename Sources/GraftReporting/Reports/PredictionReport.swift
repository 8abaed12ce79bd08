import GraftData
import GraftDocuments
import GraftFiles

/// A report of the classes that a model names for some images, as `graft predict` prints them.
package struct PredictionReport: Sendable {
  private let answers: [(image: ImageInput, ranked: [(name: String, probability: Float)])]
  /// The width of the images to draw; nil if none are drawn.
  private let drawnWidth: Int?

  /// - Parameters:
  ///   - answers: Each image, as the model read it, with the probability of each output.
  ///   - classNames: The names of the outputs.
  ///   - top: The number of classes to keep, the most likely first.
  ///   - drawnWidth: The pixels in a row of the images, if they are to be shown.
  package init(
    answers: [(image: ImageInput, probabilities: [Float])], classNames: [String], top: Int, drawnWidth: Int? = nil
  ) {
    self.drawnWidth = drawnWidth
    self.answers = answers.map { image, probabilities in
      // A network's output for black pixels is no answer.
      guard !image.doubts.contains(where: \.isEmpty) else { return (image, []) }
      // Among equals the first output wins, as in an evaluation.
      let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
      return (image, order.prefix(top).map { (classNames[$0], probabilities[$0]) })
    }
  }

  /// A line for each image, `digit.pgm  7 99.21 %  9 0.71 %`, and below it the image.
  package var text: String {
    answers.map { answer in
      let classes = answer.ranked.map { "\(singleLine($0.name)) \(percent(100 * Double($0.probability))) %" }
      let line = ([singleLine(answer.image.name)] + (classes.isEmpty ? ["-"] : classes)).joined(separator: "  ")
      let drawn = drawnWidth.map { CharacterImage.row([("", answer.image.pixels)], width: $0) + "\n" } ?? ""
      return line + drawn + "\n"
    }.joined()
  }

  package var json: JSON {
    [
      "schema_version": 1,
      "images": .array(
        answers.map { answer in
          var object = JSON.Object()
          object["image"] = .string(answer.image.name)
          object["classes"] = .array(
            answer.ranked.map { ["class": .string($0.name), "probability": .number(Double($0.probability))] })
          object["warnings"] = .array(
            answer.image.doubts.map { ["kind": .string($0.name), "message": .string($0.description)] })
          if let drawnWidth { object["seen"] = rows(answer.image.pixels, drawnWidth) }
          return .object(object)
        }),
    ]
  }

  private func rows(_ pixels: [UInt8], _ width: Int) -> JSON {
    .array(
      stride(from: 0, to: pixels.count, by: width).map { start in
        .array(pixels[start..<start + width].map { .integer(Int($0)) })
      })
  }
}
