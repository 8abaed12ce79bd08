import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

/// Convolutions in Winograd's form beside the loops over windows. The transforms add, subtract and halve, so of numbers that are
/// eighths they give the loops' very numbers; of others they round otherwise.
@Suite struct WinogradTests {
  static let windows = [0, 1, 2].map { ReferenceWindow(size: 3, stride: 1, padding: $0) }

  /// Every shape for which the form is used, odd sides among them.
  private func forEach(
    _ channels: MapSizes.Pair, _ window: ReferenceWindow, _ body: (TestConvolution, _ name: String) -> Void
  ) {
    for (index, shape) in (MapSizes.shapes + [MapSizes.Shape(height: 4, width: 8)]).enumerated() {
      let test = TestConvolution(channels, shape, window, isFirst: false, border: index % 3 == 1 ? 1 : 0)
      if WinogradWeights.suits(test.windows, test.outputLayout) { body(test, "\(shape)") }
    }
  }

  @Test(
    "the output is the loops', with or without a bias, and zero in channels that there are not",
    arguments: MapSizes.pairs, windows)
  func forward(channels: MapSizes.Pair, window: ReferenceWindow) {
    var tried = 0
    forEach(channels, window) { test, name in
      for hasBias in [true, false] {
        let output = test.winogradOutput(bias: hasBias)
        let expected = test.input.maps.flatMap {
          $0.convolved(test.weights, bias: hasBias ? test.biases : nil, outputs: channels.outputs, window).values
        }
        #expect(mismatch(output.values(test.outputLayout, images: 2), expected, within: 0) == nil, "\(name)")
        #expect(output.around(test.outputLayout, images: 2).allSatisfy { $0 == 0 }, "\(name)")
        tried += 1
      }
    }
    #expect(tried >= 6)
  }

  @Test("the weight's gradient is the loops', and is added to what is there", arguments: MapSizes.pairs, windows)
  func weightGradient(channels: MapSizes.Pair, window: ReferenceWindow) {
    forEach(channels, window) { test, name in
      var block = AlignedFloats(zeros: test.block.count)
      test.winogradGradient().add(to: &block, at: test.weight)
      let each = zip(test.input.maps, test.outputGradient.maps).map { $0.weightGradient($1, window) }
      let expected = zip(each[0], each[1]).map(+)
      #expect(mismatch(test.weightValues(block), expected, within: 0) == nil, "\(name)")
      test.winogradGradient(images: 1).add(to: &block, at: test.weight)
      #expect(mismatch(test.weightValues(block), zip(expected, each[0]).map(+), within: 0) == nil, "\(name)")
      #expect(test.weightPadding(block).allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  @Test("the input's gradient is the loops', and is added to what is there", arguments: MapSizes.pairs, windows)
  func inputGradient(channels: MapSizes.Pair, window: ReferenceWindow) {
    forEach(channels, window) { test, name in
      let once = test.winogradInputGradient(times: 1)
      let expected = zip(test.input.maps, test.outputGradient.maps).flatMap {
        $0.inputGradient($1, test.weights, window).values
      }
      let layout = test.inputGradientLayout
      #expect(mismatch(once.values(layout, images: 2), expected, within: 0) == nil, "\(name)")
      let twice = test.winogradInputGradient(times: 2)
      #expect(mismatch(twice.values(layout, images: 2), expected.map { 2 * $0 }, within: 0) == nil, "\(name)")
    }
  }

  /// More tiles than are transformed together, so that a block of them ends within an image and sums go on in the next.
  @Test(
    "teams of any size and all builds give one thread's bits, an image alone its own", arguments: [(16, 33), (48, 24)])
  func teams(inputs: Int, outputs: Int) {
    let window = ReferenceWindow(size: 3, stride: 1, padding: 1)
    let test = TestConvolution(
      MapSizes.Pair(inputs: inputs, outputs: outputs), MapSizes.Shape(height: 9, width: 11), window, images: 13,
      isFirst: false, exact: false)
    func results(_ team: Team) -> [Float] {
      var sum = AlignedFloats(zeros: test.block.count)
      test.winogradGradient(team: team).add(to: &sum, at: test.weight, team: team)
      let output = test.winogradOutput(team: team).values(test.outputLayout, images: 13)
      return output + test.winogradInputGradient(times: 1, team: team).values(test.inputGradientLayout, images: 13)
        + test.weightValues(sum)
    }
    let alone = results(Team(size: 1, processor: .portable))
    for processor in Processor.allCases.filter(\.isAvailable) {
      for size in [1, 2, 3, 7] {
        let team = Team(size: size, processor: processor, smallestPart: 1)
        #expect(mismatchInBits(results(team), alone) == nil, "\(processor), \(size)")
      }
    }
    let last = TestMaps([test.input.maps[12]], test.input.layout).matrix
    let output = test.winogradOutput(of: last, images: 1).values(test.outputLayout, images: 1)
    #expect(mismatchInBits(output, Array(alone[..<(13 * output.count)].suffix(output.count))) == nil)
  }

  /// Each output is a sum of 9 · 48 products. Lavin and Gray report an error about that of the plain form for F(2 × 2, 3 × 3).
  @Test("rounding is at most four times that of the plain form")
  func rounding() {
    let window = ReferenceWindow(size: 3, stride: 1, padding: 1)
    let test = TestConvolution(
      MapSizes.Pair(inputs: 48, outputs: 24), MapSizes.Shape(height: 12, width: 12), window, isFirst: false,
      exact: false)
    let exact = test.input.maps.flatMap {
      $0.convolved(test.weights.map { Double(Float($0)) }, bias: nil, outputs: 24, window).values
    }
    func error(_ output: Matrix) -> Double {
      let errors = zip(output.values(test.outputLayout, images: 2), exact).map { pow2(Double($0) - $1) }
      return (errors.reduce(0, +) / Double(errors.count)).squareRoot()
    }
    let (form, plain) = (error(test.winogradOutput(bias: false)), error(test.output(bias: false)))
    #expect(form < 4 * plain && form > 0, "\(form), plain \(plain)")
  }

  private func pow2(_ x: Double) -> Double { x * x }

  @Test("the form is left where it would do more work, or where pixels are not whole vectors")
  func suits() {
    func suits(_ side: Int, pitch: Int? = nil, size: Int = 3, stride: Int = 1) -> Bool {
      let input = MapLayout(channels: 16, height: side, width: side, pitch: pitch, border: 1)
      let positions = (side + 2 - size) / stride + 1
      return WinogradWeights.suits(
        WindowedMaps(input, window: Window(size: size, stride: stride), padding: 1),
        MapLayout(channels: 16, height: positions, width: positions))
    }
    #expect(suits(2) && suits(4) && suits(7) && suits(28))
    #expect(!suits(1) && !suits(3))
    #expect(!suits(8, pitch: 17) && !suits(8, size: 5) && !suits(8, stride: 2))
  }
}

extension TestConvolution {
  private var memory: WinogradMemory? {
    WinogradMemory(
      pitches: [(input.layout.pitch, max(outputLayout.pitch, outputGradient.layout.pitch))], parts: 7, trains: true)
  }

  private func transformed(_ block: AlignedFloats, _ layout: PanelLayout, pitch: Int, outputs: Int) -> WinogradWeights {
    var weights = WinogradWeights(inputPitch: pitch, outputs: outputs)
    weights.transform(block, layout)
    return weights
  }

  /// - Parameter maps: Others than the test's own.
  func winogradOutput(
    of maps: Matrix? = nil, images: Int? = nil, bias hasBias: Bool = true, team: Team = .alone
  ) -> Matrix {
    var output = Matrix(rows: images ?? self.images, columns: outputLayout.count)
    guard let memory else { return output }
    winogradConvolution(
      maps ?? input.matrix, windows, images: images ?? self.images,
      transformed(block, weight, pitch: input.layout.pitch, outputs: outputLayout.channels),
      bias: hasBias ? (block, bias) : nil, into: &output, outputLayout, in: memory, team: team)
    return output
  }

  func winogradGradient(images: Int? = nil, team: Team = .alone) -> WeightGradient {
    .convolution(
      ConvolutionFactors(
        input.matrix, windows, outputGradient: outputGradient.matrix, outputGradient.layout,
        images: images ?? self.images, scratch: ScratchFloats(count: block.count), winograd: memory))
  }

  /// The gradient of the input, added `times` times.
  func winogradInputGradient(times: Int, team: Team = .alone) -> Matrix {
    let layout = outputGradient.layout
    var turned = TurnedWeights(
      window: 3, inputs: input.layout.channels, inputPitch: input.layout.pitch, outputPitch: layout.pitch)
    turned.turn(block, weight)
    let weights = transformed(
      turned.block, turned.layout, pitch: layout.pitch, outputs: input.layout.channels)
    var result = Matrix(rows: images, columns: inputGradientLayout.count)
    guard let memory else { return result }
    for time in 0..<times {
      winogradConvolution(
        outputGradient.matrix, WindowedMaps(layout, window: Window(size: 3, stride: 1), padding: layout.border),
        images: images, weights, bias: nil, accumulates: time > 0, into: &result, inputGradientLayout, in: memory,
        team: team)
    }
    return result
  }
}
