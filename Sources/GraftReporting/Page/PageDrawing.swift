import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftPictures
import GraftTraining

/// The part of a page on which its reader tries the models: on drawings if they read MNIST's images, on photographs if they read
/// colours.
struct PageDrawing {
  /// The models that answer. Their names may come from a user.
  let models: [(name: String, checkpoint: Checkpoint)]
  /// The models to choose side by side, by their indices in `models`.
  let trios: [PageAssets.Trio]
  /// Remarks about the models for the reader, besides the cost of rounding.
  var remarks: [String] = []

  /// The number of test images of each class to try.
  static let samplesPerClass = 3

  /// The section with the drawing pad, or with the field for photographs.
  ///
  /// - Returns: nil if the images are neither of the size that the pad makes nor in colour, or if no model fits them and into
  ///   16 bits.
  func section(of test: PageTestImages, threads: Int, in assets: inout PageAssets) -> Page.Section? {
    let shape = test.dataset.shape
    guard shape == .mnist || test.hasColors else { return nil }
    let fitting = models.map { $0.checkpoint.model.inputShape == shape ? $0 : nil }
    if test.hasColors, fitting.contains(where: { $0.map { EmbeddedModel.isTooLarge($0.checkpoint.model) } == true }) {
      return PagePhotograph.refusal
    }
    let embedded = fitting.map { $0.flatMap { EmbeddedModel($0.checkpoint, name: $0.name) } }
    let places = embedded.map { $0?.embed(in: &assets) }
    let shown = trios.compactMap { trio -> PageAssets.Trio? in
      let members = trio.members.compactMap { member in places[member.model].map { (role: member.role, model: $0) } }
      return members.isEmpty ? nil : PageAssets.Trio(name: trio.name, members: members)
    }
    if shown.isEmpty { return nil }
    for trio in shown { assets.add(trio: trio) }
    let known = Set(embedded.compactMap { $0?.knownClasses }.joined())
    let samples = PageWords.samples(of: test, perClass: Self.samplesPerClass).filter {
      known.contains(test.className($0))
    }
    for sample in test.hasColors ? PagePhotograph.fitting(samples, of: test) : samples {
      assets.add(sample: sample, of: test)
    }
    let compared = test.hasColors ? PagePhotograph.compared(of: test) : test.dataset
    let differences = embedded.compactMap { $0?.difference(on: compared.pixels, threads: threads) }
    let remarks = [PageWords.rounding(differences, bytes: assets.weightBytes)] + remarks
    if test.hasColors {
      let styles = fitting.compactMap { $0.map { $0.checkpoint.pictureStyle ?? PictureStyle() } }.firstOccurrences
      let fit = PictureFit.usual(height: shape.height, width: shape.width, styles.first ?? PictureStyle())
      let mixed =
        styles.count > 1
        ? [
          "The models learned from pictures that were fitted in several ways (\(styles.map(\.description).joined(separator: "; "))); a "
            + "photograph here is fitted in the first way for all."
        ] : []
      return PagePhotograph(fit: fit, remarks: remarks + mixed).section
    }
    return Page.Section(
      "draw", PageWords.drawingTitle(test.dataset.classNames), [html(choices: shown.map(\.name), remarks: remarks)])
  }

  private func html(choices: [String], remarks: [String]) -> HTML {
    let choice = HTML(
      "label", [:],
      [
        .text("Models: "),
        HTML(
          "select", ["id": "draw-models"],
          choices.enumerated().map { HTML("option", ["value": "\($0.offset)"], text: $0.element) }),
      ])
    let sees = HTML(
      "label", [:], [HTML("input", ["type": "checkbox", "data-sees": ""]), .text("show the 28×28 the model sees")])
    let tools = HTML(
      "div", ["class": "tools"],
      [
        choice, HTML("button", ["type": "button", "class": "tool", "data-clear": ""], text: "Clear"),
        HTML("button", ["type": "button", "class": "tool", "data-undo": ""], text: "Undo"), sees,
      ])
    let pad = HTML(
      "div", [:],
      [
        HTML(
          "canvas",
          [
            "class": "pad", "width": "280", "height": "280", "tabindex": "0", "role": "application",
            "aria-label":
              "Drawing pad. Draw with mouse, finger or pen; or move with the arrow keys and press space to put the pen down and to lift it.",
          ]),
        HTML(
          "div", ["class": "under"],
          [
            HTML(
              "canvas",
              ["class": "seen", "width": "56", "height": "56", "role": "img", "aria-label": "what the model sees"]),
            HTML(
              "span",
              text:
                "What the model sees: the ink scaled into 20×20 and centred by its mass in 28×28, as MNIST was made."),
          ]),
      ])
    return HTML(
      "div", ["id": "draw-digit"],
      [
        HTML(
          "p", ["class": "needs-script"],
          text:
            "Drawing needs JavaScript, and so do reading values off and the images behind cells; tables and pictures are here without."
        ),
        tools,
        HTML("div", ["class": "pad-area"], [pad, HTML("div", ["class": "answers"])]),
        HTML("p", ["class": "sr", "role": "status"]),
        HTML(
          "div", ["class": "samples-area"],
          [HTML("h3", text: "Or try a test image; no model was trained on these"), HTML("div", ["class": "samples"])]),
        HTML("ul", [:], remarks.map { HTML("li", text: $0) }),
      ])
  }
}
