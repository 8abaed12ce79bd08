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
  /// The network that takes the time.
  var network: JobNetwork { get }
  /// Whether a training that diverges ends the whole study, because other trials rest on what it finds.
  var endsStudyIfDiverged: Bool { get }
  func run() throws -> TrialOutcome
}

extension StudyJob {
  var network: JobNetwork { .study }
  var endsStudyIfDiverged: Bool { false }

  /// Trains the trial. A training that diverges is an outcome like others: the study goes on, and counts it as such.
  func outcome() throws -> TrialOutcome {
    do {
      return try run()
    } catch let failure as any Failure where failure.kind == .diverged && !endsStudyIfDiverged {
      return TrialOutcome(diverged: failure)
    }
  }
}

/// The failure of a trial that has nothing to start from: the training of its source diverged.
struct SourceDiverged: Failure {
  var kind: FailureKind { .diverged }
  var description: String { "the training of its source diverged" }
}

/// The network that takes a job's time.
enum JobNetwork: Sendable {
  /// The study's own, whose steps are counted.
  case study
  /// The small control of a published body. Its steps are passes of single pictures.
  case control
  /// The published body itself. Its steps are passes of single pictures, each as long as so many of the control's.
  case body(weight: Int)
  /// None: the job reads features that were computed for the whole study.
  case features
}

/// The models of a running study by the ids of the trials that made them: sources, and the models that started from
/// them if layers are compared. They are kept in files if there is a folder; sources are kept in memory too, and all
/// models if there is no folder. Ranks other than 0 have no folder: they bring models to rank 0 and get them from there.
final class SourceModels: Sendable {
  private let models = Mutex<[String: Checkpoint]>([:])
  /// The trials that made no model, because they diverged.
  private let diverged = Mutex<Set<String>>([])
  private let folder: String?
  private let links: RankLinks

  init(folder: String?, _ links: RankLinks) { (self.folder, self.links) = (folder, links) }

  /// A model that was kept or loaded before; nil if there is none, or if its file is damaged.
  ///
  /// - Throws: ``SourceDiverged`` if its training diverged, or the failure of the way to the rank that has it.
  func model(_ id: String) throws -> Checkpoint? {
    if let model = models.withLock({ $0[id] }) { return model }
    if diverged.withLock({ $0.contains(id) }) { throw SourceDiverged() }
    if let worker = links.worker {
      let model = try worker.model(id)
      models.withLock { $0[id] = model }
      return model
    }
    return path(id).flatMap { try? Checkpoint(contentsOf: $0) }
  }

  /// Remembers which of these trials diverged, so that nothing waits for their models.
  func note(_ records: some Sequence<TrialRecord>) {
    let ids = records.filter(\.outcome.isDiverged).map(\.id)
    if !ids.isEmpty { diverged.withLock { $0.formUnion(ids) } }
  }

  private func path(_ id: String) -> String? { folder.map { "\($0)/\(id).safetensors" } }

  /// Keeps a model that has just been trained; returns its file's SHA-256.
  ///
  /// - Parameter isReadOften: Whether it stays in memory. A source is the start of many trials; models that are
  ///   compared once would fill the memory.
  func keep(_ checkpoint: Checkpoint, as id: String, isReadOften: Bool) throws -> String? {
    if let worker = links.worker {
      if isReadOften { models.withLock { $0[id] = checkpoint } }
      return try worker.keep(checkpoint, as: id, isReadOften: isReadOften)
    }
    if isReadOften || folder == nil { models.withLock { $0[id] = checkpoint } }
    return try path(id).map { try checkpoint.save(to: $0) }
  }

  /// Whether the model of a record can be had. If its file is gone or no longer the one that was written, it cannot:
  /// the model is then trained anew, with the same bits. A trial that diverged would diverge again: it counts as had.
  func has(_ record: TrialRecord) -> Bool {
    if record.outcome.isDiverged {
      note([record])
      return true
    }
    if models.withLock({ $0[record.id] }) != nil { return true }
    guard let path = path(record.id), let digest = record.outcome.checkpointDigest else { return false }
    return (try? SHA256Digest.hex(ofFileAt: path)) == digest && (try? model(record.id)) != nil
  }

  /// Brings the model of a record into memory if it can be had; returns whether it could.
  func load(_ record: TrialRecord) -> Bool {
    guard has(record) else { return false }
    if record.outcome.isDiverged { return true }
    guard let checkpoint = try? model(record.id) else { return false }
    models.withLock { $0[record.id] = checkpoint }
    return true
  }
}
