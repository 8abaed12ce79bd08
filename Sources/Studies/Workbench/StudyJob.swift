import Files
import Matrices
import Networks
import Synchronization
import Training

/// A trial with all that it takes to train it.
protocol StudyJob: Sendable {
  var trial: Trial { get }
  /// Steps of all its trainings, to begin the long ones first and to say how long a study will take.
  var steps: Int { get }
  /// Measurements on the test images.
  var evaluations: Int { get }
  func run() throws -> TrialOutcome
}

/// The sources of a running study by the ids of the trials that made them.
final class SourceModels: Sendable {
  private let models = Mutex<[String: Checkpoint]>([:])
  private let folder: String?

  init(folder: String?) { self.folder = folder }

  subscript(id: String) -> Checkpoint? { models.withLock { $0[id] } }

  private func path(_ id: String) -> String? { folder.map { "\($0)/\(id).safetensors" } }

  /// Keeps a model that has just been trained; returns its file's SHA-256.
  func keep(_ checkpoint: Checkpoint, as id: String) throws -> String? {
    models.withLock { $0[id] = checkpoint }
    return try path(id).map { try checkpoint.save(to: $0) }
  }

  /// Brings back the model that a record speaks of. False where its file is gone or no longer the one that was written: then it
  /// is trained anew, with the same bits.
  func load(_ record: TrialRecord) -> Bool {
    if self[record.id] != nil { return true }
    guard let path = path(record.id), let digest = record.outcome.checkpointDigest,
      (try? SHA256Digest.hex(ofFileAt: path)) == digest, let checkpoint = try? Checkpoint(contentsOf: path)
    else { return false }
    models.withLock { $0[record.id] = checkpoint }
    return true
  }
}
