import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftRunStorage
import GraftTraining
import GraftWorkbench

/// One training from the command line, up to its checkpoint: `train` and `transfer` differ in the model that they start from
/// and in what they say afterwards.
struct TrainingJob {
  private(set) var plan: TransferPlan
  let outputs: ClassOutputs
  let normalization: Normalization
  let options: TrainingOptions
  let selection: ClassSelection
  let title: String
  /// `frozen`, or the recipe of a training from scratch.
  let method: String
  /// What the weights come from, as a person names it; nil for fresh ones.
  let source: String?
  /// What else made the model, for the record: data, method, source.
  var provenance: [(key: String, value: String)]
  /// How the settings that a study chooses come about.
  var choice = Choice.asTold
  /// Of a head that is solved; nil leaves it to the job.
  private var strength: Double?

  init(
    plan: TransferPlan, outputs: ClassOutputs, normalization: Normalization, options: TrainingOptions,
    selection: ClassSelection, title: String, method: String, source: String?,
    provenance: [(key: String, value: String)]
  ) {
    self.plan = plan
    self.outputs = outputs
    self.normalization = normalization
    self.options = options
    self.selection = selection
    self.title = title
    self.method = method
    self.source = source
    self.provenance = provenance
  }

  enum Choice {
    /// The plan's settings are the user's or the recipe's.
    case asTold
    /// Fixed beforehand on other data, as a study does with few labels.
    case rehearsed(Candidate)
    /// Chosen on a fifth of the labelled images, as a study does with more of them.
    case validated
  }

  /// What it starts from.
  private var model: Model { plan.model }
  private var settings: TrainingSettings { plan.settings }

  /// What a training leaves behind.
  struct Outcome {
    let model: Model
    let evaluation: Evaluation
    let labels: [Int]
    let record: JSON.Object
    /// SHA-256 of the checkpoint's file.
    var digest: String
    let history: [EpochRecord]
    /// Nil where the checkpoint was finished before.
    let chosenEpoch: Int?
    let images: Int
    let wasFinished: Bool
    /// Memory of the frozen body's output, computed once.
    var cachedFeatureBytes = 0
    /// Spent on a head that is solved.
    var solvingSeconds = 0.0
    var seconds: Double { solvingSeconds + (history.last?.seconds ?? 0) }
  }

  /// The parts of the data, as examples.
  private struct Parts {
    let trainData: Dataset
    let testData: Dataset
    let train: Examples
    let watch: TrackedTraining.Watch
    let test: Examples
  }

  private func parts(of pair: DatasetPair) throws -> Parts {
    let chosen = pair.selecting(selection)
    try chosen.train.requireImages(of: selection.classes, in: "training")
    try chosen.test.requireImages(of: selection.classes, in: "test")
    var trainData = try chosen.train.share(options.share, seed: settings.seed)
    var watch = TrackedTraining.Watch.nothing
    if let share = options.validation {
      let (rest, validation) = try trainData.splittingOff(validation: share, seed: settings.seed)
      trainData = rest
      watch = .choosing(try examples(validation), patience: options.patience ?? 10)
    }
    return Parts(
      trainData: trainData, testData: chosen.test, train: try examples(trainData), watch: watch,
      test: try examples(chosen.test))
  }

  private func examples(_ dataset: Dataset) throws(GraftFailure) -> Examples {
    try Examples(dataset, outputs: outputs, normalization: normalization)
  }

  /// The job with its settings chosen. They are part of its record.
  private func choosingSettings(_ parts: Parts) throws -> TrainingJob {
    let candidate: Candidate
    let origin: String
    switch choice {
    case .asTold: return self
    case .rehearsed(let fixed): (candidate, origin) = (fixed, "rehearsed on synthetic digits")
    case .validated:
      (candidate, _) = try plan.choosing(
        among: Candidate.all(for: plan, images: parts.trainData.count), on: parts.trainData, outputs: outputs,
        normalization: normalization, seed: settings.seed)
      origin = "best of \(Candidate.all(for: plan, images: parts.trainData.count).count) on a fifth of the images"
    }
    var job = self
    job.choice = .asTold
    job.plan.settings = candidate.applied(to: plan.settings)
    job.strength = candidate.strength(images: parts.trainData.count)
    job.provenance.append(("chosen", "\(candidate), \(origin)"))
    return job
  }

  /// The plan with its head solved, if it says so, and that in words.
  private func solvingHead(_ parts: Parts, _ team: Team) throws -> (plan: TransferPlan, words: String?) {
    guard plan.solvesHead, let strength else {
      return try plan.solvingHead(
        on: parts.trainData, outputs: outputs, normalization: normalization, team: team)
    }
    let solved = try plan.solvingHead(on: parts.train, strength: strength, team: team)
    return (solved, "the head is solved with strength \(strength)")
  }

  /// Whether a slice trains in any stage, or is solved.
  private func trains(_ slice: ParameterSlice) -> Bool {
    if plan.solvesHead, model.headSlices.contains(slice) { return true }
    guard let place = model.parameters.slices.firstIndex(of: slice) else { return false }
    return plan.stages.contains { $0.isTrainable[place] }
  }

  /// Whether training begins with the very head of `source`.
  func startsWithHead(of source: Model) -> Bool {
    model.classCount == source.classCount
      && model.headSlices.map { model.parameters.values(of: $0) }
        == source.headSlices.map { source.parameters.values(of: $0) }
  }

  /// Everything that decides the result.
  private func record(_ trainData: Dataset) -> JSON.Object {
    var record = settings.json
    if plan.stages.isEmpty {
      // A head that is solved makes no steps: what says how to make them has decided nothing.
      let acting = ["label_smoothing", "augment", "seed"]
      for key in record.keys where !acting.contains(key) { record[key] = nil }
    }
    record["model"] = .string(model.architecture.description)
    record["initial_weights_sha256"] = .string(model.parameters.digest)
    record["frozen"] = .array(
      model.parameters.slices.filter { !trains($0) && !$0.isStatistic }.map { .string($0.name) })
    if plan.solvesHead { record["head"] = "solved" }
    if plan.stages.count > 1 { record["stages"] = TrainingStage.json(plan.stages, of: model) }
    record["outputs"] = .array(outputs.classes.map(JSON.integer))
    record["classes"] = .array(outputs.trained.map(JSON.integer))
    record["share"] = .string(options.share.description)
    if let share = options.validation {
      record["validation"] = .number(share)
      record["patience"] = .integer(options.patience ?? 10)
    }
    record["train_images"] = .integer(trainData.count)
    record["train_sha256"] = .string(trainData.digest)
    if trainData.background == .bright { record["background"] = "bright" }
    for (key, value) in provenance { record[key] = .string(value) }
    record["graft"] = .string(Graft.version)
    return record
  }

  /// Trains, or goes on, and writes the checkpoint at `path`.
  func run(on pair: DatasetPair, writing path: String, _ common: RunOptions) throws -> Outcome {
    try checkPlaces(path)
    let lock = try OutputLock(path)
    let outcome = try trained(on: pair, writing: path, common)
    lock.release()
    return outcome
  }

  /// Finds out before hours of training what would come to nothing after them.
  private func checkPlaces(_ path: String) throws {
    guard outputs.trained.count > 1 else {
      throw GraftFailure(.usage, "one class is nothing to tell apart: --classes needs two or more, as in --classes 1,7")
    }
    for path in [path, "\(path).training"] { try AtomicFile.checkWritable(path, createFolders: true) }
    if let store = options.store { _ = try RunStore(path: store, access: .readWrite) }
  }

  private func trained(on pair: DatasetPair, writing path: String, _ common: RunOptions) throws -> Outcome {
    let parts = try parts(of: pair)
    return try choosingSettings(parts).trained(parts, writing: path, common)
  }

  private func trained(_ parts: Parts, writing path: String, _ common: RunOptions) throws -> Outcome {
    let memory = TrainingSession.workspaceBytes(
      for: model, batchSize: settings.batchSize, images: parts.train.count)
    guard memory < ProcessInfo.processInfo.physicalMemory else {
      throw GraftFailure(
        .usage,
        "a batch of \(settings.batchSize) images, normalised all at once, needs \(memory >> 30) GB for its maps, more than there are: "
          + "choose another --batch-size")
    }
    for stage in plan.stages {
      var model = model
      model.isTrainable = stage.isTrainable
      try model.checkBatches(of: settings.batchSize, images: parts.train.count)
    }
    let record = record(parts.trainData)
    let stateFile = TrainingStateFile(path: "\(path).training", identity: record)
    let hasState = FileManager.default.fileExists(atPath: stateFile.path)
    if options.resume, !hasState, let outcome = try finished(path, record, parts) {
      if let store = options.store { try keepFinished(outcome, parts, in: store) }
      common.note("\(path) is finished; nothing to do")
      return outcome
    }
    let clock = ContinuousClock()
    let begin = clock.now
    let (ready, solved) = try solvingHead(parts, Team(size: common.threads))
    let solving = solved == nil ? 0 : (clock.now - begin) / .seconds(1)
    if let solved { common.note(solved) }
    guard !ready.stages.isEmpty else {
      return try finish(ready.model, parts, record, path, chosenEpoch: 0, solvingSeconds: solving)
    }
    var training = TrackedTraining(
      ready.model, on: parts.train, settings, stages: ready.stages, watching: parts.watch, threads: common.threads)
    switch (options.resume, hasState) {
    case (true, true):
      try stateFile.restore(&training)
      common.note("resuming at epoch \(training.epoch + 1)")
    case (true, false): common.note("nothing to resume: beginning")
    case (false, true):
      common.note("beginning anew: the interrupted training in \(stateFile.path) is dropped (--resume would go on)")
    case (false, false): break
    }
    let steps = training.session.stepsPerEpoch * plan.epochs
    if steps < 200 { common.note("only \(steps) steps in all: more --epochs may be wanted for so few images") }
    if !common.json, !common.quiet {
      // As in the last stage, in which most trains.
      var model = model
      if let last = plan.stages.last { model.isTrainable = last.isTrainable }
      let estimate = TrackedTraining.estimatedSeconds(
        model, on: parts.train, settings, threads: common.threads)
      common.note(TrainingSummary(model, on: parts.trainData, settings, seconds: estimate).document)
    }
    try loop(&training, stateFile, path, common)
    var outcome = try finish(
      training.model, parts, record, path, history: training.history, chosenEpoch: training.chosenEpoch,
      solvingSeconds: solving)
    try? FileManager.default.removeItem(atPath: stateFile.path)
    outcome.cachedFeatureBytes = training.session.cachedFeatureBytes
    return outcome
  }

  /// Writes the checkpoint and measures the model.
  ///
  /// The run goes to the store before the checkpoint appears: a checkpoint that is there was kept.
  private func finish(
    _ model: Model, _ parts: Parts, _ record: JSON.Object, _ path: String, history: [EpochRecord] = [],
    chosenEpoch: Int, solvingSeconds: Double
  ) throws -> Outcome {
    let checkpoint = Checkpoint(model: model, normalization: normalization, outputs: outputs, record: record)
    let bytes = try checkpoint.encoded()
    var outcome = try outcome(
      model, parts, record, SHA256Digest.hex(of: bytes), history: history, chosenEpoch: chosenEpoch,
      wasFinished: false)
    outcome.solvingSeconds = solvingSeconds
    if let store = options.store { try keep(outcome, parts, in: store) }
    try AtomicFile.write(bytes, to: path, createFolders: true)
    return outcome
  }

  /// Writes the checkpoint again with what the transfer came to, so that `graft report` and `graft show` can tell it.
  ///
  /// - Returns: The outcome with the new file's digest.
  func keeping(verdict: String, of outcome: Outcome, on pair: DatasetPair, at path: String) throws -> Outcome {
    var record = outcome.record
    record[RunPage.verdictKey] = .string(verdict)
    let bytes = try Checkpoint(model: outcome.model, normalization: normalization, outputs: outputs, record: record)
      .encoded()
    var kept = outcome
    kept.digest = SHA256Digest.hex(of: bytes)
    if let store = options.store { try keep(kept, try parts(of: pair), in: store) }
    try AtomicFile.write(bytes, to: path)
    return kept
  }

  /// What the run is called in a store, and what it is measured on.
  private func trial(of outcome: Outcome, _ parts: Parts) -> (Trial, TestSet) {
    let test = parts.testData
    let testSet = TestSet(digest: test.digest, labels: test.labels, classNames: test.classNames)
    // The answers are to these images; the same model on others is another run.
    var identity = outcome.record
    identity["test_sha256"] = .string(testSet.digest)
    let trial = Trial(
      .single, source: source, target: "\(test.name):\(selection)", method: method, share: options.share,
      seed: settings.seed, testDigest: testSet.digest, identity: identity)
    return (trial, testSet)
  }

  /// Keeps a run that was finished before, in a store that does not have it; one that has it knows more of it.
  private func keepFinished(_ outcome: Outcome, _ parts: Parts, in path: String) throws {
    let id = trial(of: outcome, parts).0.id
    let known = try RunStore(path: path, access: .readWrite).records(of: [id])
    if known[id] == nil { try keep(outcome, parts, in: path) }
  }

  /// Keeps the run for `graft runs` and `graft compare`.
  private func keep(_ outcome: Outcome, _ parts: Parts, in path: String) throws {
    let (trial, testSet) = trial(of: outcome, parts)
    let evaluation = outcome.evaluation
    let end = TrialOutcome.Point(
      epoch: outcome.history.last?.epoch ?? 0, seconds: outcome.seconds, trainLoss: outcome.history.last?.trainLoss,
      correct: evaluation.correct)
    let kept = TrialOutcome(
      answers: evaluation.predictions.map { UInt8(outputs.classes[$0]) }, correct: evaluation.correct,
      loss: evaluation.loss, history: [end], choices: [], seconds: outcome.seconds, choosingSeconds: 0,
      checkpointDigest: outcome.digest)
    let store = try RunStore(path: path, access: .readWrite)
    try store.save(testSet)
    try store.save(
      TrialRecord(
        trial: trial, outcome: kept, created: Date().timeIntervalSince1970.rounded(), version: Graft.version,
        machine: Machine.processor))
  }

  /// A training that leaves nothing but its answers.
  struct Measured: Sendable {
    /// A class of the data set for each test image.
    let answers: [UInt8]
    /// Why it does not speak for its method; nil if it does.
    let problem: Convergence?
  }

  /// Trains without writing anything, for a comparison, and asks the model about the test images.
  func measure(on pair: DatasetPair, _ board: ProgressBoard, threads: Int) throws -> Measured {
    let parts = try parts(of: pair)
    return try choosingSettings(parts).measured(parts, board, threads: threads)
  }

  private func measured(_ parts: Parts, _ board: ProgressBoard, threads: Int) throws -> Measured {
    let team = threads > 1 ? Team(size: threads) : .alone
    let label = "\(title), seed \(settings.seed)"
    board.show(.began(label: label, epochs: plan.epochs))
    defer { board.show(.ended(label: label)) }
    let (ready, _) = try solvingHead(parts, team)
    var model = ready.model
    var history: [EpochRecord] = []
    if !ready.stages.isEmpty {
      var training = TrackedTraining(
        ready.model, on: parts.train, settings, stages: ready.stages, watching: parts.watch, team: team)
      while !training.isFinished {
        board.show(.advanced(label: label, epochs: plan.epochs, record: try training.runEpoch()))
        if let code = StopSignals.exitCode { throw ExitCode(code) }
      }
      model = training.model
      history = training.history
    }
    if let code = StopSignals.exitCode { throw ExitCode(code) }
    var evaluator = Evaluator(parts.test, for: model, team: team)
    return measured(try evaluator.evaluate(model).checkingOutputs(.diverged), history, images: parts.train.count)
  }

  /// The same of the training that was written.
  func measured(_ outcome: Outcome) -> Measured {
    measured(outcome.evaluation, outcome.history, images: outcome.images)
  }

  private func measured(_ evaluation: Evaluation, _ history: [EpochRecord], images: Int) -> Measured {
    let steps = plan.epochs * ((images + settings.batchSize - 1) / settings.batchSize)
    let problem =
      plan.stages.isEmpty
      ? nil
      : Convergence.problem(
        losses: history.map(\.trainLoss), steps: steps, leastSteps: options.startingRecipe.leastSteps,
        schedule: settings.schedule, classCount: outputs.trained.count)
    return Measured(answers: evaluation.predictions.map { UInt8(outputs.classes[$0]) }, problem: problem)
  }

  /// Epoch after epoch; the state goes to disk every two seconds, and when a signal asks to stop.
  private func loop(
    _ training: inout TrackedTraining, _ stateFile: TrainingStateFile, _ path: String, _ common: RunOptions
  ) throws {
    let board = common.board
    let clock = ContinuousClock()
    var lastSaved = clock.now
    board.show(.began(label: title, epochs: plan.epochs))
    defer { board.show(.ended(label: title)) }
    while !training.isFinished {
      let epoch = try training.runEpoch()
      board.show(.advanced(label: title, epochs: plan.epochs, record: epoch))
      if let code = StopSignals.exitCode, !training.isFinished {
        try stateFile.save(training)
        common.note("stopped after epoch \(training.epoch); the same command with --resume goes on")
        throw ExitCode(code)
      }
      if clock.now - lastSaved > .seconds(2), !training.isFinished {
        try stateFile.save(training)
        lastSaved = clock.now
      }
    }
  }

  /// The outcome of a checkpoint that this very training has written before; nil where there is no file.
  private func finished(_ path: String, _ record: JSON.Object, _ parts: Parts) throws -> Outcome? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let checkpoint = try Checkpoint(contentsOf: path)
    var own = checkpoint.record
    own[RunPage.verdictKey] = nil
    guard own == record else {
      throw GraftFailure(
        .usage, "\(path) holds another training; choose another --out, or leave out --resume to replace it")
    }
    return try outcome(
      checkpoint.model, parts, record, try SHA256Digest.hex(ofFileAt: path), history: [], chosenEpoch: nil,
      wasFinished: true)
  }

  private func outcome(
    _ model: Model, _ parts: Parts, _ record: JSON.Object, _ digest: String, history: [EpochRecord], chosenEpoch: Int?,
    wasFinished: Bool
  ) throws(NonFiniteOutputs) -> Outcome {
    var evaluator = Evaluator(parts.test, for: model)
    return Outcome(
      model: model, evaluation: try evaluator.evaluate(model).checkingOutputs(.diverged), labels: parts.test.labels,
      record: record, digest: digest, history: history, chosenEpoch: chosenEpoch, images: parts.trainData.count,
      wasFinished: wasFinished)
  }
}

extension TrainingJob {
  /// The page of a training, with its loss curve and the model to draw for.
  ///
  /// - Parameters:
  ///   - origin: What it started from, where that was trained.
  ///   - verdict: Against a control, in words.
  func page(
    _ outcome: Outcome, path: String, origin: Checkpoint? = nil, verdict: String? = nil, on pair: DatasetPair,
    _ common: RunOptions
  ) throws -> Page {
    let checkpoint = Checkpoint(
      model: outcome.model, normalization: normalization, outputs: outputs, record: outcome.record)
    var page = try RunPage(
      title: "\(title), \(path)", checkpoint, test: pair.test, classes: outputs.trained, threads: common.threads)
    page.history = outcome.history
    page.verdict = verdict
    page.source = origin.map { (source ?? "the source", $0) }
    page.facts = RunPage.facts(of: checkpoint, path: path, digest: outcome.digest)
    return page.page
  }

  /// The command to try next.
  func hint(_ path: String, _ dataName: String, _ data: DataOptions) -> String {
    "next: graft evaluate \(ShellText.quoted(path))"
      + (dataName == "mnist" ? "" : " --data \(ShellText.quoted(dataName))")
      + (data.dataFolder.map { " --data-dir \(ShellText.quoted($0))" } ?? "") + "\n"
  }

  /// The result in words.
  func text(_ outcome: Outcome, path: String) -> String {
    let report = EvaluationReport(outcome.evaluation, outputs: outputs)
    var lines = [
      "\(model.architecture) on \(selection) (\(grouped(outcome.images)) images"
        + (outcome.wasFinished ? "" : ", \(decimals(outcome.seconds, 1)) s") + "): \(report.headline)"
    ]
    if options.validation != nil, let epoch = outcome.chosenEpoch {
      lines.append("the weights are those of epoch \(epoch), the best on the validation images")
    }
    return (lines + ["written to \(singleLine(path))"]).joined(separator: "\n") + "\n"
  }

  /// The result as JSON.
  func json(_ outcome: Outcome, path: String) -> JSON.Object {
    var document = EvaluationReport(outcome.evaluation, outputs: outputs).json.object ?? JSON.Object()
    document["checkpoint"] = .string(path)
    document["checkpoint_sha256"] = .string(outcome.digest)
    document["seconds"] = .number(outcome.seconds)
    if outcome.cachedFeatureBytes > 0 {
      document["cached_feature_bytes"] = .integer(outcome.cachedFeatureBytes)
    }
    document["chosen_epoch"] = outcome.chosenEpoch.map(JSON.integer) ?? .null
    document["settings"] = .object(outcome.record)
    return document
  }
}
