import GraftFiles

/// The labels of the test images that outcomes were measured on: two outcomes can be compared by them without the data.
public struct TestSet: Sendable, Hashable {
  /// SHA-256 of the images and their labels; the name of the set.
  public let digest: String
  /// The true class of each image, a class index of the data set.
  public let labels: [UInt8]
  /// The data set's class names.
  public let classNames: [String]

  /// Creates a test set.
  public init(digest: String, labels: [UInt8], classNames: [String]) {
    precondition(labels.allSatisfy { $0 < classNames.count })
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

/// A store of finished trials, as a study needs it. All of it may be called from several threads.
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
