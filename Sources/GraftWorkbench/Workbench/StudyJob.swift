import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

/// A trial with all that it takes to train it.
protocol StudyJob: Sendable {
  var trial: Trial { get }
  /// Steps of all its trainings, to begin the long ones first and to say how long a study will take.
  var steps: Int { get }
  /// Measurements on the test images.
  var evaluations: Int { get }
  func run() throws -> TrialOutcome
}

/// The models of a running study by the ids of the trials that made them: sources, and where layers are compared what became of
/// them. Kept in files where there is a folder, and in memory where there is none.
final class SourceModels: Sendable {
  private let models = Mutex<[String: Checkpoint]>([:])
  private let folder: String?

  init(folder: String?) { self.folder = folder }

  /// A model that was kept or loaded before.
  subscript(id: String) -> Checkpoint? {
    if let model = models.withLock({ $0[id] }) { return model }
    return path(id).flatMap { try? Checkpoint(contentsOf: $0) }
  }

  private func path(_ id: String) -> String? { folder.map { "\($0)/\(id).safetensors" } }

  /// Keeps a model that has just been trained; returns its file's SHA-256.
  ///
  /// - Parameter isReadOften: A source is the start of many trials; what is compared once would fill the memory.
  func keep(_ checkpoint: Checkpoint, as id: String, isReadOften: Bool) throws -> String? {
    if isReadOften || folder == nil { models.withLock { $0[id] = checkpoint } }
    return try path(id).map { try checkpoint.save(to: $0) }
  }

  /// Whether the model that a record speaks of can be had. Not so where its file is gone or no longer the one that was written:
  /// then it is trained anew, with the same bits.
  func has(_ record: TrialRecord) -> Bool {
    if models.withLock({ $0[record.id] }) != nil { return true }
    guard let path = path(record.id), let digest = record.outcome.checkpointDigest else { return false }
    return (try? SHA256Digest.hex(ofFileAt: path)) == digest && self[record.id] != nil
  }

  /// Brings the model that a record speaks of into memory, where it can be had.
  func load(_ record: TrialRecord) -> Bool {
    guard has(record), let checkpoint = self[record.id] else { return false }
    models.withLock { $0[record.id] = checkpoint }
    return true
  }
}
