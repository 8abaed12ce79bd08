extension LabelledFeatures {
  /// The H-score with a shrunk covariance, tr(Σ_α⁻¹ (1 - α) Σ_z) (Ibrahim, Ponomareva and Mazumder, "Newer is not
  /// always better", 2021, equation 6, after Bao et al., ICIP 2019). Nil for one image.
  ///
  /// Σ is the features' covariance and Σ_z the covariance with each image's features replaced by its class' mean, both
  /// with divisor n. Σ_α = (1 - α) Σ + α σ I with σ = tr Σ / d and α as `shrinkage`. The authors' code divides Σ_z by
  /// n - 1, so its scores are n/(n - 1) times these. Features that are all the same score 0, as with a pseudo-inverse;
  /// so do all features whose covariance the images tell so little of that α is 1.
  var hScore: Double? {
    guard images > 1 else { return nil }
    let n = Double(images)
    let shrinkage = shrinkage
    let variance = centred.values.reduce(0, +) / n / Double(max(units, 1))
    // Class k's part of Σ_z is S Sᵀ / (n · images of k), S the sum of its centred features; along eigenvector v of
    // Σ, (vᵀS)² = λ s, λ being an eigenvalue of nΣ. If Σ has none, S has no part either.
    let sum = zip(counts, centred.parts).reduce(0) { sum, classPart in
      zip(centred.values, classPart.1).reduce(sum) {
        $0 + $1.0 / n * $1.1 / Double(classPart.0) / ((1 - shrinkage) * $1.0 / n + shrinkage * variance)
      }
    }
    return (1 - shrinkage) * sum
  }

  /// The shrinkage α = min(b², δ²) / δ²: δ² = ‖Σ - σI‖² is how far the covariance is from the shrunk-to one, and b² =
  /// 1/n² Σ ‖xxᵀ - Σ‖² how uncertain it is, both in squared Frobenius norms (Ledoit and Wolf, "A well-conditioned
  /// estimator for large-dimensional covariance matrices", 2004, lemmas 3.2-3.4; scikit-learn's `ledoit_wolf`).
  private var shrinkage: Double {
    let n = Double(images)
    let eigenvalues = centred.values.map { $0 / n }
    let variance = eigenvalues.reduce(0, +) / Double(max(units, 1))
    let distance =
      eigenvalues.reduce(0) { $0 + ($1 - variance) * ($1 - variance) }
      + Double(units - eigenvalues.count) * variance * variance
    let fourth = squaredLengths.reduce(0) { $0 + $1 * $1 } / n
    let uncertainty = max(0, fourth - eigenvalues.reduce(0) { $0 + $1 * $1 }) / n
    return uncertainty == 0 || distance == 0 ? 0 : min(uncertainty / distance, 1)
  }
}
