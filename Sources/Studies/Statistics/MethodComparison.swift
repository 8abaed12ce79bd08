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
  /// That seeds alone make such a mean gain on these images: Student's paired t-test; nil for one seed.
  public let pOverSeeds: Double?
  /// That seeds and images together make such a mean gain. With one seed that images alone do: its McNemar test.
  ///
  /// A t-test of the mean gain whose squared standard error is the sum of two, s²/S over S seeds and s²/N over N images, with
  /// Satterthwaite's degrees of freedom ("An approximate distribution of estimates of variance components", Biometrics
  /// Bulletin 2, 1946). The noise of single answers is in both, so p is rather too large than too small.
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
    let averaged = differences.map { 100 * Double($0) / seeds }
    overImages = PairedBootstrap(differences: averaged).interval()
    self.tests = tests
    pOverSeeds = PairedTest(differences: gain).pValue
    pValue = Self.probability(of: gain, overImages: Sample(averaged)) ?? tests[0].pValue
  }

  /// Nil for one seed.
  private static func probability(of gain: Sample, overImages: Sample) -> Double? {
    guard let seedDeviation = gain.deviation, let imageDeviation = overImages.deviation else { return nil }
    let overSeeds = seedDeviation * seedDeviation / Double(gain.count)
    let overImages = (square: imageDeviation * imageDeviation / Double(overImages.count), count: overImages.count)
    let square = overSeeds + overImages.square
    guard square > 0 else { return gain.mean == 0 ? 1 : 0 }
    let freedom =
      square * square
      / (overSeeds * overSeeds / Double(gain.count - 1) + overImages.square * overImages.square
        / Double(overImages.count - 1))
    return StudentT(degreesOfFreedom: freedom).twoSided(gain.mean / square.squareRoot())
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
  /// Two things could have come out otherwise, and ``pValue`` asks for both: other seeds would agree, and other test images
  /// would. Either alone is not enough: ten seeds may agree perfectly about four images of a small test set, and one lucky seed
  /// may be better on every kind of image.
  ///
  /// - Parameter adjustedP: ``pValue`` after Holm's correction.
  public func verdict(adjustedP: Double) -> TransferVerdict.Outcome {
    guard adjustedP < 0.05, gain.mean != 0 else { return .tie }
    return gain.mean > 0 ? .helps : .hurts
  }
}
