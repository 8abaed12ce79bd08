import GraftKernelCalls
import GraftMatrices

/// A convolution, in the sense of networks (the window is not turned), with PyTorch's [outputs × inputs / groups × kernel × kernel]
/// weight.
///
/// In memory the weight is [window positions × inputs, outputs], of a depthwise convolution [window positions, outputs]. Channels are innermost in the feature maps too, so the pixels
/// under one line of a window are one piece of memory, and the convolution is a product whose left matrix is the image itself.
package struct Convolution: Sendable, Hashable {
  /// Channels, window, stride and padding.
  package let shape: ConvolutionShape
  /// Channels of the input.
  package let inputs: Int
  /// The weight, [outputs × inputs / groups × kernel × kernel].
  package let weight: ParameterSlice
  /// The bias, [outputs]; nil if a normalisation follows, which would subtract it again.
  package let bias: ParameterSlice?
  /// The window over the input's layout.
  package let windows: WindowedMaps
}

extension Convolution {
  func forward(
    _ input: Matrix, images: Int, _ parameters: Parameters, into output: inout Matrix, _ layout: MapLayout,
    _ winograd: WinogradForm?, team: Team
  ) {
    if let winograd {
      winogradConvolution(
        input, windows, images: images, winograd.weights, bias: bias.map { (parameters.block, $0.layout) },
        into: &output, layout, in: winograd.memory, team: team)
    } else if shape.isDepthwise {
      depthwiseConvolution(
        input, windows, images: images, parameters.block, weight: weight.layout, bias: bias?.layout, into: &output,
        layout, team: team)
    } else if isPointwise {
      pointwiseConvolution(
        input, windows.layout, images: images, parameters.block, weight: weight.layout, bias: bias?.layout,
        finishing: .none, into: &output, layout, team: team)
    } else {
      convolution(
        input, windows, images: images, parameters.block, weight: weight.layout, bias: bias?.layout, into: &output,
        layout, team: team)
    }
  }

  /// Whether the convolution is a product position by position, which a kernel of its own computes.
  var isPointwise: Bool {
    shape.kernel == 1 && shape.stride == 1 && !shape.isDepthwise && windows.layout.isUnbroken
  }

  /// Whether ∂loss/∂input is spread from each position of the output, or gathered at each position of the input, which is a
  /// convolution of the gradient. Gathering runs at full speed, but also multiplies the zeros around the gradient and, if there
  /// is a stride, between its positions. Spreading adds each tile to memory, which costs a seventh. A depthwise convolution always
  /// spreads.
  static func spreads(_ map: ImageShape, _ shape: ConvolutionShape, on input: ImageShape) -> Bool {
    shape.isDepthwise || input.width * 20 > map.width * 23
  }

  /// Computes ∂loss/∂input of a depthwise convolution.
  ///
  /// - Parameter accumulates: Whether the gradient is added to what other layers passed on.
  func depthwiseInputGradient(
    _ outputGradient: Matrix, _ layout: MapLayout, images: Int, _ parameters: Parameters, accumulates: Bool,
    into inputGradient: inout Matrix, _ inputLayout: MapLayout, team: Team
  ) {
    depthwiseSpread(
      outputGradient, layout, images: images, parameters.block, weight: weight.layout, shape.window,
      padding: windows.padding, accumulates: accumulates, into: &inputGradient, inputLayout, team: team)
  }

  /// Computes ∂loss/∂input by spreading.
  func inputGradient(
    _ outputGradient: Matrix, _ layout: MapLayout, images: Int, _ weights: SpreadWeights, accumulates: Bool,
    into inputGradient: inout Matrix, _ inputLayout: MapLayout, team: Team
  ) {
    convolutionSpread(
      outputGradient, layout, images: images, weights, stride: shape.stride, padding: windows.padding,
      accumulates: accumulates, into: &inputGradient, inputLayout, team: team)
  }

  /// Computes ∂loss/∂input by gathering: the convolution of ∂loss/∂output, with its positions `stride` apart, with the turned
  /// weights.
  func inputGradient(
    _ outputGradient: Matrix, _ layout: MapLayout, images: Int, _ turned: TurnedWeights, _ winograd: WinogradForm?,
    accumulates: Bool, into inputGradient: inout Matrix, _ inputLayout: MapLayout, team: Team
  ) {
    if let winograd {
      return winogradConvolution(
        outputGradient, gradientWindows(layout), images: images, winograd.weights, bias: nil, accumulates: accumulates,
        into: &inputGradient, inputLayout, in: winograd.memory, team: team)
    }
    if shape.kernel == 1, layout.isUnbroken {
      return pointwiseConvolution(
        outputGradient, layout, images: images, turned.block, weight: turned.layout, bias: nil,
        accumulates: accumulates, finishing: .none, into: &inputGradient, inputLayout, team: team)
    }
    convolution(
      outputGradient, gradientWindows(layout), images: images, turned.block, weight: turned.layout, bias: nil,
      accumulates: accumulates,
      into: &inputGradient, inputLayout, team: team)
  }

  /// The turned window over ∂loss/∂output, whose convolution is ∂loss/∂input.
  func gradientWindows(_ layout: MapLayout) -> WindowedMaps {
    WindowedMaps(layout, window: Window(size: shape.kernel, stride: 1), padding: layout.border)
  }

  /// Whether the forward pass and the weights' gradient are computed in Winograd's form.
  func suitsWinograd(_ layout: MapLayout) -> Bool { !shape.isDepthwise && WinogradWeights.suits(windows, layout) }

  func weightGradient(
    _ outputGradient: Matrix, _ layout: MapLayout, input: Matrix, images: Int, scratch: ScratchFloats,
    winograd: WinogradMemory?
  ) -> WeightGradient {
    let factors = ConvolutionFactors(
      input, windows, outputGradient: outputGradient, layout, images: images, scratch: scratch,
      winograd: suitsWinograd(layout) ? winograd : nil)
    return shape.isDepthwise ? .depthwise(factors) : .convolution(factors)
  }

  /// The layout of an output map's gradient from which ∂loss/∂input can be computed.
  static func gradientLayout(_ map: ImageShape, _ shape: ConvolutionShape, on input: ImageShape) -> MapLayout {
    if spreads(map, shape, on: input) { return MapLayout(channels: map.channels, height: map.height, width: map.width) }
    let padding = shape.margins(on: input)?.before ?? 0
    func leftOver(_ input: Int, _ output: Int) -> Int {
      input + 2 * padding - shape.kernel - (output - 1) * shape.stride
    }
    let border = shape.kernel - 1 - padding
    let most = max(leftOver(input.height, map.height), leftOver(input.width, map.width), -border)
    return MapLayout(
      channels: map.channels, height: map.height, width: map.width, border: border, spacing: shape.stride,
      trailing: border + most)
  }
}

/// Transformed weights of a convolution, and the memory for its tiles.
struct WinogradForm {
  let weights: WinogradWeights
  let memory: WinogradMemory

  /// The form of weights that may be there, in a workspace that then has memory for them.
  init?(_ weights: WinogradWeights?, _ memory: WinogradMemory?) {
    guard let weights, let memory else { return nil }
    self.weights = weights
    self.memory = memory
  }
}
