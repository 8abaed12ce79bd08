import Training

/// A method against its control, on the same test images and over the same seeds.
///
/// Two things could have come out otherwise: the seed, which draws the labelled images and the weights, and the test
/// images. Each has its interval and neither is mistaken for the other: seeds are never pooled into one McNemar test,
/// which would count every image several times.
public struct MethodComparison: Sendable, Hashable {
  /// The images of the test set.
  public let images: Int
  /// Accuracies in percent, one per seed.
  public let accuracy: Sample
  public let control: Sample
  /// Accuracy minus the control's, seed by seed, in points.
  public let gain: Sample
  /// The mean gain over all possible seeds, on these images, in points; nil for one seed.
  public let overSeeds: Interval?
  /// The gain of these seeds' average on all possible test images, in points.
  public let overImages: Interval
  /// Per seed, the method first.
  public let tests: [McNemar]
  /// That seeds alone make such a mean gain: Student's paired t-test. With one seed that images alone do: its McNemar
  /// test.
  public let pValue: Double

  /// - Parameters:
  ///   - answers: Of the method: one list per seed, one class index per test image.
  ///   - control: Of the control, in the same order of seeds and images.
  ///   - labels: The true class index of each image.
  public init(answers: [[UInt8]], control: [[UInt8]], labels: [UInt8]) {
    precondition(!answers.isEmpty && answers.count == control.count, "one list per seed of both")
    precondition(!labels.isEmpty && (answers + control).allSatisfy { $0.count == labels.count }, "one answer per image")
    let percent = 100 / Double(labels.count)
    var right: (method: [Int], control: [Int]) = ([], [])
    var differences = [Int](repeating: 0, count: labels.count)
    var tests: [McNemar] = []
    for (method, control) in zip(answers, control) {
      var (both, methodOnly, controlOnly) = (0, 0, 0)
      for image in labels.indices {
        let isMethodRight = method[image] == labels[image]
        let isControlRight = control[image] == labels[image]
        if isMethodRight && isControlRight { both += 1 }
        if isMethodRight && !isControlRight {
          methodOnly += 1
          differences[image] += 1
        }
        if !isMethodRight && isControlRight {
          controlOnly += 1
          differences[image] -= 1
        }
      }
      right.method.append(both + methodOnly)
      right.control.append(both + controlOnly)
      tests.append(McNemar(firstOnly: methodOnly, secondOnly: controlOnly))
    }
    images = labels.count
    accuracy = Sample(right.method.map { Double($0) * percent })
    self.control = Sample(right.control.map { Double($0) * percent })
    // From whole images, so that equal counts are a gain of exactly zero and equal gains are exactly equal.
    gain = Sample(zip(right.method, right.control).map { Double($0 - $1) * percent })
    overSeeds = gain.meanInterval()
    let seeds = Double(answers.count)
    overImages = PairedBootstrap(differences: differences.map { 100 * Double($0) / seeds }).interval()
    self.tests = tests
    pValue = PairedTest(differences: gain).pValue ?? tests[0].pValue
  }

  public var seeds: Int { tests.count }

  /// In how many seeds the method is shown to be better, neither is, and the control is: each by its own McNemar test,
  /// p < 0.05.
  public var record: (wins: Int, ties: Int, losses: Int) {
    let shown = tests.filter { $0.pValue < 0.05 }
    let wins = shown.filter { $0.firstOnly > $0.secondOnly }.count
    return (wins, seeds - shown.count, shown.count - wins)
  }

  /// Whether the method is shown to help or to hurt; else a tie, which is not a proof that there is no difference.
  ///
  /// Two conditions, because two things could have come out otherwise. p over seeds, after Holm's correction for all
  /// comparisons of the table, must be below 0.05: other seeds would agree. The interval over images must exclude zero:
  /// other test images would agree. Either alone is not enough: ten seeds may agree perfectly about four images of a
  /// small test set, and one lucky seed may be better on every kind of image. Asking for both can only lower the number
  /// of false findings below the 5 % that Holm's correction promises. With one seed both are about images, and nothing
  /// is known of seeds.
  ///
  /// - Parameter adjustedP: ``pValue`` after Holm's correction.
  public func verdict(adjustedP: Double) -> TransferVerdict.Outcome {
    guard adjustedP < 0.05, !overImages.contains(0) else { return .tie }
    return gain.mean > 0 ? .helps : .hurts
  }
}
