/// A comparison of a method with another, mostly its control, on the same test images and over the same seeds.
///
/// The seed draws the labelled images and the weights, and the test images were drawn as well: either could have come out
/// otherwise. Seeds are never pooled into one McNemar test, which would count every image several times.
public struct MethodComparison: Sendable, Hashable {
  /// The number of test images.
  package let images: Int
  /// The method's accuracies in percent, one per seed.
  public let accuracy: Sample
  /// The control's accuracies in percent, one per seed.
  package let control: Sample
  /// Accuracy minus the control's, seed by seed, in points.
  public let gain: Sample
  /// The test of the mean gain over seeds and test images; nil for one seed.
  package let test: GainTest?
  /// The tests of the two models of each seed, the method first.
  package let tests: [McNemar]
  /// The one 95 % interval of the mean gain, in points: over all seeds and test images,
  /// `GainTest.interval(confidence:)`. With one seed it is the bootstrap's over test images, and is about these two
  /// models.
  public let interval: Interval

  /// Compares a method's answers with its control's.
  ///
  /// - Parameters:
  ///   - answers: The method's answers: one list per seed, one class index per test image.
  ///   - control: The control's answers, in the same order of seeds and images.
  ///   - labels: The true class index of each image.
  public init(answers: [[Int]], control: [[Int]], labels: [Int]) {
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
    self.tests = tests
    let perImage = Sample(differences.map { 100 * Double($0) / Double(answers.count) })
    let deviation = perImage.deviation ?? 0
    test = GainTest(gain: gain, imageVariance: deviation * deviation / Double(labels.count), images: labels.count)
    interval = test?.interval() ?? PairedBootstrap(differences: perImage.values).interval()
  }

  /// The number of seeds.
  package var seeds: Int { tests.count }

  /// The p-value of the gain: `GainTest.pValue`, or with one seed the exact McNemar test of the two models.
  public var pValue: Double { test?.pValue ?? tests[0].pValue }

  /// Seeds in which the method has more right answers than the control.
  package var seedsBetter: Int { gain.values.count { $0 > 0 } }
  /// Seeds in which the method has fewer right answers than the control.
  package var seedsWorse: Int { gain.values.count { $0 < 0 } }
}
