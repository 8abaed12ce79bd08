import Foundation
import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftTraining

/// A gallery of the mistakes of which a model was surest.
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
}
