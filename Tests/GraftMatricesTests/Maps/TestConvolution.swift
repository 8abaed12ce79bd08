import GraftKernelCalls
import GraftMatrices
import NumericChecks

/// A convolution of random maps with all that its kernels are given, laid out as a network does.
struct TestConvolution {
  let images: Int
  let window: ReferenceWindow
  let input: TestMaps
  let windows: WindowedMaps
  /// [outputs][inputs][row of the window][column].
  let weights: [Double]
  let biases: [Double]
  let weight: PanelLayout
  let bias: PanelLayout
  let block: AlignedFloats
  /// Without a border.
  let outputLayout: MapLayout
  let outputGradient: TestMaps
  /// Of the input, without a border.
  let inputGradientLayout: MapLayout

  /// - Parameters:
  ///   - isFirst: Whether the input's channels are not padded to vectors, as images' are not.
  ///   - border: Positions of zeros around the input beyond those that the window reads.
  ///   - exact: Whether sums of the numbers are exact.
  init(
    _ channels: MapSizes.Pair, _ shape: MapSizes.Shape, _ window: ReferenceWindow, images: Int = 2, isFirst: Bool,
    border: Int = 0, exact: Bool = true
  ) {
    self.images = images
    self.window = window
    let pitch = isFirst ? channels.inputs : MapLayout.pitch(channels.inputs)
    let layout = MapLayout(
      channels: channels.inputs, height: shape.height, width: shape.width, pitch: pitch,
      border: window.padding + border)
    input = TestMaps(images, layout, seed: 1, exact: exact)
    windows = WindowedMaps(layout, window: window.window, padding: window.padding)
    let positions = window.size * window.size
    weights = numbers(channels.outputs, channels.inputs * positions, seed: 2, exact: exact).flatMap { $0 }
    biases = numbers(1, channels.outputs, seed: 3, exact: exact)[0]
    weight = PanelLayout(offset: 64, rows: positions * pitch, columns: channels.outputs)
    bias = PanelLayout(offset: weight.offset + weight.footprint, vectorOf: channels.outputs)
    var block = AlignedFloats(zeros: bias.offset + bias.footprint)
    block.set([biases.map { Float($0) }], at: bias)
    for (index, value) in weights.enumerated() {
      block[TestConvolution.place(index, channels.inputs, positions, pitch, weight)] = Float(value)
    }
    self.block = block
    let (height, width) = (window.positions(shape.height), window.positions(shape.width))
    outputLayout = MapLayout(channels: channels.outputs, height: height, width: width)
    // What no window reads at the right and below gets zeros from further positions of zeros.
    let left = [(shape.height, height), (shape.width, width)].map { side, positions in
      side + 2 * window.padding - window.size - (positions - 1) * window.stride
    }
    let edge = window.size - 1 - window.padding
    outputGradient = TestMaps(
      images,
      MapLayout(
        channels: channels.outputs, height: height, width: width, border: edge, spacing: window.stride,
        trailing: edge + (left.max() ?? 0)),
      seed: 4, exact: exact)
    inputGradientLayout = MapLayout(channels: channels.inputs, height: shape.height, width: shape.width)
  }

  /// Where the weight at PyTorch's place `index` lies.
  private static func place(_ index: Int, _ inputs: Int, _ positions: Int, _ pitch: Int, _ layout: PanelLayout) -> Int {
    let (output, rest) = index.quotientAndRemainder(dividingBy: inputs * positions)
    let (channel, position) = rest.quotientAndRemainder(dividingBy: positions)
    return layout.index(position * pitch + channel, output)
  }

  /// What lies at the weights' places in `block`, in PyTorch's order.
  func weightValues(_ block: AlignedFloats) -> [Float] {
    weights.indices.map { block[weightPlace($0)] }
  }

  /// The other floats of the weight.
  func weightPadding(_ block: AlignedFloats) -> [Float] {
    let places = Set(weights.indices.map(weightPlace))
    return (weight.offset..<weight.offset + weight.footprint).filter { !places.contains($0) }.map { block[$0] }
  }

  private func weightPlace(_ index: Int) -> Int {
    TestConvolution.place(index, input.layout.channels, window.size * window.size, input.layout.pitch, weight)
  }

  func output(bias hasBias: Bool = true, team: Team = .alone) -> Matrix {
    var output = Matrix(rows: images, columns: outputLayout.count)
    convolution(
      input.matrix, windows, images: images, block, weight: weight, bias: hasBias ? bias : nil, into: &output,
      outputLayout, team: team)
    return output
  }

  /// - Parameter images: Fewer than there are.
  func gradient(images: Int? = nil) -> WeightGradient {
    .convolution(
      ConvolutionFactors(
        input.matrix, windows, outputGradient: outputGradient.matrix, outputGradient.layout,
        images: images ?? self.images, scratch: ScratchFloats(count: block.count)))
  }

  func inputGradient(team: Team = .alone) -> Matrix {
    let layout = outputGradient.layout
    var turned = TurnedWeights(
      window: window.size, inputs: input.layout.channels, inputPitch: input.layout.pitch, outputPitch: layout.pitch)
    turned.turn(block, weight)
    var result = Matrix(rows: images, columns: inputGradientLayout.count)
    convolution(
      outputGradient.matrix, WindowedMaps(layout, window: Window(size: window.size, stride: 1), padding: layout.border),
      images: images, turned.block, weight: turned.layout, bias: nil, into: &result, inputGradientLayout, team: team)
    return result
  }

  /// The same by spreading, with the sums that are left in the border.
  func spreadInputGradient(team: Team = .alone) -> (gradient: Matrix, layout: MapLayout) {
    let layout = MapLayout(
      channels: outputLayout.channels, height: outputLayout.height, width: outputLayout.width)
    var weights = SpreadWeights(
      window: window.size, inputPitch: inputGradientLayout.pitch, outputPitch: layout.pitch)
    weights.turn(block, weight)
    let target = MapLayout(
      channels: inputGradientLayout.channels, height: inputGradientLayout.height, width: inputGradientLayout.width,
      border: window.padding)
    var result = Matrix(rows: images, columns: target.count)
    // Of a batch before this one.
    for place in 0..<target.count { result[0, place] = 7 }
    convolutionSpread(
      TestMaps(outputGradient.maps, layout).matrix, layout, images: images, weights, stride: window.stride,
      padding: window.padding, into: &result, target, team: team)
    return (result, target)
  }
}
