import GraftCharts
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks

/// The weights of a model's first layer as pictures; weights of three channels in red, green and blue.
struct FirstLayerTiles {
  /// The weights as [outputs × inputs], or [outputs × channels × kernel × kernel].
  let weights: [Float]
  /// The shape of one output's weights.
  private let shape: ImageShape

  init(_ model: Model) {
    let slice = model.layers[0].weight
    weights = model.parameters.values(of: slice)
    let isConvolution = slice.shape.count == 4
    shape =
      isConvolution
      ? ImageShape(channels: slice.shape[1], height: slice.shape[2], width: slice.shape[3]) : model.inputShape
  }

  /// A sentence on the colours of a model's tiles.
  static func legend(_ model: Model) -> String {
    PageThumbnail.hasColors(model.inputShape)
      ? "Mid-grey where a weight is zero; a colour brightens where it excites and darkens where it inhibits; each picture on its "
        + "own scale."
      : "Blue where ink excites, vermilion where it inhibits; each picture on its own scale."
  }

  /// The hidden units whose weights in the head have the largest sum of squares, if the network has one hidden layer; else the
  /// first units.
  static func strongest(_ count: Int, in model: Model) -> [Int] {
    let units = model.layers[0].weight.shape[0]
    guard model.layers.count == 2, model.layers[0].weight.shape.count == 2, let head = model.layers.last?.weight else {
      return Array(0..<min(count, units))
    }
    let values = model.parameters.values(of: head)
    let sums = (0..<units).map { unit in
      stride(from: unit, to: values.count, by: units).reduce(Float(0)) { $0 + values[$1] * values[$1] }
    }
    return (0..<units).sorted { (sums[$1], $0) < (sums[$0], $1) }.prefix(count).sorted()
  }

  /// - Parameter names: The names below the tiles; empty for none.
  func html(_ title: String, _ subtitle: String, _ shown: [Int], names: [String] = []) -> HTML {
    let tiles = shown.enumerated().map { index, unit in
      ImageTiles.Tile(names.isEmpty ? "" : names[index], picture(of: unit))
    }
    let chart = ImageTiles(title: title, subtitle: subtitle, tiles: tiles, columns: 8)
    return HTML("figure", [:], [.picture(chart.document())])
  }

  /// The weights of an output on their own scale: the pattern counts here, not its size.
  private func picture(of unit: Int) -> PNGImage {
    let own = weights[unit * shape.count..<(unit + 1) * shape.count]
    if PageThumbnail.hasColors(shape) {
      let bytes = PNGImage.signedBytes(Array(own), largest: own.map(abs).max() ?? 0)
      return PageThumbnail(planes: bytes, shape: shape).png
    }
    let values = Array(own.prefix(shape.height * shape.width))
    return .signed(values, width: shape.width, height: shape.height, largest: values.map(abs).max() ?? 0)
  }
}
