import GraftFiles
import Synchronization

/// Values that several trials need and that no trial's record holds, such as the sources of rehearsals: each is made once, by whoever
/// needs it first, and whoever needs it meanwhile waits.
protocol SharedValues: Sendable {
  /// The number of this rank, and of all.
  var place: (rank: Int, ranks: Int) { get }

  /// - Parameters:
  ///   - key: The same for every rank.
  ///   - make: Makes the value. Called by the first who asks for it.
  func value(_ key: String, or make: () throws -> [UInt8]) throws -> [UInt8]
}

/// The way of a study's ranks to rank 0; of rank 0, to itself. Empty in a process that is alone.
final class RankLinks: Sendable {
  private let held = Mutex<(values: (any SharedValues)?, worker: StudyWorker?)>((nil, nil))

  var values: (any SharedValues)? { held.withLock { $0.values } }
  /// This rank's, if it is not rank 0.
  var worker: StudyWorker? { held.withLock { $0.worker } }

  func connect(_ values: any SharedValues) { held.withLock { $0 = (values, nil) } }

  func connect(_ worker: StudyWorker) { held.withLock { $0 = (worker, worker) } }
}
