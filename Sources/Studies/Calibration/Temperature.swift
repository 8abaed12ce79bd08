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

  /// What keeps a few images, all answered rightly, from the T = 0 that makes them likeliest: images that were not seen,
  /// spread evenly over the classes, stand behind each one's target.
  public enum Prior: Sendable, Hashable, CaseIterable {
    /// One unseen image per class: with m images and K classes the target is (m + 1) / (m + K) for an image's own class
    /// and 1 / (m + K) for each other. Platt, "Probabilistic Outputs for Support Vector Machines", 1999, §2.2, for K
    /// classes instead of two.
    case imagePerClass
    /// One unseen image in all: (m + 1/K) / (m + 1), and 1/K / (m + 1). Perks, Journal of the Institute of Actuaries 73,
    /// 1947.
    case oneImage

    fileprivate func images(classes: Int) -> Double {
      switch self {
      case .imagePerClass: Double(classes)
      case .oneImage: 1
      }
    }
  }

  /// The T that minimises the cross-entropy with the prior's targets.
  ///
  /// It is above zero whatever the images, and with many images the targets are the labels. The price is a T that is too
  /// high for few images of a model that is mostly right: ten classes, 91 % right and T = 2 in truth give in the median
  ///
  /// | images | 50 | 200 | 1,000 | 5,000 |
  /// |---|---|---|---|---|
  /// | an image per class | 10.7 | 5.7 | 3.1 | 2.3 |
  /// | one image | 4.0 | 2.6 | 2.2 | 2.0 |
  ///
  /// - Parameters:
  ///   - logits: [images × classes]. Rows that are not finite say nothing and are left out.
  ///   - labels: The true class of each image.
  /// - Returns: T to 10 digits, in ``range``; 1 where the images say nothing: none, a single class, or equal logits.
  /// - Complexity: O(images × classes), about ten times.
  public static func fitted(logits: Matrix, labels: [Int], prior: Prior = .oneImage) -> Double {
    let unseen = prior.images(classes: logits.columns)
    guard let entropy = InverseTemperatureEntropy(logits, labels: labels, unseenImages: unseen) else { return 1 }
    let beta = entropy.minimum(in: 1 / range.upperBound...1 / range.lowerBound)
    return min(max(1 / beta, range.lowerBound), range.upperBound)
  }
}
