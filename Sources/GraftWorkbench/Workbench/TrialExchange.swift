import Synchronization

/// Where the workers of a study get their trials from and bring what became of them: the one thing that would have to change for
/// the ranks of a cluster job to share a study.
///
/// All workers see the same list of trials. A trial is taken once, by whichever worker asks first; that changes no outcome,
/// because a trial reads nothing but its own inputs.
public protocol TrialExchange: Sendable {
  /// The place in the list of the next trial that nobody has taken; nil when all are taken.
  func take(from trials: [Trial]) throws -> Int?

  /// Brings a finished trial. Once this returns it is kept.
  func finish(_ record: TrialRecord) throws

  /// All finished trials of the list, when the last one has been brought. Readies the exchange for the next list.
  func collect(_ trials: [Trial]) throws -> [String: TrialRecord]
}

/// The exchange of one process: a counter, and the store.
public final class LocalExchange: TrialExchange {
  private let store: any TrialStore
  private let taken = Mutex(0)

  public init(_ store: any TrialStore) { self.store = store }

  public func take(from trials: [Trial]) -> Int? {
    taken.withLock { taken in
      guard taken < trials.count else { return nil }
      taken += 1
      return taken - 1
    }
  }

  public func finish(_ record: TrialRecord) throws { try store.save(record) }

  public func collect(_ trials: [Trial]) throws -> [String: TrialRecord] {
    taken.withLock { $0 = 0 }
    return try store.records(of: trials.map(\.id))
  }
}

/// Trials kept in memory, for a study that nobody wants to keep.
public final class MemoryStore: TrialStore {
  private let kept = Mutex<[String: TrialRecord]>([:])
  private let seen = Mutex<[StudyLook]>([])

  public init() {}

  public func records(of ids: [String]) -> [String: TrialRecord] {
    kept.withLock { kept in
      var found: [String: TrialRecord] = [:]
      for id in ids { found[id] = kept[id] }
      return found
    }
  }

  public func save(_ record: TrialRecord) { kept.withLock { $0[record.id] = record } }

  public func save(_ testSet: TestSet) {}

  public func looks(at comparisons: [String]) -> [StudyLook] {
    seen.withLock { $0.filter { comparisons.contains($0.comparison) } }
  }

  public func save(_ looks: [StudyLook]) {
    seen.withLock { seen in
      for look in looks where !seen.contains(where: { ($0.comparison, $0.seeds) == (look.comparison, look.seeds) }) {
        seen.append(look)
      }
    }
  }
}
