import GraftData
import GraftFiles

/// The labels of the test images that outcomes were measured on: two outcomes can be compared by them without the data.
public struct TestSet: Sendable, Hashable, Codable {
  /// SHA-256 of the images and their labels; the name of the set.
  public let digest: String
  /// The true class of each image, a class index of the data set.
  public let labels: [Int]
  /// The data set's class names.
  public let classNames: [String]

  /// Creates a test set.
  public init(digest: String, labels: [Int], classNames: [String]) {
    precondition(labels.allSatisfy(classNames.indices.contains))
    self.digest = digest
    self.labels = labels
    self.classNames = classNames
  }
}

/// A finished trial as a store keeps it.
public struct TrialRecord: Sendable, Hashable, Identifiable {
  /// The trial.
  public let trial: Trial
  /// The trial's outcome.
  public let outcome: TrialOutcome
  /// The time at which it was finished, in seconds since 1970.
  public let created: Double
  /// The version of the program that trained it.
  public let version: String
  /// The processor's name.
  public let machine: String

  /// Creates a record.
  public init(trial: Trial, outcome: TrialOutcome, created: Double, version: String, machine: String) {
    self.trial = trial
    self.outcome = outcome
    self.created = created
    self.version = version
    self.machine = machine
  }

  /// The trial's id.
  public var id: String { trial.id }
}

extension TrialRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, source, target, method, labels, seed, identity, outcome, created, version, machine
    case testDigest = "test_sha256"
  }

  /// Reads a record. The trial's id is computed anew from what decides its outcome.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func damaged(_ key: CodingKeys) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: "not as it was written")
    }
    guard let kind = Trial.Kind(rawValue: try values.decode(String.self, forKey: .kind)) else { throw damaged(.kind) }
    guard let identity = try JSON(parsing: Array(values.decode(String.self, forKey: .identity).utf8)).object else {
      throw damaged(.identity)
    }
    guard let outcome = TrialOutcome(try values.decode(JSON.self, forKey: .outcome)) else { throw damaged(.outcome) }
    self.init(
      trial: Trial(
        kind, source: try values.decodeIfPresent(String.self, forKey: .source),
        target: try values.decode(String.self, forKey: .target),
        method: try values.decode(String.self, forKey: .method),
        share: try Share(parsing: values.decode(String.self, forKey: .labels)),
        seed: try values.decode(UInt64.self, forKey: .seed),
        testDigest: try values.decode(String.self, forKey: .testDigest), identity: identity),
      outcome: outcome, created: try values.decode(Double.self, forKey: .created),
      version: try values.decode(String.self, forKey: .version),
      machine: try values.decode(String.self, forKey: .machine))
  }

  /// Writes the record. A loss that is no number is written as text, and what the id is made of as one string, so that no
  /// encoder can change its order.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(trial.kind.rawValue, forKey: .kind)
    try values.encodeIfPresent(trial.source, forKey: .source)
    try values.encode(trial.target, forKey: .target)
    try values.encode(trial.method, forKey: .method)
    try values.encode(trial.share.description, forKey: .labels)
    try values.encode(trial.seed, forKey: .seed)
    try values.encode(trial.testDigest, forKey: .testDigest)
    try values.encode(JSON.object(trial.identity).text(), forKey: .identity)
    try values.encode(outcome.json, forKey: .outcome)
    try values.encode(created, forKey: .created)
    try values.encode(version, forKey: .version)
    try values.encode(machine, forKey: .machine)
  }
}

/// A store of finished trials, as a study needs it. All of it may be called from several threads.
///
/// ``TrialRecord``, ``TestSet`` and ``StudyLook`` are `Codable`, so a store of one's own can keep them as it likes; the package's
/// `Examples` have one that is a folder of JSON files.
public protocol TrialStore: Sendable {
  /// The records of the finished ones among `ids`.
  func records(of ids: [String]) throws -> [String: TrialRecord]

  /// Keeps a finished trial for good: once this returns, no kill and no power cut loses it. A record with the same id is
  /// replaced.
  func save(_ record: TrialRecord) throws

  /// Keeps the labels that outcomes are compared by; a test set that is there already stays.
  func save(_ testSet: TestSet) throws

  /// The looks that were taken at comparisons, in any order.
  ///
  /// - Parameter comparisons: Names as in ``StudyLook/comparison``.
  func looks(at comparisons: [String]) throws -> [StudyLook]

  /// Keeps looks; one that is there already keeps its date.
  func save(_ looks: [StudyLook]) throws
}

/// A store that keeps several finished trials as one write.
package protocol GroupingTrialStore: TrialStore {
  /// Keeps finished trials for good, all or none.
  func save(_ records: [TrialRecord]) throws
}

extension TrialStore {
  /// Keeps finished trials: as one write if the store can, or else one by one.
  func save(all records: [TrialRecord]) throws {
    if let store = self as? any GroupingTrialStore { return try store.save(records) }
    for record in records { try save(record) }
  }
}
