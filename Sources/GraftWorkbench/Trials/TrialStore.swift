import GraftFiles

/// The test images that outcomes were measured on: their labels, so that two outcomes can be compared without the data.
public struct TestSet: Sendable, Hashable {
  /// SHA-256 of the images and their labels; the name of the set.
  public let digest: String
  /// One class index of the data set per image.
  public let labels: [UInt8]
  /// The data set's class names.
  public let classNames: [String]

  public init(digest: String, labels: [UInt8], classNames: [String]) {
    precondition(labels.allSatisfy { $0 < classNames.count })
    self.digest = digest
    self.labels = labels
    self.classNames = classNames
  }
}

/// A finished trial as it is kept.
public struct TrialRecord: Sendable, Hashable, Identifiable {
  public let trial: Trial
  public let outcome: TrialOutcome
  /// Seconds since 1970 when it was finished.
  public let created: Double
  /// Of the program that trained it.
  public let version: String
  /// The processor's name.
  public let machine: String

  public init(trial: Trial, outcome: TrialOutcome, created: Double, version: String, machine: String) {
    self.trial = trial
    self.outcome = outcome
    self.created = created
    self.version = version
    self.machine = machine
  }

  public var id: String { trial.id }
}

/// What a study needs of the place where its trials are kept. All of it may be called from several threads.
public protocol TrialStore: Sendable {
  /// The finished ones among `ids`.
  func records(of ids: [String]) throws -> [String: TrialRecord]

  /// Keeps a finished trial for good: once this returns, no kill and no power cut loses it. A record with the same id is
  /// replaced.
  func save(_ record: TrialRecord) throws

  /// Keeps the labels that outcomes are compared by; what is there already stays.
  func save(_ testSet: TestSet) throws

  /// The looks that were taken at comparisons, in any order.
  ///
  /// - Parameter comparisons: Names as in ``StudyLook/comparison``.
  func looks(at comparisons: [String]) throws -> [StudyLook]

  /// Keeps looks; one that is there already keeps its date.
  func save(_ looks: [StudyLook]) throws
}
