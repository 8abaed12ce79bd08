import Foundation

extension LabelledFeatures {
  /// The mean over the classes of the largest log evidence per image (You et al., "LogME: practical assessment of pre-trained
  /// models for transfer learning", ICML 2021, algorithm 1). Classes without images are left out.
  ///
  /// Labels are 1 for a class' images and 0 for others; weights and noise are normal with precisions α and β.
  var logME: Double {
    let evidences = zip(counts, raw.parts).map { count, parts in
      Evidence(values: raw.values, parts: parts, images: images, square: Double(count)).atItsLargest
    }
    return evidences.reduce(0, +) / Double(evidences.count) / Double(images)
  }
}

/// The evidence of a linear model for one class' indicator y: log p(y | F, α, β) in terms of the squared singular values λ of
/// F and the parts s = (uᵀy)² (equation 2 of the paper, with its m and A in the basis of singular vectors).
private struct Evidence {
  let values: [Double]
  let parts: [Double]
  let images: Int
  /// The squared length ‖y‖².
  let square: Double

  /// The largest β: the noise of the labels, which are 0 and 1, has a standard deviation of at least 10⁻⁴.
  ///
  /// If features can fit the labels exactly, β may grow without bound. With as many independent features as images the
  /// evidence tends to a limit meanwhile, log N(y | 0, FFᵀ/α); with fewer (features that are the classes themselves) it
  /// grows like (n - rank)/2 · log β and has no maximum. The bound gives both a value, and keeps it from hanging on
  /// singular values that are nothing but rounding.
  private static let largestBeta = 1e8
  /// The largest α in units of βλ₁. If features carry nothing, α grows without bound and the evidence tends to the
  /// evidence of noise alone; here it is there within rounding.
  private static let largestAlpha = 1e12
  private static let mostRounds = 1000
  private static let tolerance = 1e-10

  /// The part of ‖y‖² that is left whatever the weights; zero if the difference is nothing but rounding, which a large
  /// β would multiply.
  private var unreachable: Double {
    let rest = square - parts.reduce(0, +)
    return values.count < images && rest > 1e-13 * square ? rest : 0
  }

  /// The terms γ, n - γ, ‖m‖² and ‖Fm - y‖² at α/β.
  private func terms(_ ratio: Double) -> (gamma: Double, free: Double, weights: Double, residual: Double) {
    var gamma = 0.0
    var residual = unreachable
    // Not n - γ: that would cancel if all images are fitted.
    var free = Double(images - values.count)
    var weights = 0.0
    for (value, part) in zip(values, parts) {
      let sum = value + ratio
      let kept = ratio / sum
      gamma += value / sum
      free += kept
      weights += value / sum * part / sum
      residual += part * kept * kept
    }
    return (gamma, free, weights, residual)
  }

  /// The largest log evidence, by iteration from α = β = 1: α ← γ/‖m‖², β ← (n - γ)/‖Fm - y‖², until neither changes by
  /// more than 10⁻¹⁰ of itself, at most 1000 times. The evidence is flat there, so it is known far better than α and β.
  var atItsLargest: Double {
    let n = Double(images)
    guard let largest = values.first else {
      let beta = min(n / square, Evidence.largestBeta)
      return (n * log(beta / (2 * .pi)) - beta * square) / 2
    }
    var (alpha, beta) = (1.0, 1.0)
    for _ in 0..<Evidence.mostRounds {
      let (gamma, free, weights, residual) = terms(alpha / beta)
      let newBeta = min(free / residual, Evidence.largestBeta)
      let newAlpha = min(gamma / weights, Evidence.largestAlpha * newBeta * largest)
      let isSettled =
        abs(newAlpha - alpha) < Evidence.tolerance * alpha && abs(newBeta - beta) < Evidence.tolerance * beta
      (alpha, beta) = (newAlpha, newBeta)
      if isSettled { break }
    }
    let (_, _, weights, residual) = terms(alpha / beta)
    // log |A| less d log α: directions without features cancel.
    let determinant = values.reduce(0) { $0 + log1p(beta * $1 / alpha) }
    return (n * log(beta / (2 * .pi)) - determinant - beta * residual - alpha * weights) / 2
  }
}
