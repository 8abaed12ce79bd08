import GraftMatrices

/// The position of a target's classes in a source's features F, [images × units] with n rows: the squared singular
/// values of F, and the part of each class' indicator y (1 for its images, else 0) along each left singular vector u.
///
/// LogME and the H-score are sums over these. They come from the smaller of FᵀF and FFᵀ, without any singular vector:
/// with FFᵀ = U Λ Uᵀ the parts are Uᵀy, with FᵀF = V Λ Vᵀ they are Λ^(-1/2) VᵀFᵀy.
struct LabelSpectrum {
  /// The squared singular values that are not zero, falling.
  let values: [Double]
  /// (uᵀy)² for each class that has images and each of `values`.
  let parts: [[Double]]

  /// The share of the largest squared singular value below which the others count as zero. Features are Floats, whose
  /// own rounding is some 10⁻¹⁵ of it, and products of 30,000 images are rounded to 10⁻¹².
  private static let smallest = 1e-12

  /// Takes the spectrum of FᵀF.
  ///
  /// - Parameter columnSums: Fᵀy for each class.
  init(columnProducts products: SymmetricMatrix, columnSums: [[Double]]) {
    let spectrum = SymmetricSpectrum(products, rightHandSides: columnSums)
    values = LabelSpectrum.positive(spectrum.values)
    parts = spectrum.projections.map { [values] side in zip(side, values).map { $0 * $0 / $1 } }
  }

  /// Takes the spectrum of FFᵀ.
  ///
  /// - Parameter indicators: y for each class.
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
