import GraftMatrices

/// How a target's classes lie in a source's features F, [images × units] with n rows: the squared singular values of F, and
/// how much of each class' indicator y (1 for its images, else 0) is along each left singular vector u.
///
/// LogME and the H-score are sums over these. They come from the smaller of FᵀF and FFᵀ, without any singular vector: with
/// FFᵀ = U Λ Uᵀ the parts are Uᵀy, with FᵀF = V Λ Vᵀ they are Λ^(-1/2) VᵀFᵀy.
struct LabelSpectrum {
  /// The squared singular values that are not zero, falling.
  let values: [Double]
  /// (uᵀy)² for each class that has images and each of ``values``.
  let parts: [[Double]]

  /// Squared singular values below this share of the largest count as zero. Features are Floats, whose own rounding is some
  /// 10⁻¹⁵ of it, and products of 30,000 images are rounded to 10⁻¹².
  private static let smallest = 1e-12

  /// - Parameter columnSums: Fᵀy for each class, where `products` is FᵀF.
  init(columnProducts products: SymmetricMatrix, columnSums: [[Double]]) {
    let spectrum = SymmetricSpectrum(products, rightHandSides: columnSums)
    values = LabelSpectrum.positive(spectrum.values)
    parts = spectrum.projections.map { [values] side in zip(side, values).map { $0 * $0 / $1 } }
  }

  /// - Parameter indicators: y for each class, where `products` is FFᵀ.
  init(rowProducts products: SymmetricMatrix, indicators: [[Double]]) {
    let spectrum = SymmetricSpectrum(products, rightHandSides: indicators)
    values = LabelSpectrum.positive(spectrum.values)
    parts = spectrum.projections.map { [values] side in zip(side, values).map { $0.0 * $0.0 } }
  }

  private static func positive(_ values: [Double]) -> [Double] {
    guard let largest = values.first, largest > 0 else { return [] }
    return Array(values.prefix { $0 > smallest * largest })
  }
}
