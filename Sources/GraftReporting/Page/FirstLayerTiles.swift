import GraftCharts
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks

/// The weights of a model's first layer as pictures.
struct FirstLayerTiles {
  /// The weights as [outputs × inputs], or [outputs × channels × kernel × kernel].
  let weights: [Float]
  private let outputs: Int
  private let width: Int
  private let height: Int

  init(_ model: Model) {
    let slice = model.layers[0].weight
    weights = model.parameters.values(of: slice)
    outputs = slice.shape[0]
    let isConvolution = slice.shape.count == 4
    width = isConvolution ? slice.shape[3] : model.inputShape.width
    height = isConvolution ? slice.shape[2] : model.inputShape.height
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
    let size = width * height
    // Only the first of several channels is shown.
    let own = shown.map { unit in
      Array(weights[unit * (weights.count / outputs)..<unit * (weights.count / outputs) + size])
    }
    let tiles = own.enumerated().map { index, values in
      // Each picture has its own scale: a unit's pattern counts here, not its size.
      ImageTiles.Tile(
        names.isEmpty ? "" : names[index],
        .signed(values, width: width, height: height, largest: values.map(abs).max() ?? 0))
    }
    let chart = ImageTiles(title: title, subtitle: subtitle, tiles: tiles, columns: 8)
    return HTML("figure", [:], [.picture(chart.document())])
  }
}
