/// The part of a page on which its reader draws.
struct PageDrawing {
  /// Models side by side, for a choice.
  let trios: [PageAssets.Trio]
  /// In test images.
  let samples: [Int]
  /// What the reader should know of the models.
  let remarks: [String]

  func html(of test: PageTestImages, in assets: inout PageAssets) -> HTML {
    for trio in trios { assets.add(trio: trio) }
    for sample in samples { assets.add(sample: sample, of: test) }
    let choice = HTML(
      "label", [:],
      [
        .text("Models: "),
        HTML(
          "select", ["id": "draw-models"],
          trios.enumerated().map { HTML("option", ["value": "\($0.offset)"], text: $0.element.name) }),
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
          [HTML("h3", text: "Or try a test image, which no model was trained on"), HTML("div", ["class": "samples"])]),
        HTML("ul", [:], remarks.map { HTML("li", text: $0) }),
      ])
  }
}
