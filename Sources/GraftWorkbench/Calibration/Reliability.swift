/// The reliability of a model's confidence: counts in bins of the confidence of its answer, the largest probability.
///
/// Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, §2. Counts of several models
/// or of parts of a data set add up, and a reliability diagram draws them.
package struct Reliability: Sendable, Hashable {
  /// The images whose answer has a confidence in one fifteenth of 0 to 1.
  package struct Bin: Sendable, Hashable {
    /// The number of images.
    package let images: Int
    /// The sum of their confidences.
    package let confidence: Double
    /// Right answers among them.
    package let correct: Int

    /// Creates a bin.
    package init(images: Int = 0, confidence: Double = 0, correct: Int = 0) {
      precondition(correct >= 0 && correct <= images)
      self.images = images
      self.confidence = confidence
      self.correct = correct
    }

    /// The share of right answers, 0 to 1; nil for no images.
    package var correctShare: Double? { images == 0 ? nil : Double(correct) / Double(images) }
    /// The mean confidence, 0 to 1; nil for no images.
    package var meanConfidence: Double? { images == 0 ? nil : confidence / Double(images) }
  }

  /// The number of bins, as in the paper's experiments.
  package static let binCount = 15

  /// The bin of a confidence. A bin holds its upper end and not its lower one, as the paper's ((m - 1)/M, m/M] do.
  package static func bin(of confidence: Double) -> Int {
    min(max(Int((confidence * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
  }

  /// The bins from the least confident to the surest.
  package let bins: [Bin]
  /// The sum of the images' negative log likelihoods, -log p[label].
  package let totalLoss: Double

  /// Creates the counts.
  package init(bins: [Bin], totalLoss: Double) {
    precondition(bins.count == Self.binCount)
    self.bins = bins
    self.totalLoss = totalLoss
  }

  /// Creates the counts of no images.
  package init() { self.init(bins: Array(repeating: Bin(), count: Self.binCount), totalLoss: 0) }

  /// The number of images.
  package var images: Int { bins.reduce(0) { $0 + $1.images } }
  /// Right answers.
  package var correct: Int { bins.reduce(0) { $0 + $1.correct } }

  /// The share of right answers, 0 to 1; 0 for no images, as the other means are.
  package var correctShare: Double { mean(Double(correct)) }
  /// The mean confidence, 0 to 1.
  package var meanConfidence: Double { mean(bins.reduce(0) { $0 + $1.confidence }) }
  /// The mean negative log likelihood (eq. 6 is its sum).
  package var meanLoss: Double { mean(totalLoss) }

  /// The expected calibration error: by how much accuracy and confidence differ on average over the images, bin by bin,
  /// 0 to 1 (eq. 3); 0 for no images.
  package var expectedCalibrationError: Double { mean(bins.reduce(0) { $0 + abs(Double($1.correct) - $1.confidence) }) }

  /// The same difference in the worst bin, 0 to 1, however few images it has (eq. 5).
  package var maximumCalibrationError: Double {
    bins.reduce(0) { max($0, abs(Double($1.correct) - $1.confidence) / Double(max($1.images, 1))) }
  }

  private func mean(_ sum: Double) -> Double { sum / Double(max(images, 1)) }

  /// Adds the images of both.
  package static func + (first: Reliability, second: Reliability) -> Reliability {
    let bins = zip(first.bins, second.bins).map {
      Bin(images: $0.images + $1.images, confidence: $0.confidence + $1.confidence, correct: $0.correct + $1.correct)
    }
    return Reliability(bins: bins, totalLoss: first.totalLoss + second.totalLoss)
  }
}
