import GraftKernelCalls

/// Mean and 1 / standard deviation of each channel over a batch.
package struct ChannelMoments: Sendable {
  package var mean: AlignedFloats
  package var inverseDeviation: AlignedFloats
  /// Variance of the batch for the running statistics: the sum of squared distances over one less than their number.
  package var unbiasedVariance: AlignedFloats
  private var means: Matrix
  private var squares: Matrix

  package init(images: Int, channels: Int) {
    mean = AlignedFloats(zeros: channels)
    inverseDeviation = AlignedFloats(zeros: channels)
    unbiasedVariance = AlignedFloats(zeros: channels)
    means = Matrix(rows: images, columns: channels)
    squares = Matrix(rows: images, columns: channels)
  }

  /// Measures the feature maps of the first `images` rows. Images are combined in Double, in their order (Chan, Golub and
  /// LeVeque, "Algorithms for computing the sample variance", The American Statistician 37, 1983, equation 2.1), so the bits do
  /// not depend on threads.
  ///
  /// - Parameter epsilon: Added to the variance.
  package mutating func measure(
    _ input: Matrix, _ layout: MapLayout, images: Int, epsilon: Double, team: Team = .alone
  ) {
    precondition(images > 0 && images <= input.rows && images <= means.rows && input.stride >= layout.count)
    precondition(layout.pitch <= means.stride)
    input.withRows { input in
      means.withWritableRows { means in
        squares.withWritableRows { squares in
          team(.moments(MomentsCall(images: images, Maps(input, layout), means: means, squares: squares)))
        }
      }
    }
    let positions = Double(layout.height * layout.width)
    let count = positions * Double(images)
    for channel in 0..<layout.channels {
      var total = 0.0
      for image in 0..<images { total += Double(means[image, channel]) }
      let average = total / Double(images)
      var sum = 0.0
      for image in 0..<images {
        let distance = Double(means[image, channel]) - average
        sum += Double(squares[image, channel]) + positions * distance * distance
      }
      mean[channel] = Float(average)
      inverseDeviation[channel] = Float(1 / (sum / count + epsilon).squareRoot())
      unbiasedVariance[channel] = Float(sum / max(count - 1, 1))
    }
  }
}
