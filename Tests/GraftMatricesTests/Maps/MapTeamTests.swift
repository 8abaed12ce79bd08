import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

/// The kernels of maps by every build that this machine can run and by teams of several sizes: the bits of one thread of the
/// portable build, which other tests compare with the reference.
@Suite struct MapTeamTests {
  /// All that a training step asks for behind a layer of maps.
  ///
  /// The numbers are such that another order of additions gives other bits.
  private func results(_ test: TestConvolution, _ team: Team) -> [Float] {
    let output = test.output(team: team)
    let images = test.images
    var parts = [output.values(test.outputLayout, images: images)]
    parts.append(test.inputGradient(team: team).values(test.inputGradientLayout, images: images))
    if test.input.layout.pitch.isMultiple(of: 16) {
      let (gradient, layout) = test.spreadInputGradient(team: team)
      parts.append(gradient.values(layout, images: images))
    }
    var sum = AlignedFloats(zeros: test.block.count)
    test.gradient().add(to: &sum, at: test.weight, team: team)
    parts.append(test.weightValues(sum))
    var moved = test.block
    var state = OptimizerState(count: moved.count, hasSecond: true)
    let adam = UpdateStep.adam(
      AdamStep(
        learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, decoupled: false, step: 3))
    test.gradient().move(&moved, at: test.weight, by: adam, state: &state, team: team)
    parts += [test.weightValues(moved), test.weightValues(state.first), test.weightValues(state.second)]
    return (parts + activations(output, test, team)).flatMap { $0 }
  }

  private func activations(_ input: Matrix, _ test: TestConvolution, _ team: Team) -> [[Float]] {
    let (layout, images) = (test.outputLayout, test.images)
    let channels = layout.channels
    var moments = ChannelMoments(images: images, channels: channels)
    moments.measure(input, layout, images: images, epsilon: 1e-5, team: team)
    var affine = ChannelAffine(channels: channels)
    for channel in 0..<channels {
      affine.scale[channel] = moments.inverseDeviation[channel]
      affine.shift[channel] = -moments.mean[channel] * moments.inverseDeviation[channel]
    }
    var parts = [affine.scale, affine.shift, moments.unbiasedVariance].map { floats in (0..<channels).map { floats[$0] }
    }
    let size = min(2, layout.height, layout.width)
    for kind in [ChannelActivation.Pooling.Kind.maximum, .average] {
      let activation = ChannelActivation(.relu, pooling: ChannelActivation.Pooling(kind, Window(size: size, stride: 1)))
      let pooled = MapLayout(channels: channels, height: layout.height - size + 1, width: layout.width - size + 1)
      var output = Matrix(rows: images, columns: pooled.count)
      activation(input, layout, images: images, affine, into: &output, pooled, team: team)
      var gradient = Matrix(rows: images, columns: layout.count)
      var sums = ChannelSums(images: images, channels: channels, isNormalized: true)
      activation.backward(
        input, layout, images: images, affine, output: output, pooled, gradient: output, pooled, into: &gradient,
        layout, &sums, moments, team: team)
      parts += [output.values(pooled, images: images), gradient.values(layout, images: images)]
      parts += [sums.sums, sums.products].map { $0.nested.flatMap { $0 } }
      var factors = ChannelFactors(channels: channels)
      (factors.a, factors.b, factors.c) = (affine.scale, affine.shift, moments.mean)
      factors(input, layout, images: images, on: &gradient, layout, team: team)
      parts.append(gradient.values(layout, images: images))
    }
    return parts
  }

  private static let teams =
    Processor.allCases.filter(\.isAvailable).map { ($0, 1) }
    + [(Processor.current, 2), (.portable, 3)]

  @Test("every build and every number of threads give the same bits", arguments: MapSizes.pairs.indices, [1, 7])
  func sameBits(pair: Int, images: Int) {
    let teams = Self.teams.map { (Team(size: $1, processor: $0, smallestPart: 1), "\($0), \($1) threads") }
    for (index, window) in MapSizes.windows.enumerated() where (index + pair).isMultiple(of: 4) {
      let (channels, shape) = (MapSizes.pairs[pair], MapSizes.shapes[index % MapSizes.shapes.count])
      guard window.fits(shape.height, shape.width) else { continue }
      let test = TestConvolution(
        channels, shape, window, images: images, isFirst: index.isMultiple(of: 2), exact: false)
      let expected = results(test, Team(size: 1, processor: .portable))
      #expect(expected.allSatisfy { $0.isFinite })
      for (team, name) in teams {
        let found = results(test, team)
        #expect(mismatchInBits(found, expected) == nil, "\(name), \(channels.testDescription), \(shape), \(window)")
      }
    }
  }
}
