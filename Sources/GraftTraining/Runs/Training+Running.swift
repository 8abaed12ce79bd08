import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftRanks

extension Training {
  /// Trains and measures. Nothing is written.
  ///
  /// - Parameters:
  ///   - report: Called as the training goes on.
  ///   - isStopped: Asked after each epoch.
  /// - Throws: ``Divergence`` if the loss is no longer a finite number, ``TrainingStopped`` if `isStopped` said so, or `GraftFailure`
  ///   if the data does not fit the model.
  public func run(
    report: (TrainingEvent) -> Void = { _ in }, isStopped: () -> Bool = { false }
  ) throws -> TrainedModel {
    let parts = try parts()
    return try run(on: parts, record: record(parts.trainData), report: report, isStopped: isStopped)
  }

  /// Trains on parts that were made before, for several trainings that share them.
  package func run(
    on parts: Parts, record: JSON.Object, report: (TrainingEvent) -> Void, isStopped: () -> Bool = { false }
  ) throws -> TrainedModel {
    try run(on: parts, record, keeping: nil, report: report, isStopped: isStopped)
  }

  /// Trains, or goes on with a training that was interrupted, and writes the checkpoint at `path`.
  ///
  /// The state is kept beside it in `path.training`, at most two seconds old, and is removed at the end. Only one process at a time can
  /// write a path.
  ///
  /// - Parameters:
  ///   - path: The path of the checkpoint; folders that are missing are created.
  ///   - resumes: Whether to go on from the state if there is one, and to return at once if `path` holds this very training.
  ///   - keep: Called with the finished model before its file appears, so that whoever finds the file also finds the results
  ///     that `keep` stored.
  ///   - report: Called as the training goes on.
  ///   - isStopped: Asked after each epoch but the last; true keeps the state and throws ``TrainingStopped``. An error that it throws ends
  ///     the training, and the state stays as it was last written.
  /// - Throws: As ``run(report:isStopped:)``; if another process writes `path`, or if `path` cannot be written, before anything is trained.
  public func run(
    writing path: String, resumes: Bool = false, keep: (TrainedModel) throws -> Void = { _ in },
    report: (TrainingEvent) -> Void = { _ in }, isStopped: () throws -> Bool = { false }
  ) throws -> TrainedModel {
    for path in [path, Training.statePath(path)] { try AtomicFile.checkWritable(path, createFolders: true) }
    let lock = try OutputLock(path)
    let parts = try parts()
    // Hashes all images and weights: made once.
    let record = record(parts.trainData)
    let state = TrainingStateFile(path: Training.statePath(path), identity: record)
    let hasState = FileManager.default.fileExists(atPath: state.path)
    precondition(ranks?.isFirst ?? true, "only the first rank writes")
    if resumes, !hasState, let finished = try finished(path, parts, record) {
      _ = ranks?.broadcast([RankStart.finished.rawValue])
      report(.kept(.wasFinished(path: path)))
      try keep(finished)
      lock.release()
      return finished
    }
    var trained = try run(
      on: parts, record, keeping: KeptState(file: state, resumes: resumes, isThere: hasState), report: report,
      isStopped: isStopped)
    let bytes = try trained.checkpoint.encoded()
    trained.digest = SHA256Digest.hex(of: bytes)
    try keep(trained)
    try AtomicFile.write(bytes, to: path, createFolders: true)
    try? FileManager.default.removeItem(atPath: state.path)
    lock.release()
    return trained
  }

  /// Trains as a rank that is not the first: with the first one, which writes the checkpoint. Nothing is written here.
  ///
  /// - Returns: The model, which is the first rank's; nil if the checkpoint was finished before.
  package func follow(isStopped: () -> Bool = { false }) throws -> Model? {
    let parts = try parts()
    do {
      let record = record(parts.trainData)
      return try train(on: parts, record, keeping: nil, report: { _ in }, isStopped: isStopped).model
    } catch is WasFinished {
      return nil
    }
  }

  /// The first byte that rank 0 gives to the others. The digest of the training's record follows, and its state if it goes on.
  private enum RankStart: UInt8 { case finished, begins }

  private struct WasFinished: Error {}

  /// Brings all ranks to the state of the first one.
  ///
  /// - Throws: On a rank that is about to train something else.
  private func agreeOnStart(_ training: inout TrackedTraining, _ kept: KeptState?, _ record: JSON.Object) throws {
    guard let ranks else { return }
    let digest = Array(SHA256Digest.hex(of: Array(JSON.object(record).text().utf8)).utf8)
    let state = training.epoch > 0 ? try kept.map { try readFile(at: $0.file.path) } ?? [] : []
    let start = ranks.broadcast([RankStart.begins.rawValue] + digest + state)
    if ranks.isFirst { return }
    guard start.first == RankStart.begins.rawValue else { throw WasFinished() }
    guard start.dropFirst().starts(with: digest) else {
      throw GraftFailure(
        .badConfiguration, "it is about to train other things than rank 0: other data, or another version of graft")
    }
    let given = Array(start.dropFirst(1 + digest.count))
    guard !given.isEmpty else { return }
    try TrainingStateFile(path: "the state of rank 0", identity: record).restore(&training, decoding: given)
  }

  /// The file beside a checkpoint with the state of its unfinished training.
  package static func statePath(_ path: String) -> String { "\(path).training" }

  /// The state file of a training, and how it is used.
  private struct KeptState {
    let file: TrainingStateFile
    let resumes: Bool
    let isThere: Bool
  }

  private func run(
    on parts: Parts, _ record: JSON.Object, keeping kept: KeptState?, report: (TrainingEvent) -> Void,
    isStopped: () throws -> Bool
  ) throws -> TrainedModel {
    let ended = try train(on: parts, record, keeping: kept, report: report, isStopped: isStopped)
    var trained = try measured(ended, parts, record, team)
    trained.cachedFeatureBytes = ended.cachedFeatureBytes
    return trained
  }

  /// A training that has ended and is not measured yet.
  private struct Ended {
    var model: Model
    var history: [EpochRecord] = []
    /// nil if the checkpoint had been finished before.
    var chosenEpoch: Int?
    var solvingSeconds = 0.0
    var cachedFeatureBytes = 0
  }

  private var team: Team { threads > 1 ? Team(size: threads) : .alone }

  private func train(
    on parts: Parts, _ record: JSON.Object, keeping kept: KeptState?, report: (TrainingEvent) -> Void,
    isStopped: () throws -> Bool
  ) throws -> Ended {
    try check(parts)
    let team = team
    let clock = ContinuousClock()
    let begin = clock.now
    let (ready, solved) = try solvingHead(parts, team)
    let solving = solved == nil ? 0 : (clock.now - begin) / .seconds(1)
    if let solved { report(.solvedHead(solved)) }
    guard !ready.stages.isEmpty else {
      if try isStopped() { throw TrainingStopped(epoch: 0) }
      return Ended(model: ready.model, chosenEpoch: 0, solvingSeconds: solving)
    }
    var training = TrackedTraining(
      ready.model, on: parts.train, settings, stages: ready.stages, watching: parts.watch, team: team,
      on: ranks)
    if let kept { try resume(&training, kept, report) }
    try agreeOnStart(&training, kept, record)
    // One rank that ends while the others go on would leave them waiting.
    func stops() throws -> Bool {
      let isAsked = try isStopped()
      guard let ranks else { return isAsked }
      return ranks.broadcast([isAsked ? 1 : 0]) == [1]
    }
    report(.planned(ready, parts.trainData, parts.train))
    report(.began(label: title, epochs: plan.epochs))
    defer { report(.ended(label: title)) }
    var lastSaved = clock.now
    try training.run { training, epoch in
      let session = training.session
      report(
        .advanced(
          label: title, epochs: plan.epochs, record: epoch, model: session.result,
          learningRate: session.lastLearningRate))
      if training.isFinished { return }
      if try stops() {
        if let kept {
          report(.keeping)
          // A listener that could not write ends the training here.
          _ = try isStopped()
          try kept.file.save(training)
        }
        throw TrainingStopped(epoch: training.epoch)
      }
      if let kept, clock.now - lastSaved > .seconds(2) {
        report(.keeping)
        _ = try isStopped()
        try kept.file.save(training)
        lastSaved = clock.now
      }
    }
    if kept == nil, ranks == nil, try isStopped() { throw TrainingStopped(epoch: training.epoch) }
    return Ended(
      model: training.model, history: training.history, chosenEpoch: training.chosenEpoch, solvingSeconds: solving,
      cachedFeatureBytes: training.session.cachedFeatureBytes)
  }

  /// Checks, before hours of training, for errors that would otherwise appear after them.
  private func check(_ parts: Parts) throws(GraftFailure) {
    guard outputs.trained.count > 1 else {
      throw GraftFailure(.usage, "one class is nothing to tell apart: a training needs two or more")
    }
    if settings.shards > 1 {
      guard !plan.model.layers.contains(where: { $0.norm != nil }) else {
        throw GraftFailure(
          .usage, "batch normalisation takes the moments of whole batches: only networks without it train in shards")
      }
      guard settings.shards <= settings.batchSize else {
        throw GraftFailure(
          .usage, "a batch of \(settings.batchSize) images cannot be cut into \(settings.shards) shards")
      }
    }
    let memory = TrainingSession.workspaceBytes(
      for: plan.model, batchSize: settings.batchSize, images: parts.train.count)
    guard memory < MachineMemory.bytes else {
      throw GraftFailure(
        .usage,
        "a batch of \(settings.batchSize) images, normalised all at once, needs \(memory >> 30) GB for its maps, more than there are: "
          + "choose a smaller batch")
    }
    for stage in plan.stages {
      var model = plan.model
      model.isTrainable = stage.isTrainable
      try model.checkBatches(of: settings.batchSize, images: parts.train.count)
    }
  }

  /// The plan with its head solved, if it solves one, and the choice in words.
  private func solvingHead(_ parts: Parts, _ team: Team) throws -> (plan: TransferPlan, words: String?) {
    let plan = plan.ready(on: parts.train)
    guard plan.solvesHead, let headStrength else {
      return try plan.solvingHead(
        on: parts.trainData, outputs: outputs, normalization: normalization, team: team)
    }
    let solved = try plan.solvingHead(on: parts.train, strength: headStrength, team: team)
    return (solved, "the head is solved with strength \(headStrength)")
  }

  private func resume(
    _ training: inout TrackedTraining, _ kept: KeptState, _ report: (TrainingEvent) -> Void
  ) throws {
    switch (kept.resumes, kept.isThere) {
    case (true, true):
      try kept.file.restore(&training)
      report(.kept(.resumed(epochs: training.epoch)))
    case (true, false): report(.kept(.nothingToResume))
    case (false, true): report(.kept(.dropped(path: kept.file.path)))
    case (false, false): break
    }
  }

  /// The checkpoint at `path`, measured; nil if there is no file.
  ///
  /// - Throws: If it holds another training.
  private func finished(_ path: String, _ parts: Parts, _ record: JSON.Object) throws -> TrainedModel? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let checkpoint = try Checkpoint(contentsOf: path)
    var own = checkpoint.record
    own[TrainedModel.verdictKey] = nil
    guard own == record else {
      throw GraftFailure(.usage, "\(path) holds another training").with(.otherOutput)
    }
    var trained = try measured(Ended(model: checkpoint.model), parts, record, .alone)
    trained.digest = try SHA256Digest.hex(ofFileAt: path)
    return trained
  }

  private func measured(_ ended: Ended, _ parts: Parts, _ record: JSON.Object, _ team: Team) throws -> TrainedModel {
    var evaluator = Evaluator(parts.test, for: ended.model, team: team)
    let checkpoint = Checkpoint(
      model: ended.model, normalization: normalization, outputs: outputs, record: record)
    return TrainedModel(
      checkpoint: checkpoint, history: ended.history,
      evaluation: try evaluator.evaluate(ended.model).checkingOutputs(.diverged), labels: parts.test.labels,
      test: parts.testData, images: parts.trainData.count, chosenEpoch: ended.chosenEpoch,
      solvingSeconds: ended.solvingSeconds)
  }
}

/// An error that says that a training was asked to stop before its end.
public struct TrainingStopped: Failure, Hashable {
  /// Number of epochs that were done.
  public let epoch: Int

  /// The same training can go on if its state was kept.
  public var kind: FailureKind { .resumable }
  /// The error in one line.
  public var description: String { "stopped after epoch \(epoch)" }
}
