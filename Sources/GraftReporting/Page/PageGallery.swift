import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// Galleries of test images: the mistakes of which a model was surest, and where it looked.
enum PageGallery {
  /// The gallery as a part of a page.
  ///
  /// - Parameter limit: The most images to show.
  static func html(title: String, _ answers: PageAnswers, limit: Int, isOpen: Bool, of test: PageTestImages) -> HTML {
    let mistakes = answers.mistakes
    let pictures = mistakes.prefix(limit).map { mistake -> HTML in
      let number = answers.numbers[mistake.row]
      let probabilities = answers.probabilities(mistake.row)
      let (truth, answer) = (answers.truths[mistake.row], answers.predictions[mistake.row])
      let names = answers.outputs.names
      func share(_ output: Int) -> String {
        probabilities.map { "\(names[output]) \(decimals(100 * Double($0[output]), 1)) %" } ?? ""
      }
      let data = Data(test.picture(number).encoded()).base64EncodedString()
      return HTML(
        "figure", [:],
        [
          HTML(
            "img",
            [
              "src": "data:image/png;base64,\(data)", "width": "84", "height": "84",
              "alt": "test image \(number), a \(names[truth])",
            ]),
          HTML(
            "figcaption", [:],
            [
              HTML("strong", text: "\(names[truth]) → \(names[answer])"), HTML("br"),
              .text([share(answer), share(truth)].filter { !$0.isEmpty }.joined(separator: ", ")), HTML("br"),
              .text("no. \(grouped(number))"),
            ]),
        ])
    }
    let shown = mistakes.count > limit ? "\(limit) of \(grouped(mistakes.count))" : grouped(mistakes.count)
    return HTML(
      "details", ["class": test.hasColors ? "gallery smooth" : "gallery", "open": isOpen ? "" : nil],
      [
        HTML("summary", text: "\(title): \(shown) \(mistakes.count == 1 ? "mistake" : "mistakes")"),
        pictures.isEmpty ? HTML("p", text: "None.") : HTML("div", ["class": "pictures"], Array(pictures)),
      ])
  }

  /// An image beside its class activations, with the answer.
  static func look(
    at number: Int, _ answer: String, isRight: Bool, _ activations: ClassActivations, of test: PageTestImages
  ) -> HTML {
    let shape = test.dataset.shape
    let values = activations.enlarged(rows: shape.height, columns: shape.width)
    let heat = PixelGlow.colors(PixelGlow.glow(values, largest: values.max() ?? 0))
    // Half the picture's brightness and half the heat.
    let bytes = test.dataset.image(number)
    let plane = shape.height * shape.width
    let mixed = (0..<3 * plane).map { place in
      let byte = bytes[bytes.startIndex + (shape.channels == 3 ? place : place % plane)]
      return byte / 2 + heat[place] / 2
    }
    let look = PageThumbnail(planes: mixed, shape: ImageShape(channels: 3, height: shape.height, width: shape.width))
    func picture(_ image: PNGImage, _ words: String) -> HTML {
      let data = Data(image.encoded()).base64EncodedString()
      return HTML("img", ["src": "data:image/png;base64,\(data)", "width": "84", "height": "84", "alt": words])
    }
    return HTML(
      "figure", [:],
      [
        picture(test.picture(number), "test image \(number), a \(test.className(number))"),
        picture(look.png, "its class activations for \(answer)"),
        HTML(
          "figcaption", [:],
          [
            HTML("strong", text: isRight ? answer : "\(test.className(number)) → \(answer)"), HTML("br"),
            .text("no. \(grouped(number))"),
          ]),
      ])
  }
}
