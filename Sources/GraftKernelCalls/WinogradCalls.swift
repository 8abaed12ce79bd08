// The work of 3 × 3 convolutions in Winograd's form, F(2 × 2, 3 × 3) (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", CVPR 2016). Four neighbouring outputs, a tile, are computed from 4 × 4 inputs: inputs and weights are transformed to
// 16 numbers each, of which products are summed over the channels, and the 16 sums are transformed to the four outputs. That is
// 16 multiply-adds where the plain convolution does 36.

/// A call for the forward pass: the same result as a `Convolution` with windows of 3 × 3, one position apart, but for rounding.
package struct WinogradConvolution {
  package let images: Int
  /// Feature maps with a border of at least `padding` and a pitch of whole vectors.
  package let input: Maps
  package let padding: Int
  /// Address of the first transformed weight.
  package let weights: UnsafePointer<Float>
  /// Layout of the transformed weights, [16 · input pitch × output channels].
  package let layout: PanelLayout
  package let bias: UnsafePointer<Float>?
  /// Whether the result is added to what the output holds.
  package let accumulates: Bool
  package let epilogue: Epilogue?
  package let output: WritableMaps
  package let tiles: TileMemory

  package init(
    images: Int, _ input: Maps, padding: Int, weights: UnsafePointer<Float>, layout: PanelLayout,
    bias: UnsafePointer<Float>?, accumulates: Bool, epilogue: Epilogue?, output: WritableMaps, tiles: TileMemory
  ) {
    self.images = images
    self.input = input
    self.padding = padding
    self.weights = weights
    self.layout = layout
    self.bias = bias
    self.accumulates = accumulates
    self.epilogue = epilogue
    self.output = output
    self.tiles = tiles
  }
}

/// A call for the gradient of the transformed weights, over all images and tiles.
package struct WinogradGradient {
  package let images: Int
  package let input: Maps
  package let padding: Int
  package let outputGradient: Maps
  /// The sums, written whatever they held: [16 · input pitch × output channels].
  package let sums: UnsafeMutablePointer<Float>
  package let layout: PanelLayout
  package let tiles: TileMemory

  package init(
    images: Int, _ input: Maps, padding: Int, outputGradient: Maps, sums: UnsafeMutablePointer<Float>,
    layout: PanelLayout, tiles: TileMemory
  ) {
    self.images = images
    self.input = input
    self.padding = padding
    self.outputGradient = outputGradient
    self.sums = sums
    self.layout = layout
    self.tiles = tiles
  }
}

/// Memory for transformed tiles: a piece for each part of a call.
package struct TileMemory {
  package let base: UnsafeMutablePointer<Float>
  /// Floats of a part's piece.
  package let stride: Int

  package init(_ base: UnsafeMutablePointer<Float>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  /// The tiles that are transformed together.
  ///
  /// They are enough for the weights, read once for all of them, to be read seldom, and so few that their 16 numbers of each
  /// channel stay in a level-2 cache. The bits of a weight's gradient depend on this number, so it is the same on every machine.
  package static func tilesTogether(inputPitch: Int) -> Int { inputPitch <= 32 ? 144 : 72 }

  /// Floats of a part's piece: the transformed inputs and the 16 sums of a panel of outputs, or, in the backward pass, a quarter of the
  /// transformed inputs and of the transformed gradients.
  package static func floats(inputPitch: Int, outputPitch: Int) -> Int {
    tilesTogether(inputPitch: inputPitch) * max(16 * (inputPitch + 32), 4 * (inputPitch + outputPitch))
  }
}

extension MapLayout {
  /// Tiles of 2 × 2 positions that cover a map.
  package var tiles: Int { ((height + 1) / 2) * ((width + 1) / 2) }
}

extension WinogradConvolution {
  /// Multiply-adds of the call.
  var work: Int { images * output.layout.tiles * layout.rows * layout.columns }
}

extension WinogradGradient {
  var work: Int { images * outputGradient.layout.tiles * layout.rows * layout.columns }
}
