import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftTraining

/// A report of the classes that a model names for some images, as `graft predict` prints them.
package struct PredictionReport: Sendable {
  /// The answer to one image.
  struct Answer: Sendable {
    let name: String
    /// Its place in a table or an array; nil for pictures.
    let row: Int?
    let doubts: [ImageDoubt]
    /// The most probable classes, the best first; none if there is nothing to answer.
    let ranked: [(name: String, probability: Float)]
    /// The image as the model read it; nil if it is not shown.
    var pixels: [UInt8]?
    /// The pixels that the answer depends on, and the image itself; nil if that is not asked.
    var panels: ExplanationPanels?
  }

  private let classNames: [String]
  private let top: Int
  private let shape: ImageShape
  private let isDrawn: Bool
  private(set) var answers: [Answer] = []

  /// A report of no images so far.
  ///
  /// - Parameters:
  ///   - classNames: The names of the outputs.
  ///   - top: The number of classes to keep, the most likely first.
  ///   - shape: The shape of the images.
  ///   - isDrawn: Whether the images are kept to be shown.
  package init(classNames: [String], top: Int, shape: ImageShape, isDrawn: Bool = false) {
    (self.classNames, self.top, self.shape, self.isDrawn) = (classNames, top, shape, isDrawn)
  }

  /// Adds an image, as the model read it.
  ///
  /// - Parameter probabilities: The probability of each output.
  package mutating func add(_ image: ImageInput, probabilities: [Float], explanation: Explanation? = nil) {
    // A network's output for black pixels is no answer.
    let isAnswered = !image.doubts.contains(where: \.isEmpty)
    answers.append(
      Answer(
        name: image.name, row: image.row, doubts: image.doubts,
        ranked: isAnswered ? ranked(probabilities) : [], pixels: isDrawn ? image.pixels : nil,
        panels: isAnswered
          ? explanation.map { ExplanationPanels($0, of: image.pixels, shape, className: classNames[$0.output]) } : nil))
  }

  /// Adds the images of a report that was made in the same way.
  ///
  /// - Parameter keepsDrawings: Whether its images are kept too; they take most of the memory.
  package mutating func add(_ other: PredictionReport, keepsDrawings: Bool) {
    answers += other.answers.map { answer in
      var answer = answer
      if !keepsDrawings { (answer.pixels, answer.panels) = (nil, nil) }
      return answer
    }
  }

  /// The most likely classes. Among equals the first output wins, as in an evaluation.
  private func ranked(_ probabilities: [Float]) -> [(name: String, probability: Float)] {
    var best: [Int] = []
    for output in probabilities.indices {
      if best.count == top, let last = best.last, probabilities[output] <= probabilities[last] { continue }
      best.insert(output, at: best.firstIndex { probabilities[$0] < probabilities[output] } ?? best.count)
      if best.count > top { best.removeLast() }
    }
    return best.map { (classNames[$0], probabilities[$0]) }
  }

  // MARK: Text

  /// The columns of text that goes to no terminal.
  static let usualColumns = 100

  /// A line for each image, `digit.pgm  7 99.21 %  9 0.71 %`, and below it the image or its explanation.
  package func text(for terminal: Terminal) -> String {
    let columns = terminal.columns ?? PredictionReport.usualColumns
    let width = min(shape.width, columns)
    var scaler = ImageScaler(
      from: shape, height: max((shape.height * width + shape.width / 2) / shape.width, 1), width: width)
    return answers.map { answer in
      let classes = answer.ranked.map { "\(singleLine($0.name)) \(percent(100 * Double($0.probability))) %" }
      let line = ([singleLine(answer.name)] + (classes.isEmpty ? ["-"] : classes)).joined(separator: "  ")
      if let panels = answer.panels { return "\(line)\n\(panels.text(for: terminal))\n\n" }
      guard let pixels = answer.pixels else { return line + "\n" }
      let drawn = CharacterImage.row(
        [("", scaler.planes(of: pixels))], width: width, height: scaler.height, inColor: terminal.hasColors)
      return "\(line)\(drawn)\n\n"
    }.joined()
  }

  // MARK: JSON

  /// The whole report.
  ///
  /// - Parameter leftOut: The problems with files that were left out.
  package func json(leftOut: [FormatError] = []) -> JSON {
    var document: JSON.Object = JSON.Object()
    document["schema_version"] = 1
    document["images"] = .array(answers.map(json))
    if !leftOut.isEmpty { document["left_out"] = .array(leftOut.map { .string($0.description) }) }
    return .object(document)
  }

  private func json(_ answer: Answer) -> JSON {
    var object = JSON.Object()
    object["image"] = .string(answer.name)
    object["classes"] = .array(
      answer.ranked.map { ["class": .string($0.name), "probability": .number(Double($0.probability))] })
    object["warnings"] = .array(
      answer.doubts.map { ["kind": .string($0.name), "message": .string($0.description)] })
    if let pixels = answer.pixels { object["seen"] = seen(pixels) }
    if let panels = answer.panels { object["explanation"] = panels.json }
    return .object(object)
  }

  /// Rows of greys, or the rows of each channel.
  private func seen(_ pixels: [UInt8]) -> JSON {
    func rows(_ plane: ArraySlice<UInt8>) -> JSON {
      .array(
        stride(from: plane.startIndex, to: plane.endIndex, by: shape.width).map { start in
          .array(plane[start..<start + shape.width].map { .integer(Int($0)) })
        })
    }
    if shape.channels == 1 { return rows(pixels[...]) }
    let plane = shape.height * shape.width
    return .array((0..<shape.channels).map { rows(pixels[$0 * plane..<($0 + 1) * plane]) })
  }
}
