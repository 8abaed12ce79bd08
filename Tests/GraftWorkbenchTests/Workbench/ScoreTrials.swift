import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

/// The scores of a study that is stopped before it measures anything; its rehearsals are made up.
struct ScoreTrials {
  /// Of the sources' files.
  let folder: ScratchFolder
  /// In the order in which they were finished.
  let records: [TrialRecord]

  init(
    _ methods: [TransferMethod] = [.fineTune], shares: [Share], seeds: [UInt64] = [0, 1],
    architecture: Architecture = SmallStudy.architecture, on pairs: [StudyPair]
  ) throws {
    folder = try ScratchFolder()
    let (store, log) = (MemoryStore(), EventLog())
    var options = SmallStudy.options(methods, shares: shares, seeds: seeds, folder: folder.path)
    options.architecture = architecture
    let study = try TransferStudy(options, on: pairs)
    let trials = try SmallStudy.trials(of: study)
    let nothing = TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil)
    for trial in trials where trial.kind == .rehearsal {
      store.save(TrialRecord(trial: trial, outcome: nothing, created: 0, version: "", machine: ""))
    }
    let wanted = trials.count { $0.kind == .source || $0.kind == .score }
    do {
      _ = try study.run(in: store, isStopped: { log.ended.count >= wanted }, report: log.note)
    } catch is StudyStopped {}
    records = log.ended.filter { $0.trial.kind == .score }
  }

  /// The source that a trial's identity names.
  func source(of record: TrialRecord) throws -> Checkpoint {
    let id = try #require(record.trial.identity["source"]?.string)
    return try Checkpoint(contentsOf: "\(folder.path)/\(id).safetensors")
  }

  /// What a source makes of images, without anything of a study: features, and the softmax over some of its outputs.
  static func view(
    of checkpoint: Checkpoint, on dataset: Dataset, target: StudyDomain, outputs: [Int]
  ) throws -> SourceView {
    let rows = Normalization.unit.rows(dataset.pixels, columns: dataset.shape.count)
    let logits = checkpoint.model.logits(of: rows).map { row in outputs.map { row[$0] } }
    let probabilities = logits.indices.map { Matrix(logits).softmax(row: $0) }
    return SourceView(
      features: try features(of: checkpoint.model, rows), probabilities: Matrix(probabilities),
      labels: dataset.labels.map { target.selection.classes.firstIndex(of: Int($0)) ?? -1 },
      classCount: target.selection.classes.count)
  }

  static func features(of model: Model, _ rows: InputRows) throws -> Matrix {
    if model.architecture.body.isEmpty {
      guard case .dense(let pixels) = rows.dense else { throw Mismatch(description: "rows that are not dense") }
      return pixels
    }
    return model.features(of: rows, through: model.architecture.body.count)
  }
}
