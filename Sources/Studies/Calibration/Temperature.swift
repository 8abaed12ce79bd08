import Matrices

/// The one number T by which logits are divided so that softmax(z / T) is as sure as it is right.
///
/// Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, §4.2, eq. 9. Above 1 the model
/// was too sure of itself, below 1 not sure enough; its answers stay the same. Fitted on images that the model did not
/// learn from, and measured on others.
public enum Temperature {
  /// Where T is looked for. Logits that ask for a T beyond an end get that end: where they say the opposite of the labels,
  /// the most uncertain T is the best.
  public static let range = 0.05...20.0

  /// The T that minimises the cross-entropy with targets that leave room for one unseen image, spread evenly over the classes:
  /// with m images and K classes (m + 1/K) / (m + 1) for an image's own class and 1/K / (m + 1) for each other (Perks, Journal
  /// of the Institute of Actuaries 73, 1947).
  ///
  /// The labels themselves would ask for T = 0 of a few images that are all answered rightly. With many images the targets are
  /// the labels; with few of a model that is mostly right T comes out too high: ten classes, 91 % right and T = 2 in truth give
  /// in the median 4.0 of 50 images, 2.6 of 200, 2.2 of 1,000 and 2.0 of 5,000. An unseen image per class (Platt, 1999) would
  /// give 10.7 of 50 and 5.7 of 200.
  ///
  /// - Parameters:
  ///   - logits: [images × classes]. Rows that are not finite say nothing and are left out.
  ///   - labels: The true class of each image.
  /// - Returns: T to 10 digits, in ``range``; 1 where the images say nothing: none, a single class, or equal logits.
  /// - Complexity: O(images × classes), about ten times.
  public static func fitted(logits: Matrix, labels: [Int]) -> Double {
    guard let entropy = InverseTemperatureEntropy(logits, labels: labels) else { return 1 }
    let beta = entropy.minimum(in: 1 / range.upperBound...1 / range.lowerBound)
    return min(max(1 / beta, range.lowerBound), range.upperBound)
  }
}
