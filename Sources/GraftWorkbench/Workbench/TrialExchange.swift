import GraftStatistics
import Synchronization

/// The exchange from which the workers of a study take their trials and to which they bring the records: the one thing
/// that would have to change for the ranks of a cluster job to share a study.
///
/// All workers see the same list of trials. A trial is taken once, by whichever worker asks first; that changes no
/// outcome, because a trial reads nothing but its own inputs.
public protocol TrialExchange: Sendable {
  /// The place in the list of the next trial that nobody has taken; nil when all are taken.
  func take(from trials: [Trial]) throws -> Int?

  /// Brings a finished trial. Once this returns it is kept.
  func finish(_ record: TrialRecord) throws

  /// All finished trials of the list, when the last one has been brought. Readies the exchange for the next list.
  func collect(_ trials: [Trial]) throws -> [String: TrialRecord]
}

/// The exchange of one process: a counter, and the store.
package final class LocalExchange: TrialExchange {
  private let store: any TrialStore
  private let taken = Mutex(0)

  /// Creates an exchange over a store.
  package init(_ store: any TrialStore) { self.store = store }

  /// The place in the list of the next trial that nobody has taken; nil when all are taken.
  package func take(from trials: [Trial]) -> Int? {
    taken.withLock { taken in
      guard taken < trials.count else { return nil }
      taken += 1
      return taken - 1
    }
  }

  /// Saves a finished trial in the store.
  package func finish(_ record: TrialRecord) throws { try store.save(record) }

  /// All finished trials of the list, from the store. Sets the counter back for the next list.
  package func collect(_ trials: [Trial]) throws -> [String: TrialRecord] {
    taken.withLock { $0 = 0 }
    return try store.records(of: trials.map(\.id))
  }
}

/// A store of trials in memory, for a study that nobody wants to keep.
public final class MemoryStore: TrialStore {
  private let kept = Mutex<[String: TrialRecord]>([:])
  private let seen = Mutex<[StudyLook]>([])

  /// Creates an empty store.
  public init() {}

  /// The records of the finished ones among `ids`.
  public func records(of ids: [String]) -> [String: TrialRecord] {
    kept.withLock { kept in
      var found: [String: TrialRecord] = [:]
      for id in ids { found[id] = kept[id] }
      return found
    }
  }

  /// Keeps a finished trial; a record with the same id is replaced.
  public func save(_ record: TrialRecord) { kept.withLock { $0[record.id] = record } }

  /// Keeps nothing: no labels are read from memory.
  public func save(_ testSet: TestSet) {}

  /// The looks that were taken at comparisons, in any order.
  public func looks(at comparisons: [String]) -> [StudyLook] {
    seen.withLock { $0.filter { comparisons.contains($0.comparison) } }
  }

  /// Keeps looks; one that is there already keeps its date.
  public func save(_ looks: [StudyLook]) {
    seen.withLock { seen in
      for look in looks where !seen.contains(where: { ($0.comparison, $0.seeds) == (look.comparison, look.seeds) }) {
        seen.append(look)
      }
    }
  }
}
