import GraftMatrices

/// Features ready to be compared with many others: centred, and with their own norm.
///
/// A linear CKA needs nothing but the inner products of images, XXᵀ, or the inner products of units, XᵀX, whichever are
/// fewer: with both kinds ‖YᵀX‖²_F = ⟨XXᵀ, YYᵀ⟩_F (Kornblith et al., ICML 2019, eq. 1).
package struct CenteredFeatures: Sendable {
  private enum Side: Sendable {
    /// [images × units], if there are at least as many images.
    case features(Matrix)
    /// XXᵀ, [images × images].
    case products(AlignedFloats)
  }

  /// The number of images.
  package let images: Int
  private let side: Side
  /// ‖XᵀX‖²_F of the features as scaled here.
  private let squaredNorm: Double

  /// Centres features.
  ///
  /// - Parameter features: [images × units].
  /// - Complexity: images × units × the smaller of the two, in `Float`.
  package init(_ features: Matrix) {
    images = features.rows
    let isWide = features.columns > features.rows
    let centered = Self.centered(features, transposed: isWide)
    if isWide {
      let products = centered.transposedProduct(with: centered)
      side = .products(products)
      squaredNorm = Self.innerProduct(products, products)
    } else {
      side = .features(centered)
      squaredNorm = Self.squaredNorm(of: centered, centered)
    }
  }

  /// Whether something about the features differs from image to image; false if they are not finite.
  package var vary: Bool { squaredNorm > 0 && squaredNorm.isFinite }

  /// Linear CKA with the features that another network has of the same images, from 0 to 1; nil if either does not
  /// vary.
  package func similarity(to other: CenteredFeatures) -> Double? {
    precondition(images == other.images, "\(images) and \(other.images) images")
    guard vary && other.vary else { return nil }
    let shared =
      switch (side, other.side) {
      case (.features(let x), .features(let y)): Self.squaredNorm(of: x, y)
      case (.products(let x), .products(let y)): Self.innerProduct(x, y)
      case (.features(let x), .products(let y)): Self.innerProduct(Self.products(of: x), y)
      case (.products(let x), .features(let y)): Self.innerProduct(x, Self.products(of: y))
      }
    // The root of the product, not the product of roots: a matrix with itself is then 1 to the last bit.
    // Below 0 only by the rounding of inner products.
    return max(0, min(1, shared / (squaredNorm * other.squaredNorm).squareRoot()))
  }

  /// Centres the columns, in `Double` until they are rounded once. A power of two brings the largest element to 1 to 2:
  /// CKA does not see it, and without it large features would overflow in the fourth power.
  private static func centered(_ features: Matrix, transposed: Bool) -> Matrix {
    let (rows, columns) = (features.rows, features.columns)
    var means = [Double](repeating: 0, count: columns)
    for row in 0..<rows { for column in 0..<columns { means[column] += Double(features[row, column]) } }
    for column in 0..<columns { means[column] /= Double(rows) }
    var largest = 0.0
    for row in 0..<rows {
      for column in 0..<columns { largest = max(largest, abs(Double(features[row, column]) - means[column])) }
    }
    let scale = largest > 0 && largest.isFinite ? Double(sign: .plus, exponent: -largest.exponent, significand: 1) : 1
    var result = transposed ? Matrix(rows: columns, columns: rows) : Matrix(rows: rows, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let value = Float((Double(features[row, column]) - means[column]) * scale)
        if transposed { result[column, row] = value } else { result[row, column] = value }
      }
    }
    return result
  }

  private static func products(of features: Matrix) -> AlignedFloats {
    var transposed = Matrix(rows: features.columns, columns: features.rows)
    for row in 0..<features.rows {
      for column in 0..<features.columns { transposed[column, row] = features[row, column] }
    }
    return transposed.transposedProduct(with: transposed)
  }

  private static func squaredNorm(of x: Matrix, _ y: Matrix) -> Double {
    let product = x.transposedProduct(with: y)
    return innerProduct(product, product)
  }

  private static func innerProduct(_ x: AlignedFloats, _ y: AlignedFloats) -> Double {
    var sum = 0.0
    for index in 0..<x.count { sum += Double(x[index]) * Double(y[index]) }
    return sum
  }
}
