import GraftKernelCalls

/// For each image and channel the sum of a gradient over the positions, and of its product with the normalised input.
package struct ChannelSums: Sendable {
  package var sums: Matrix
  /// Empty where nothing is normalised.
  package var products: Matrix

  package init(images: Int, channels: Int, isNormalized: Bool) {
    sums = Matrix(rows: images, columns: channels)
    products = Matrix(rows: isNormalized ? images : 0, columns: channels)
  }

  mutating func withRows(
    _ moments: ChannelMoments?, _ body: (WritableRows, ActivationGradient.Normalized?) -> Void
  ) {
    guard let moments else { return sums.withWritableRows { body($0, nil) } }
    sums.withWritableRows { sums in
      products.withWritableRows { products in
        moments.mean.withFloats { mean in
          moments.inverseDeviation.withFloats { inverse in
            body(sums, ActivationGradient.Normalized(mean: mean, inverseDeviation: inverse, products: products))
          }
        }
      }
    }
  }
}
