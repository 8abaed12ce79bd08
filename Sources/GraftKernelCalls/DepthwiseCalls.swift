// The work of depthwise convolutions, in which each channel has a window of its own and nothing else (Howard et al., "MobileNets",
// 2017). Their weights are [window positions × channels], so that a position's weights are a vector beside the channels. Every call
// is divided by images, except the weight gradient, which is divided by channels.

/// A call that computes `output[y, x] = bias + Σ input[y · stride + i - padding, x · stride + j - padding] · weights[i, j]`, channel by
/// channel.
package struct DepthwiseConvolution {
  package let images: Int
  /// Feature maps with a border of at least `padding`.
  package let input: Maps
  package let window: Window
  package let padding: Int
  /// Address of the first weight.
  package let weights: UnsafePointer<Float>
  package let layout: PanelLayout
  package let bias: UnsafePointer<Float>?
  package let epilogue: Epilogue?
  package let output: WritableMaps

  package init(
    images: Int, _ input: Maps, window: Window, padding: Int, weights: UnsafePointer<Float>, layout: PanelLayout,
    bias: UnsafePointer<Float>?, epilogue: Epilogue? = nil, output: WritableMaps
  ) {
    self.epilogue = epilogue
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

/// A call for a depthwise convolution's backward pass: each position's gradient, multiplied with the weights, is added to the
/// positions that its window read.
package struct DepthwiseSpread {
  package let images: Int
  package let outputGradient: Maps
  package let window: Window
  package let padding: Int
  /// Address of the first weight.
  package let weights: UnsafePointer<Float>
  package let layout: PanelLayout
  /// Whether the gradient is added to what the maps hold, their border included; otherwise they begin as zeros.
  package let accumulates: Bool
  /// Feature maps with a border of at least `padding`. The border's values are undefined afterwards.
  package let inputGradient: WritableMaps

  package init(
    images: Int, _ outputGradient: Maps, window: Window, padding: Int, weights: UnsafePointer<Float>,
    layout: PanelLayout, accumulates: Bool, inputGradient: WritableMaps
  ) {
    self.images = images
    self.outputGradient = outputGradient
    self.window = window
    self.padding = padding
    self.weights = weights
    self.layout = layout
    self.accumulates = accumulates
    self.inputGradient = inputGradient
  }
}

extension DepthwiseConvolution {
  /// Multiply-adds of the call.
  var work: Int { images * output.layout.height * output.layout.width * layout.rows * layout.columns }
}

extension DepthwiseSpread {
  var work: Int {
    images * outputGradient.layout.height * outputGradient.layout.width * layout.rows * layout.columns
  }
}
