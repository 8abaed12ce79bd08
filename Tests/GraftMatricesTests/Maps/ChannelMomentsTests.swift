import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct ChannelMomentsTests {
  /// Mean, variance and unbiased variance of a channel over all maps.
  private func moments(_ maps: [ReferenceMap], _ channel: Int) -> (mean: Double, variance: Double, unbiased: Double) {
    let positions = maps[0].height * maps[0].width
    let values = maps.flatMap { $0.values[channel * positions..<(channel + 1) * positions] }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count), squares / Double(max(values.count - 1, 1)))
  }

  @Test("mean and deviation of each channel are those of all positions of all images", arguments: MapSizes.channels)
  func measure(channels: Int) {
    for shape in MapSizes.shapes + [MapSizes.Shape(height: 1, width: 1)] {
      for images in [1, 2, 5] where images * shape.height * shape.width > 1 {
        let maps = TestMaps(images, MapLayout(channels: channels, height: shape.height, width: shape.width), seed: 1)
        var found = ChannelMoments(images: 5, channels: channels)
        found.measure(maps.matrix, maps.layout, images: images, epsilon: 1e-5)
        for channel in 0..<channels {
          let expected = moments(maps.maps, channel)
          #expect(mismatch([found.mean[channel]], [expected.mean], within: 3e-7) == nil)
          #expect(mismatch([found.unbiasedVariance[channel]], [expected.unbiased], within: 5e-7) == nil)
          let inverse = 1 / (expected.variance + 1e-5).squareRoot()
          #expect(mismatch([found.inverseDeviation[channel]], [inverse], within: 5e-7) == nil)
        }
      }
    }
  }

  /// A sum of squares minus the square of the sum would have lost it.
  @Test("a small deviation beside a large mean keeps its digits")
  func largeMean() {
    let layout = MapLayout(channels: 3, height: 6, width: 6)
    let noise = TestMaps(4, layout, seed: 2).maps
    let maps = noise.map { $0.mapping { Double(Float(1000 * Double($0 + 1) + $1 / 16)) } }
    var found = ChannelMoments(images: 4, channels: 3)
    found.measure(TestMaps(maps, layout).matrix, layout, images: 4, epsilon: 1e-5)
    for channel in 0..<3 {
      let expected = moments(maps, channel)
      #expect(mismatch([found.mean[channel] / 1000], [expected.mean / 1000], within: 3e-7) == nil)
      #expect(
        mismatch([found.unbiasedVariance[channel]], [expected.unbiased], within: 1e-3, floor: expected.unbiased) == nil)
    }
  }

  @Test("of one number the deviation is none, and nothing is divided by zero")
  func oneNumber() {
    let maps = TestMaps(1, MapLayout(channels: 5, height: 1, width: 1), seed: 3)
    var found = ChannelMoments(images: 1, channels: 5)
    found.measure(maps.matrix, maps.layout, images: 1, epsilon: 1e-5)
    for channel in 0..<5 {
      #expect(found.mean[channel] == Float(maps.maps[0].values[channel]))
      #expect(found.unbiasedVariance[channel] == 0)
      #expect(mismatch([found.inverseDeviation[channel] / 316], [1 / 1e-5.squareRoot() / 316], within: 1e-6) == nil)
    }
  }

  @Test("the way back: gradient · a + input · b + c, channel by channel", arguments: MapSizes.channels)
  func factors(channels: Int) {
    let input = TestMaps(3, MapLayout(channels: channels, height: 5, width: 4), seed: 4)
    let gradient = TestMaps(
      3, MapLayout(channels: channels, height: 5, width: 4, border: 2, spacing: 3, trailing: 4), seed: 5)
    let numbers = randomMatrix(3, channels, seed: 6)
    var factors = ChannelFactors(channels: channels)
    for channel in 0..<channels {
      (factors.a[channel], factors.b[channel], factors.c[channel]) = (
        numbers[0][channel], numbers[1][channel], numbers[2][channel]
      )
    }
    var found = gradient.matrix
    factors(input.matrix, input.layout, images: 3, on: &found, gradient.layout)
    let expected = zip(input.maps, gradient.maps).flatMap { input, gradient in
      gradient.values.indices.map { index in
        let channel = index / 20
        return gradient.values[index] * Double(numbers[0][channel]) + input.values[index] * Double(numbers[1][channel])
          + Double(numbers[2][channel])
      }
    }
    #expect(mismatch(found.values(gradient.layout, images: 3), expected, within: 5e-7) == nil)
    #expect(found.around(gradient.layout, images: 3).allSatisfy { $0 == 0 })
  }
}
