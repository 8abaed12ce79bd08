import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining

/// A finished run as it is compared with another: its settings and its answers.
package struct ComparedRun: Sendable {
  /// The run's id or path.
  package let name: String
  /// The settings, with everything that decided the run.
  package let settings: JSON.Object
  /// SHA-256 of the test images and labels.
  package let testDigest: String
  /// The run's answer for each test image, a class of the data set.
  package let answers: [Int]

  package init(name: String, settings: JSON.Object, testDigest: String, answers: [Int]) {
    self.name = name
    self.settings = settings
    self.testDigest = testDigest
    self.answers = answers
  }

  package init(_ record: TrialRecord) {
    var settings = record.trial.identity
    settings["kind"] = .string(record.trial.kind.rawValue)
    settings["share"] = .string(record.trial.share.description)
    self.init(
      name: String(record.id.prefix(12)), settings: settings, testDigest: record.trial.testDigest,
      answers: record.outcome.answers)
  }
}

/// A comparison of two runs on the same test images.
package struct RunComparison: Sendable {
  /// A setting that the two do not share.
  package struct Difference: Sendable, Hashable {
    /// The setting's name: `settings.learning_rate`.
    package let key: String
    /// The first run's value; nil if it has none.
    package let first: String?
    /// The second run's value; nil if it has none.
    package let second: String?
  }

  /// An image that the two answer differently.
  package struct Flip: Sendable, Hashable {
    /// The place among the test images, from 0.
    package let image: Int
    /// The true class.
    package let label: Int
    /// The first run's answer.
    package let first: Int
    /// The second run's answer.
    package let second: Int

    /// Whether the first run is right.
    package var isFirstRight: Bool { first == label }
    /// Whether the second run is right.
    package var isSecondRight: Bool { second == label }
  }

  /// The first run.
  package let first: ComparedRun
  /// The second run.
  package let second: ComparedRun
  /// The data set's class names.
  package let classNames: [String]
  /// Test images.
  package let images: Int
  /// Right answers of the first run.
  package let firstCorrect: Int
  /// Right answers of the second run.
  package let secondCorrect: Int
  /// McNemar's exact test of the two runs.
  package let test: McNemar
  /// The 95 % interval of second minus first over all possible test images, in points.
  package let gainOverImages: Interval
  /// The settings in which the two differ.
  package let differences: [Difference]
  /// The images that the two answer differently, in the order of the images.
  package let flips: [Flip]
  /// The similarities of the hidden layers of two checkpoints; nil for runs whose models are not at hand.
  package var layers: LayerSimilarities?

  /// Compares two runs image by image.
  ///
  /// - Throws: If the two were not measured on the same test images, or lack an answer for one of them.
  package init(_ first: ComparedRun, _ second: ComparedRun, on testSet: TestSet) throws(GraftFailure) {
    guard first.testDigest == second.testDigest, first.testDigest == testSet.digest else {
      throw GraftFailure(.usage, "\(first.name) and \(second.name) were not measured on the same test images")
    }
    let labels = testSet.labels
    guard first.answers.count == labels.count, second.answers.count == labels.count, !labels.isEmpty else {
      throw GraftFailure(
        .badData, "\(first.name) or \(second.name) has no answer for each of the \(labels.count) test images")
    }
    self.first = first
    self.second = second
    classNames = testSet.classNames
    images = labels.count
    firstCorrect = labels.indices.count { first.answers[$0] == labels[$0] }
    secondCorrect = labels.indices.count { second.answers[$0] == labels[$0] }
    test = McNemar(
      labels: labels, first: first.answers, second: second.answers)
    gainOverImages = PairedBootstrap(
      differences: labels.indices.map { image in
        100 * Double((second.answers[image] == labels[image] ? 1 : 0) - (first.answers[image] == labels[image] ? 1 : 0))
      }
    ).interval()
    differences = RunComparison.differences(JSON.object(first.settings).leaves, JSON.object(second.settings).leaves)
    flips = labels.indices.filter { first.answers[$0] != second.answers[$0] }.map {
      Flip(image: $0, label: labels[$0], first: first.answers[$0], second: second.answers[$0])
    }
  }

  /// The first run's accuracy in percent.
  package var firstAccuracy: Tally { Tally(correct: firstCorrect, images: images) }
  /// The second run's accuracy in percent.
  package var secondAccuracy: Tally { Tally(correct: secondCorrect, images: images) }

  /// The finding in a sentence.
  package var words: String {
    let gain =
      "\(signed(secondAccuracy.percent - firstAccuracy.percent)) points, 95 % over images \(signed(gainOverImages.low)) to \(signed(gainOverImages.high))"
    let counts =
      "exact McNemar \(probability(test.pValue)): \(grouped(test.firstOnly)) images only the first gets right, "
      + "\(grouped(test.secondOnly)) only the second"
    guard test.pValue < 0.05 else { return "no difference that these images could show (\(gain); \(counts))" }
    return "the \(test.secondOnly > test.firstOnly ? "second" : "first") is better (\(gain); \(counts))"
  }

  private static func differences(
    _ first: [(key: String, value: String)], _ second: [(key: String, value: String)]
  ) -> [Difference] {
    func value(_ key: String, _ list: [(key: String, value: String)]) -> String? { list.first { $0.key == key }?.value }
    let keys = first.map(\.key) + second.map(\.key).filter { key in !first.contains { $0.key == key } }
    return keys.compactMap { key in
      let pair = (value(key, first), value(key, second))
      return pair.0 == pair.1 ? nil : Difference(key: key, first: pair.0, second: pair.1)
    }
  }
}
