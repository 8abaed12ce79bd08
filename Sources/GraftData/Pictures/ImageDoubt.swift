/// A reason not to trust the answer to one image.
public enum ImageDoubt: Sendable, Hashable, CustomStringConvertible {
  /// Nothing stands out from the paper.
  case nothingDrawn
  /// More than one figure, or two that touch.
  case severalFigures
  /// No figure on paper: a photograph, a pattern, a page full of writing.
  case noPaper
  /// A figure that is an area instead of a line.
  case blot
  /// A figure that goes on beyond the border of the picture.
  case cutOff
  /// Dark ink on bright paper, for a model that learned bright ink on dark.
  case darkInk
  /// Bright ink on dark paper, for a model that learned dark ink on bright.
  case brightInk
  /// Every pixel has this value.
  case constant(UInt8)
  /// No pixel is brighter than this, of 255.
  case nearlyBlack(UInt8)

  /// The name in JSON.
  package var name: String {
    switch self {
    case .nothingDrawn: "nothing-drawn"
    case .severalFigures: "several-figures"
    case .noPaper: "no-paper"
    case .blot: "blot"
    case .cutOff: "cut-off"
    case .darkInk: "dark-ink"
    case .brightInk: "bright-ink"
    case .constant: "constant"
    case .nearlyBlack: "nearly-black"
    }
  }

  /// Half a sentence that follows the name of the image.
  public var description: String {
    switch self {
    case .nothingDrawn: "nothing is drawn on it that stands out from its paper"
    case .severalFigures: "more than one figure is in the picture, and the model reads one"
    case .noPaper: "it looks like a photograph or a pattern, not like one figure on plain paper"
    case .blot: "what stands out from the paper is an area, not a line that someone drew"
    case .cutOff: "the figure touches the border of the picture and may be cut off"
    case .darkInk: "it looks like dark ink on bright paper, and the model learned bright ink on dark"
    case .brightInk: "it looks like bright ink on dark paper, and the model learned dark ink on bright"
    case .constant(let value): "all its pixels are \(value): there is nothing to see"
    case .nearlyBlack(let largest):
      "it is nearly black: pixels must be 0 to 255, and the largest is \(largest)"
    }
  }

  /// Whether the image has nothing for a model to answer.
  package var isEmpty: Bool { self == .nothingDrawn }
}
