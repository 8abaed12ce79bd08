import GraftFiles
import GraftStatistics

/// Right answers among all answers.
public struct Tally: Sendable, Hashable, CustomStringConvertible {
  /// Number of right answers.
  public let correct: Int
  /// Number of all answers.
  public let images: Int

  /// A tally of `correct` right answers for `images` images.
  package init(correct: Int, images: Int) {
    precondition(0 <= correct && correct <= images)
    self.correct = correct
    self.images = images
  }

  /// Right answers of a hundred; 0 if there are no images. Rounded once: 99.73, and not a hundred times a share, 99.72999999999999.
  public var percent: Double { 100 * Double(correct) / Double(max(images, 1)) }

  /// The 95 % interval over test images, in percent.
  ///
  /// - SeeAlso: `Interval.wilson(successes:trials:)`
  public var percentInterval: Interval {
    let share = Interval.wilson(successes: correct, trials: images)
    return Interval(low: 100 * share.low, high: 100 * share.high)
  }

  /// The tally as text, such as `98.56 % (98.20 to 98.86), 4,926 images`.
  public var description: String {
    let range = percentInterval
    return
      "\(GraftFiles.percent(percent)) % (\(GraftFiles.percent(range.low)) to \(GraftFiles.percent(range.high))), \(grouped(images)) images"
  }
}
