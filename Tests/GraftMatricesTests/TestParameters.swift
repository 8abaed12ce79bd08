import GraftKernelCalls
import GraftMatrices
import NumericChecks

/// A weight and a bias in one block, as a layer has them, with something else behind them.
struct TestParameters {
  var block: AlignedFloats
  let weight: PanelLayout
  let bias: PanelLayout
  let weights: [[Float]]
  let biases: [Float]
  /// Floats behind the bias that no product of these parameters may touch.
  let behind: PanelLayout

  /// - Parameters:
  ///   - rows: Rows of the weight in memory.
  ///   - columns: Columns of the weight in memory.
  ///   - biasColumns: Width of the bias: the columns, or the rows where the product is with the transposed weight.
  init(rows: Int, columns: Int, biasColumns: Int? = nil, seed: UInt64) {
    weights = randomMatrix(rows, columns, seed: seed)
    biases = randomMatrix(1, biasColumns ?? columns, seed: seed + 1)[0]
    weight = PanelLayout(offset: 0, rows: rows, columns: columns)
    bias = PanelLayout(offset: weight.footprint, vectorOf: biases.count)
    behind = PanelLayout(offset: bias.offset + bias.footprint, rows: 4, columns: 1024)
    block = AlignedFloats(zeros: behind.offset + behind.footprint)
    block.set(weights, at: weight)
    block.set([biases], at: bias)
    for place in behind.offset..<behind.offset + behind.footprint { block[place] = 1e6 }
  }
}

/// Sizes at which kernels are likely to go wrong: single rows and columns, odd numbers, and around the width of vectors.
enum Sizes {
  static let rows = [1, 2, 3, 7, 8]
  static let widths = [1, 2, 10, 15, 16, 17, 31, 32, 33, 50, 64, 65]
  static let depths = [1, 2, 3, 16, 17, 40]
}
