import GraftData
import GraftFiles
import GraftTraining

/// A finished run as it is compared with another: what it was and what it answered.
public struct ComparedRun: Sendable {
  /// An id or a path.
  public let name: String
  /// Everything that decided it.
  package let settings: JSON.Object
  /// SHA-256 of the test images and labels.
  public let testDigest: String
  /// The class of the data set that it answered for each test image.
  public let answers: [UInt8]

  package init(name: String, settings: JSON.Object, testDigest: String, answers: [UInt8]) {
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

/// Two runs on the same test images.
public struct RunComparison: Sendable {
  /// A setting that the two do not share; nil where one of them has none.
  public struct Difference: Sendable, Hashable {
    /// `settings.learning_rate`.
    public let key: String
    public let first: String?
    public let second: String?
  }

  /// An image that the two answer differently.
  public struct Flip: Sendable, Hashable {
    /// Place among the test images, from 0.
    public let image: Int
    public let label: UInt8
    public let first: UInt8
    public let second: UInt8

    public var isFirstRight: Bool { first == label }
    public var isSecondRight: Bool { second == label }
  }

  public let first: ComparedRun
  public let second: ComparedRun
  public let classNames: [String]
  public let images: Int
  /// Right answers.
  public let firstCorrect: Int
  public let secondCorrect: Int
  public let test: McNemar
  /// Second minus first over all possible test images, in points, 95 %.
  public let gainOverImages: Interval
  public let differences: [Difference]
  /// In the order of the images.
  public let flips: [Flip]
  /// How alike the hidden layers of two checkpoints are; nil for runs whose models are not at hand.
  public var layers: LayerSimilarities?

  /// - Throws: Where the two were not measured on the same test images.
  public init(_ first: ComparedRun, _ second: ComparedRun, on testSet: TestSet) throws(GraftFailure) {
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
      labels: labels.map(Int.init), first: first.answers.map(Int.init), second: second.answers.map(Int.init))
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

  /// In percent.
  public var firstAccuracy: Double { 100 * Double(firstCorrect) / Double(images) }
  public var secondAccuracy: Double { 100 * Double(secondCorrect) / Double(images) }

  /// The finding in a sentence.
  public var words: String {
    let gain =
      "\(signed(secondAccuracy - firstAccuracy)) points, 95 % over images \(signed(gainOverImages.low)) to \(signed(gainOverImages.high))"
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
