import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

/// What follows a convolution: scaled, rectified, pooled; and the way back.
@Suite struct ChannelActivationTests {
  struct Pooled: Sendable, CustomTestStringConvertible {
    let kind: ReferenceMap.Pool
    let window: ReferenceWindow
    var testDescription: String { "\(kind) of \(window.size), stride \(window.stride)" }

    var channelPooling: ChannelActivation.Pooling {
      ChannelActivation.Pooling(kind == .maximum ? .maximum : .average, window.window)
    }

    /// Side by side with and without pixels left over, overlapping, apart, and of a whole map.
    static let all: [Pooled?] =
      [nil]
      + ReferenceMap.Pool.allCases.flatMap { kind in
        [(2, 2), (3, 3), (3, 2), (3, 1), (2, 3), (1, 1), (1, 2), (5, 5)].map {
          Pooled(kind: kind, window: ReferenceWindow(size: $0.0, stride: $0.1))
        }
      }
  }

  /// An activation of random maps with all that its kernels are given.
  private struct Setup {
    let input: TestMaps
    let scale: [Double]
    let shift: [Double]
    let affine: ChannelAffine?
    let activation: ChannelActivation
    let pooled: Pooled?
    /// With a border, as the next convolution may ask for.
    let outputLayout: MapLayout
    let outputGradient: TestMaps
    /// With a border and positions apart, as the way back through a convolution reads it.
    let gradientLayout: MapLayout
    let mean: [Double]
    let inverse: [Double]
    let moments: ChannelMoments
    let images = 3

    init(_ channels: Int, _ shape: MapSizes.Shape, _ pooled: Pooled?, isAffine: Bool, rectifies: Bool) {
      input = TestMaps(3, MapLayout(channels: channels, height: shape.height, width: shape.width), seed: 1)
      let numbers = randomMatrix(4, channels, seed: 2)
      scale = isAffine ? numbers[0].map(Double.init) : [Double](repeating: 1, count: channels)
      shift = isAffine ? numbers[1].map { Double($0) / 4 } : [Double](repeating: 0, count: channels)
      var affine = ChannelAffine(channels: channels)
      var moments = ChannelMoments(images: 3, channels: channels)
      mean = numbers[2].map(Double.init)
      inverse = numbers[3].map(Double.init)
      for channel in 0..<channels {
        affine.scale[channel] = Float(scale[channel])
        affine.shift[channel] = Float(shift[channel])
        moments.mean[channel] = numbers[2][channel]
        moments.inverseDeviation[channel] = numbers[3][channel]
      }
      self.affine = isAffine ? affine : nil
      self.moments = moments
      self.pooled = pooled
      activation = ChannelActivation(rectifies ? .relu : .identity, pooling: pooled?.channelPooling)
      let window = pooled?.window ?? ReferenceWindow(size: 1)
      let (height, width) = (window.positions(shape.height), window.positions(shape.width))
      outputLayout = MapLayout(channels: channels, height: height, width: width, border: 2)
      outputGradient = TestMaps(3, MapLayout(channels: channels, height: height, width: width), seed: 3)
      gradientLayout = MapLayout(
        channels: channels, height: shape.height, width: shape.width, border: 1, spacing: 2, trailing: 3)
    }

    func scaled(_ map: ReferenceMap) -> ReferenceMap { map.mapping { $1 * scale[$0] + shift[$0] } }
    func rectified(_ map: ReferenceMap) -> ReferenceMap {
      activation.function == .relu ? scaled(map).mapping { max($1, 0) } : scaled(map)
    }

    var expectedOutput: [Double] {
      input.maps.map(rectified).flatMap { map in
        pooled.map { map.pooled($0.kind, $0.window).values } ?? map.values
      }
    }

    /// What the forward pass makes of it.
    var output: Matrix {
      var output = Matrix(rows: 3, columns: outputLayout.count)
      activation(input.matrix, input.layout, images: 3, affine, into: &output, outputLayout)
      return output
    }

    /// Of the scaled input, image by image.
    var expectedGradient: [ReferenceMap] {
      zip(input.maps, outputGradient.maps).map { map, gradient in
        var result = pooled.map { rectified(map).poolingGradient(gradient, $0.kind, $0.window) } ?? gradient
        if activation.function == .relu {
          let scaled = scaled(map)
          for index in result.values.indices where scaled.values[index] <= 0 { result.values[index] = 0 }
        }
        return result
      }
    }
  }

  private func forEach(_ pooled: Pooled?, _ body: (Setup, _ name: String) -> Void) {
    for (index, channels) in MapSizes.channels.enumerated() {
      let shape = MapSizes.shapes[index % MapSizes.shapes.count]
      let flags = [(true, true), (false, true), (true, false)][index % 3]
      body(
        Setup(channels, shape, pooled, isAffine: flags.0, rectifies: flags.1),
        "\(channels) channels of \(shape), \(flags)")
    }
  }

  @Test("forward is scaling, rectifying and pooling one after the other; borders stay zero", arguments: Pooled.all)
  func forward(pooled: Pooled?) {
    forEach(pooled) { setup, name in
      let output = setup.output
      let found = output.values(setup.outputLayout, images: 3)
      #expect(mismatch(found, setup.expectedOutput, within: 5e-7) == nil, "\(name)")
      #expect(output.around(setup.outputLayout, images: 3).allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  @Test("backward is the way back through each; sums are those over an image's positions", arguments: Pooled.all)
  func backward(pooled: Pooled?) {
    forEach(pooled) { setup, name in
      let isNormalized = setup.affine != nil
      var gradient = Matrix(rows: 3, columns: setup.gradientLayout.count)
      // Of a batch before this one.
      for place in setup.gradientLayout.places { gradient[1, place] = 7 }
      var sums = ChannelSums(images: 3, channels: setup.input.layout.channels, isNormalized: isNormalized)
      setup.activation.backward(
        setup.input.matrix, setup.input.layout, images: 3, setup.affine, output: setup.output, setup.outputLayout,
        gradient: setup.outputGradient.matrix, setup.outputGradient.layout, into: &gradient, setup.gradientLayout,
        &sums, isNormalized ? setup.moments : nil)
      let expected = setup.expectedGradient
      let found = gradient.values(setup.gradientLayout, images: 3)
      #expect(mismatch(found, expected.flatMap(\.values), within: 5e-7) == nil, "\(name)")
      #expect(gradient.around(setup.gradientLayout, images: 3).allSatisfy { $0 == 0 }, "\(name)")
      let positions = setup.input.layout.height * setup.input.layout.width
      for (image, map) in expected.enumerated() {
        for channel in 0..<map.channels {
          let range = channel * positions..<(channel + 1) * positions
          let values = map.values[range]
          #expect(
            mismatch([sums.sums[image, channel]], [values.reduce(0, +)], within: 3e-6, floor: 5) == nil, "\(name)")
          guard isNormalized else { continue }
          let product = zip(values, setup.input.maps[image].values[range]).reduce(0) {
            $0 + $1.0 * ($1.1 - setup.mean[channel]) * setup.inverse[channel]
          }
          #expect(mismatch([sums.products[image, channel]], [product], within: 3e-6, floor: 5) == nil, "\(name)")
        }
      }
    }
  }

  /// PyTorch's rule; whole images of one gray are full of ties.
  @Test("of equal largest values the first, row by row, has the gradient", arguments: [(2, 2), (3, 2), (3, 1)])
  func ties(size: Int, stride: Int) {
    let layout = MapLayout(channels: 17, height: 7, width: 6)
    let window = ReferenceWindow(size: size, stride: stride)
    var map = ReferenceMap(channels: 17, height: 7, width: 6)
    // Channels of one value, of two values in stripes, and of nothing above zero.
    for channel in 0..<17 {
      for y in 0..<7 {
        for x in 0..<6 { map[channel, y, x] = [0.5, [0.25, 0.75][(x + channel) % 2], -1, 0][channel % 4] }
      }
    }
    let output = MapLayout(channels: 17, height: window.positions(7), width: window.positions(6))
    let outputGradient = TestMaps(1, output, seed: 5)
    let pooled = Pooled(kind: .maximum, window: window)
    for rectifies in [true, false] {
      let activation = ChannelActivation(rectifies ? .relu : .identity, pooling: pooled.channelPooling)
      var gradient = Matrix(rows: 1, columns: layout.count)
      var sums = ChannelSums(images: 1, channels: 17, isNormalized: false)
      let input = TestMaps([map], layout).matrix
      var pooledMaps = Matrix(rows: 1, columns: output.count)
      activation(input, layout, images: 1, nil, into: &pooledMaps, output)
      activation.backward(
        input, layout, images: 1, nil, output: pooledMaps, output, gradient: outputGradient.matrix, output,
        into: &gradient, layout, &sums, nil)
      let rectified = rectifies ? map.mapping { max($1, 0) } : map
      var expected = rectified.poolingGradient(outputGradient.maps[0], .maximum, window)
      if rectifies { for index in map.values.indices where map.values[index] <= 0 { expected.values[index] = 0 } }
      #expect(mismatch(gradient.values(layout, images: 1), expected.values, within: 1e-6) == nil)
    }
  }
}
