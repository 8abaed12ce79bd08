// The work of convolutional layers. Every call is divided by images, except a convolution's weight gradient.

/// Feature maps to read, one for each image: rows of a matrix, and the layout of each.
package struct Maps {
  package let rows: Rows
  package let layout: MapLayout
  package init(_ rows: Rows, _ layout: MapLayout) {
    self.rows = rows
    self.layout = layout
  }
}

package struct WritableMaps {
  package let rows: WritableRows
  package let layout: MapLayout
  package init(_ rows: WritableRows, _ layout: MapLayout) {
    self.rows = rows
    self.layout = layout
  }
}

/// The operations on a result before it is stored: a map is added (a residual connection), then all numbers are brought into a range,
/// which is the nonlinearity of rectifiers.
package struct Epilogue {
  /// Maps of the output's shape; nil if nothing is added.
  package let added: Maps?
  package let low: Float
  package let high: Float

  package init(adding added: Maps?, low: Float, high: Float) {
    self.added = added
    self.low = low
    self.high = high
  }
}

/// A call that computes `output[y, x] = bias + Σ input[y · stride + i - padding, x · stride + j - padding] · weights[i, j]` over
/// a square window: a convolution in the sense of networks, without turning the window.
package struct Convolution {
  package let images: Int
  /// Feature maps with a border of at least `padding`.
  package let input: Maps
  package let window: Window
  package let padding: Int
  /// Address of the first weight.
  package let weights: UnsafePointer<Float>
  /// Layout of the weights, [window positions · input pitch × output channels].
  package let layout: PanelLayout
  package let bias: UnsafePointer<Float>?
  /// Whether the result is added to what the output holds.
  package let accumulates: Bool
  package let epilogue: Epilogue?
  package let output: WritableMaps

  package init(
    images: Int, _ input: Maps, window: Window, padding: Int, weights: UnsafePointer<Float>, layout: PanelLayout,
    bias: UnsafePointer<Float>?, accumulates: Bool = false, epilogue: Epilogue? = nil, output: WritableMaps
  ) {
    self.epilogue = epilogue
    self.accumulates = accumulates
    self.images = images
    self.input = input
    self.window = window
    self.padding = padding
    self.weights = weights
    self.layout = layout
    self.bias = bias
    self.output = output
  }
}

/// A call for a convolution's backward pass by spreading: each position's gradient, multiplied with the weights, is added to the
/// positions that its window read. Lines of the window are taken one after the other; `layout` is one line, [output pitch ×
/// positions · input pitch].
package struct ConvolutionSpread {
  package let images: Int
  package let outputGradient: Maps
  package let window: Window
  package let padding: Int
  /// Address of the first weight of the window's first line; the next line's weights are `layout.footprint` floats on.
  package let weights: UnsafePointer<Float>
  package let layout: PanelLayout
  /// Whether the gradient is added to what the maps hold, their border included; otherwise they begin as zeros.
  package let accumulates: Bool
  /// Feature maps with a border of at least `padding`. The border's values are undefined afterwards.
  package let inputGradient: WritableMaps

  package init(
    images: Int, _ outputGradient: Maps, window: Window, padding: Int, weights: UnsafePointer<Float>,
    layout: PanelLayout, accumulates: Bool = false, inputGradient: WritableMaps
  ) {
    self.accumulates = accumulates
    self.images = images
    self.outputGradient = outputGradient
    self.window = window
    self.padding = padding
    self.weights = weights
    self.layout = layout
    self.inputGradient = inputGradient
  }
}

/// A call for a convolution's weight gradient, `Σ input[y · stride + i - padding, x · stride + j - padding] · outputGradient[y,
/// x]` over all images and positions.
package struct ConvolutionGradient {
  package let images: Int
  package let input: Maps
  package let window: Window
  package let padding: Int
  package let outputGradient: Maps

  package init(images: Int, _ input: Maps, window: Window, padding: Int, outputGradient: Maps) {
    self.images = images
    self.input = input
    self.window = window
    self.padding = padding
    self.outputGradient = outputGradient
  }
}

/// The operations between a layer's weights and its output: each channel scaled and shifted (normalisation), another map added
/// (a residual connection), the nonlinearity, and pooling, in this order.
package struct Activation {
  /// Scale and shift, one number of each for each channel, padding included; nil if nothing is scaled.
  package let affine: (scale: UnsafePointer<Float>, shift: UnsafePointer<Float>)?
  /// Feature maps of the input's shape that are added before the nonlinearity; nil if there are none.
  package let added: Maps?
  package let function: ActivationFunction
  package let pooling: Pool?

  /// The largest or the mean of each window. Windows of the largest may reach beyond the map by `padding`; positions outside do
  /// not count.
  package struct Pool: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case maximum, average }
    package let kind: Kind
    package let window: Window
    package let padding: Int

    package init(_ kind: Kind, _ window: Window, padding: Int = 0) {
      precondition(padding == 0 || kind == .maximum && padding < window.size)
      self.kind = kind
      self.window = window
      self.padding = padding
    }
  }

  package init(
    affine: (scale: UnsafePointer<Float>, shift: UnsafePointer<Float>)?, added: Maps? = nil,
    function: ActivationFunction, pooling: Pool?
  ) {
    self.affine = affine
    self.added = added
    self.function = function
    self.pooling = pooling
  }
}

/// The nonlinearity behind a layer's weights, unit by unit.
package enum ActivationFunction: String, Sendable, Hashable, CaseIterable {
  /// x itself.
  case identity
  /// max(x, 0).
  case relu
  /// min(max(x, 0), 6) (Howard et al., "MobileNets", 2017).
  case relu6
  /// x / (1 + exp(-x)) (Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2018; also called swish).
  case silu
  /// x · min(max(x + 3, 0), 6) / 6 (Howard et al., "Searching for MobileNetV3", 2019).
  case hardSwish = "hard-swish"
}

package struct ActivationCall {
  package let images: Int
  package let input: Maps
  package let activation: Activation
  package let output: WritableMaps

  package init(images: Int, _ input: Maps, _ activation: Activation, into output: WritableMaps) {
    self.images = images
    self.input = input
    self.activation = activation
    self.output = output
  }
}

/// A call for the backward pass through an activation, up to its scaled and shifted input. `inputGradient` becomes ∂loss/∂(scaled
/// and shifted input), and each image's sums of it over the positions go to a row of `sums`, [channels]. With normalisation, the
/// sums of its product with the normalised input go to a row of `products` too.
package struct ActivationGradient {
  package let images: Int
  package let input: Maps
  package let activation: Activation
  /// Output of the forward pass.
  package let output: Maps
  package let outputGradient: Maps
  package let inputGradient: WritableMaps
  package let sums: WritableRows
  package let normalized: Normalized?

  /// Numbers of the normalised input, (input - mean) · inverseDeviation, and the rows for its products.
  package struct Normalized {
    package let mean: UnsafePointer<Float>
    package let inverseDeviation: UnsafePointer<Float>
    package let products: WritableRows
    package init(mean: UnsafePointer<Float>, inverseDeviation: UnsafePointer<Float>, products: WritableRows) {
      self.mean = mean
      self.inverseDeviation = inverseDeviation
      self.products = products
    }
  }

  package init(
    images: Int, _ input: Maps, _ activation: Activation, output: Maps, outputGradient: Maps,
    inputGradient: WritableMaps,
    sums: WritableRows, normalized: Normalized?
  ) {
    self.images = images
    self.input = input
    self.activation = activation
    self.output = output
    self.outputGradient = outputGradient
    self.inputGradient = inputGradient
    self.sums = sums
    self.normalized = normalized
  }
}

/// A call that sets elements of each image's feature map to zero at random, and multiplies the others by `scale`.
package struct DropoutCall {
  package let images: Int
  package let maps: WritableMaps
  /// Start of each image's random numbers.
  package let states: UnsafePointer<UInt64>
  /// The number of elements in 256 that become zero.
  package let threshold: UInt8
  package let scale: Float

  package init(images: Int, _ maps: WritableMaps, states: UnsafePointer<UInt64>, threshold: UInt8, scale: Float) {
    self.images = images
    self.maps = maps
    self.states = states
    self.threshold = threshold
    self.scale = scale
  }
}

/// A call for each image's mean of every channel, and the sum of the squares of the distances from it.
package struct MomentsCall {
  package let images: Int
  package let input: Maps
  package let means: WritableRows
  package let squares: WritableRows

  package init(images: Int, _ input: Maps, means: WritableRows, squares: WritableRows) {
    self.images = images
    self.input = input
    self.means = means
    self.squares = squares
  }
}

/// A call that sets `gradient = gradient · a + input · b + c`, channel by channel: the backward pass through a normalisation
/// whose mean and deviation are the batch's own.
package struct NormalizationGradient {
  package let images: Int
  package let input: Maps
  package let gradient: WritableMaps
  package let a: UnsafePointer<Float>
  package let b: UnsafePointer<Float>
  package let c: UnsafePointer<Float>

  package init(
    images: Int, _ input: Maps, gradient: WritableMaps, a: UnsafePointer<Float>, b: UnsafePointer<Float>,
    c: UnsafePointer<Float>
  ) {
    self.images = images
    self.input = input
    self.gradient = gradient
    self.a = a
    self.b = b
    self.c = c
  }
}

/// A call that adds the pixels of maps to those of others, or copies them.
package struct MapAddition {
  package let images: Int
  package let source: Maps
  /// Whether the pixels are added to what the target holds; otherwise they replace it.
  package let accumulates: Bool
  package let target: WritableMaps

  package init(images: Int, _ source: Maps, accumulates: Bool, target: WritableMaps) {
    self.images = images
    self.source = source
    self.accumulates = accumulates
    self.target = target
  }
}

extension Convolution {
  /// Multiply-adds of the call.
  var work: Int { images * output.layout.height * output.layout.width * layout.rows * layout.columns }
}

extension ConvolutionSpread {
  var work: Int {
    images * outputGradient.layout.height * outputGradient.layout.width * layout.rows * layout.columns * window.size
  }
}

extension ConvolutionGradient {
  func work(_ layout: PanelLayout) -> Int {
    images * outputGradient.layout.height * outputGradient.layout.width * layout.rows * layout.columns
  }
}

extension DropoutCall {
  var work: Int { 2 * images * maps.layout.height * maps.layout.width * maps.layout.pitch }
}

extension Maps {
  /// Floats of all positions.
  func floats(_ images: Int) -> Int { images * layout.height * layout.width * layout.pitch }
}
