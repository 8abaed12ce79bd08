import Foundation
import GraftMatrices

/// The number T by which logits are divided so that softmax(z / T) is as sure as it is right.
///
/// Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, §4.2, eq. 9. Above 1 the model
/// was too sure of itself, below 1 not sure enough; its answers stay the same. Fitted on images that the model did not
/// learn from, and measured on others.
package enum Temperature {
  /// The range of the search for T. Logits that ask for a T beyond an end get that end.
  package static let range = 0.05...20.0

  /// Standard deviation of log T from its expected value: T is between 0.4 and 2.7 times the expected one in 95 of 100 cases.
  ///
  /// Without an expectation a few images that are all answered rightly are likeliest at T = 0. Simulated with 5 and 10 classes,
  /// 80 to 91 % right, a true T of 1 and 2, and 25 to 1,000 images, deviations of 0.5, 1 and 2, smoothed targets with an unseen
  /// image in all, and one per class (Platt, 1999): 0.5 has the smallest loss on other images, or within 0.006 of it, everywhere.
  /// Smoothed targets give too high a T for a model that is mostly right (91 % and T = 2: 4.0 with 50 images, 2.7 with 200; here
  /// 1.6 and 2.0).
  package static let deviation = 0.5

  /// The most probable T, if log T is expected to be normal about log `expected` with `deviation`.
  ///
  /// - Parameters:
  ///   - logits: The logits, [images × classes]. Rows that are not finite are left out.
  ///   - labels: The true class of each image.
  ///   - expected: The temperature expected without the images; 1 if nothing is known.
  /// - Returns: T to 10 digits, in `range`; `expected` if the images say nothing (none, a single class, or equal logits).
  /// - Complexity: O(images × classes), about forty times.
  package static func fitted(logits: Matrix, labels: [Int], expected: Double = 1) -> Double {
    let posterior = TemperaturePosterior(logits, labels: labels, expected: expected, deviation: deviation)
    guard let posterior else { return expected }
    let ends = log(range.lowerBound)...log(range.upperBound)
    let found = posterior.minimum(in: ends)
    // exp(log 20) need not be 20.
    if found <= ends.lowerBound { return range.lowerBound }
    if found >= ends.upperBound { return range.upperBound }
    return min(max(exp(found), range.lowerBound), range.upperBound)
  }
}

extension Temperature {
  /// The geometric mean, because temperatures are ratios; nil if one of them, or all, are missing.
  package static func mean(_ temperatures: [Double?]) -> Double? {
    let known = temperatures.compactMap { $0 }
    guard !known.isEmpty, known.count == temperatures.count else { return nil }
    return exp(known.reduce(0) { $0 + log($1) } / Double(known.count))
  }
}
