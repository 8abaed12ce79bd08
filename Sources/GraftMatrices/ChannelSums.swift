import GraftKernelCalls

/// Sums over the positions, for each image and channel, of a gradient and of its product with the normalised input.
package struct ChannelSums: Sendable {
  package var sums: Matrix
  /// Sums of the products, [images × channels]; empty if nothing is normalised.
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
