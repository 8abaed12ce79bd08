import GraftData
import GraftDocuments
import GraftMatrices
import GraftPictures

/// The field of a page that takes a photograph, which the models of the page answer.
struct PagePhotograph {
  /// The rule that brings a photograph to the size of the models' images.
  let fit: PictureFit
  /// Remarks about the models for the reader.
  let remarks: [String]

  private static let title = "Try a photograph"
  /// The most test images to try.
  private static let mostSamples = 48
  /// The most bytes of the test images to try; 4 MB as text.
  private static let sampleBytes = 3 << 20
  /// The most test images on which the rounded models are compared with the checkpoints.
  private static let mostCompared = 1000

  /// The section for models that are too large for a page.
  static let refusal = Page.Section(
    "try", title,
    [HTML("p", text: "The model has too many weights for a page to carry: graft predict answers photographs.")])

  /// The test images of `numbers` that a page has room for in full size, spread evenly over them.
  static func fitting(_ numbers: [Int], of test: PageTestImages) -> [Int] {
    spread(numbers, most: min(mostSamples, sampleBytes / test.dataset.shape.count))
  }

  /// The test images on which rounded models are compared with the checkpoints.
  static func compared(of test: PageTestImages) -> Dataset {
    test.dataset.selecting(images: spread(Array(0..<test.dataset.count), most: mostCompared))
  }

  private static func spread(_ numbers: [Int], most: Int) -> [Int] {
    numbers.count <= most ? numbers : (0..<most).map { numbers[$0 * numbers.count / most] }
  }

  var section: Page.Section {
    let field = HTML(
      "div", ["class": "photograph"],
      [
        HTML(
          "p", ["class": "drop"],
          [
            HTML("label", ["for": "photograph-file"], text: "Choose a photograph, or drop one here: "),
            HTML("input", ["type": "file", "id": "photograph-file", "accept": "image/*"]),
          ]),
        HTML(
          "canvas",
          [
            "class": "seen", "width": "\(fit.width)", "height": "\(fit.height)", "role": "img",
            "aria-label": "what the model sees",
          ]),
        HTML(
          "p", ["class": "hint"],
          text:
            "What the model sees: \(part) in \(fit.width)×\(fit.height) pixels. The photograph stays on this computer. A browser "
            + "decodes and resizes a little otherwise than Graft, so its probabilities can differ from those of graft predict. "
            + "Test images have the same pixels in both."),
      ])
    return Page.Section(
      "try", Self.title,
      [
        HTML(
          "div",
          [
            "id": "try-photograph", "data-mode": fit.mode.rawValue, "data-crop-ratio": "\(fit.cropRatio)",
            "data-filter": fit.filter.rawValue,
          ],
          [
            HTML(
              "p", ["class": "needs-script"],
              text:
                "Answers to photographs need JavaScript, and so do reading values off and the images behind cells; tables and "
                + "pictures are here without."),
            HTML("div", ["class": "pad-area"], [field, HTML("div", ["class": "answers"])]),
            HTML("p", ["class": "message", "role": "status"]),
            HTML(
              "div", ["class": "samples-area"],
              [
                HTML("h3", text: "Or try a test image; no model was trained on these"),
                HTML("div", ["class": "samples"]),
              ]),
            HTML("ul", [:], remarks.map { HTML("li", text: $0) }),
          ])
      ])
  }

  /// The part of a photograph that a model sees, in words.
  private var part: String {
    switch fit.mode {
    case .crop: "the middle of the photograph"
    case .squash: "the whole photograph, squashed,"
    case .pad: "the whole photograph on black"
    }
  }
}
