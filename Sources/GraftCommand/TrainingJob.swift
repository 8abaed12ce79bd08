import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftRanks
import GraftReporting
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// A training that a command asked for, with its name in a store and its messages.
struct TrainingJob {
  var training: Training
  let options: TrainingOptions
  let selection: ClassSelection
  /// `frozen`, or the recipe of a training from scratch.
  let method: String
  /// The source of the weights, as a person names it; nil for fresh ones.
  let source: String?
  /// The way in which the settings that a study chooses are found.
  var choice = Choice.asTold

  /// - Parameters:
  ///   - pair: All classes of the data.
  ///   - title: The title of the progress.
  ///   - provenance: Other origins of the model, for the record: data, method, source.
  init(
    plan: TransferPlan, outputs: ClassOutputs, normalization: Normalization, options: TrainingOptions,
    pair: DatasetPair, selection: ClassSelection, title: String, method: String, source: String?,
    provenance: [(key: String, value: String)]
  ) {
    training = Training(
      plan: plan, outputs: outputs, normalization: normalization, data: pair.selecting(selection), title: title,
      provenance: provenance)
    training.share = options.share
    training.validation = options.validation.map { Training.Validation(share: $0, patience: options.patience ?? 10) }
    self.options = options
    self.selection = selection
    self.method = method
    self.source = source
  }

  enum Choice {
    /// The plan's settings are the user's or the recipe's.
    case asTold
    /// Fixed beforehand on other data, as a study does with few labels.
    case rehearsed(Candidate)
    /// Chosen on a fifth of the labelled images, as a study does with more of them.
    case validated
  }

  private var settings: TrainingSettings { training.settings }

  /// Whether training begins with exactly the head of `source`.
  func startsWithHead(of source: Model) -> Bool {
    let model = training.plan.model
    return model.classCount == source.classCount
      && model.headSlices.map { model.parameters.values(of: $0) }
        == source.headSlices.map { source.parameters.values(of: $0) }
  }

  /// The job with its settings chosen. They are part of its record.
  private func choosingSettings() throws -> TrainingJob {
    let plan = training.plan
    let candidate: Candidate
    let origin: String
    let images: Int
    switch choice {
    case .asTold: return self
    case .rehearsed(let fixed):
      (candidate, origin) = (fixed, "rehearsed on synthetic digits")
      images = try training.drawn().train.count
    case .validated:
      let labelled = try training.drawn().train
      images = labelled.count
      let candidates = Candidate.all(for: plan, images: images)
      (candidate, _) = try plan.choosing(
        among: candidates, on: labelled, outputs: training.outputs, normalization: training.normalization,
        seed: settings.seed)
      origin = "best of \(candidates.count) on a fifth of the images"
    }
    var job = self
    job.choice = .asTold
    job.training.plan.settings = candidate.applied(to: plan.settings)
    job.training.headStrength = candidate.strength(images: images)
    job.training.provenance.append(("chosen", "\(candidate), \(origin)"))
    return job
  }

  // MARK: - Running

  /// Trains, or continues, and writes the checkpoint at `path`.
  ///
  /// - Parameter log: Is told of the training; if it cannot write, the training stops with its failure.
  func run(writing path: String, _ common: RunOptions, log: TrainingLog? = nil) throws -> TrainedModel {
    guard training.outputs.trained.count > 1 else {
      let names = training.data.train.classNames
      if names.count == 1 {
        throw GraftFailure(
          .badData,
          "\(training.data.train.name) has one class alone, \(quoted(singleLine(names[0]))): nothing is to tell apart")
      }
      throw GraftFailure(.usage, "one class is nothing to tell apart: --classes needs two or more, as in --classes 1,7")
    }
    if let store = options.store { _ = try RunStore(path: store, access: .readWrite) }
    for path in [path, Training.statePath(path)] { try AtomicFile.checkWritable(path, createFolders: true) }
    try log?.checkWritable()
    var training = try choosingSettings().training
    training.threads = common.threads
    training.ranks = RankJob.current?.team
    let board = common.board
    defer {
      if let (count, bytes, seconds) = training.ranks?.exchanged, count > 0 {
        common.note(
          "the ranks exchanged their sums \(grouped(count)) times, \(decimals(Double(bytes) / Double(count) / 1e6, 2)) MB and \(decimals(1000 * seconds / Double(count), 2)) ms each with the waiting for one another, \(decimals(seconds, 1)) s in all"
        )
      }
    }
    do {
      return try training.run(
        writing: path, resumes: options.resume,
        // The run goes to its log and to the store before the checkpoint appears: a checkpoint that is there is in both.
        keep: { trained in
          try log?.end(trained)
          if let store = options.store { try keep(trained, in: store) }
        },
        report: { event in
          announce(event, common, isLogged: log?.isAsked ?? false)
          board.show(event)
          log?.follow(event)
        }, isStopped: { StopSignals.exitCode != nil || log?.failure != nil })
    } catch let stop as TrainingStopped {
      if let failure = log?.failure { throw failure }
      common.note("stopped after epoch \(stop.epoch); the same command with --resume goes on")
      throw ExitCode(StopSignals.exitCode ?? FailureKind.resumable.rawValue)
    }
  }

  /// Trains with the first rank, as another one; nothing is written.
  func follow(_ common: RunOptions) throws {
    var training = try choosingSettings().training
    training.threads = common.threads
    training.ranks = RankJob.current?.team
    do {
      _ = try training.follow(isStopped: { StopSignals.exitCode != nil })
    } catch is TrainingStopped {}
  }

  /// Prints the events that deserve a line beside the progress.
  private func announce(_ event: TrainingEvent, _ common: RunOptions, isLogged: Bool) {
    switch event {
    case .solvedHead(let words): common.note(words)
    case .kept(.resumed(let epochs)): common.note("resuming at epoch \(epochs + 1)")
    case .kept(.nothingToResume): common.note("nothing to resume: beginning")
    case .kept(.dropped(let path)):
      common.note("beginning anew: the interrupted training in \(path) is dropped (--resume would go on)")
    case .kept(.wasFinished(let path)):
      common.note("\(path) is finished; nothing to do\(isLogged ? ", and nothing more to log" : "")")
    case .planned(let plan, let images, let examples):
      let steps = plan.epochs * plan.settings.steps(of: images.count)
      if steps < 200 { common.note("only \(steps) steps in all: more --epochs may be wanted for so few images") }
      if common.json || common.quiet { return }
      // As in the last stage, in which most layers train.
      var model = training.plan.model
      if let last = plan.stages.last { model.isTrainable = last.isTrainable }
      // A training that is as short as the measurement needs no estimate.
      let step =
        steps > 32
        ? TrainingSession.secondsPerStep(model, on: examples, plan.settings, threads: common.threads) : nil
      let estimate = step.map { $0 * Double(steps) }
      common.note(TrainingSummary(model, on: images, plan.settings, seconds: estimate).document)
    case .began, .advanced, .ended: break
    }
  }

  /// The result of a training that leaves nothing but its answers.
  struct Measured: Sendable {
    /// The class of the data set answered for each test image.
    let answers: [Int]
    /// The reason why the training proves nothing; nil if it is sound.
    let problem: Convergence?
  }

  /// Trains without writing anything, for a comparison, and asks the model about the test images.
  func measure(_ board: ProgressBoard, threads: Int) throws -> Measured {
    let job = try choosingSettings()
    var training = job.training
    training.threads = threads
    training.title += ", seed \(settings.seed)"
    do {
      return job.measured(
        try training.run(report: { board.show($0) }, isStopped: { StopSignals.exitCode != nil }))
    } catch is TrainingStopped {
      throw ExitCode(StopSignals.exitCode ?? FailureKind.resumable.rawValue)
    }
  }

  /// The answers of a training, and whether it can be believed.
  func measured(_ trained: TrainedModel) -> Measured {
    let plan = training.plan
    let problem =
      plan.stages.isEmpty
      ? nil
      : Convergence.problem(
        losses: trained.history.map(\.trainLoss), steps: plan.epochs * settings.steps(of: trained.images),
        leastSteps: options.how.startingRecipe.leastSteps, schedule: settings.schedule,
        classCount: training.outputs.trained.count)
    return Measured(answers: trained.answers, problem: problem)
  }

  // MARK: - Keeping

  /// The name of the run in a store, and the test set on which it is measured.
  private func trial(of trained: TrainedModel) -> (Trial, TestSet) {
    let test = trained.test
    let testSet = TestSet(digest: test.digest, labels: test.labels, classNames: test.classNames)
    // The answers are to these images; the same model on others is another run.
    var identity = trained.checkpoint.record
    identity[TrainedModel.verdictKey] = nil
    identity["test_sha256"] = .string(testSet.digest)
    let trial = Trial(
      .single, source: source, target: "\(test.name):\(selection)", method: method, share: options.share,
      seed: settings.seed, testDigest: testSet.digest, identity: identity)
    return (trial, testSet)
  }

  /// Keeps the run for `graft runs` and `graft compare`. A run that was finished before is left as it is in a store that has it.
  private func keep(_ trained: TrainedModel, in path: String, replacing: Bool = false) throws {
    let (trial, testSet) = trial(of: trained)
    let store = try RunStore(path: path, access: .readWrite)
    if trained.wasFinished, !replacing, try store.records(of: [trial.id])[trial.id] != nil { return }
    let evaluation = trained.evaluation
    let end = TrialOutcome.Point(
      epoch: trained.history.last?.epoch ?? 0, seconds: trained.seconds, trainLoss: trained.history.last?.trainLoss,
      correct: evaluation.correct)
    let kept = TrialOutcome(
      answers: trained.answers, correct: evaluation.correct, loss: evaluation.loss, history: [end], choices: [],
      seconds: trained.seconds, choosingSeconds: 0, checkpointDigest: trained.digest)
    try store.save(testSet)
    try store.save(
      TrialRecord(
        trial: trial, outcome: kept, created: Date().timeIntervalSince1970.rounded(), version: GraftVersion.current,
        machine: Machine.processor))
  }

  /// Writes the checkpoint again with the verdict on the transfer, so that `graft report` and `graft show` can tell it.
  func keep(verdict: String, of trained: TrainedModel, at path: String) throws -> TrainedModel {
    let (kept, bytes) = try trained.adding(verdict: verdict)
    if let store = options.store { try keep(kept, in: store, replacing: true) }
    try AtomicFile.write(bytes, to: path)
    return kept
  }
}

// MARK: - Saying

extension TrainingJob {
  /// The page of a training, with its loss curve and the model to draw for.
  ///
  /// - Parameters:
  ///   - origin: The checkpoint that it started from, if that was trained.
  ///   - verdict: The verdict against a control, in words.
  ///   - pair: All classes of the data.
  func page(
    _ trained: TrainedModel, path: String, origin: Checkpoint? = nil, verdict: String? = nil, on pair: DatasetPair,
    _ common: RunOptions
  ) throws -> Page {
    let checkpoint = trained.checkpoint
    var page = try RunPage(
      title: "\(training.title), \(path)", checkpoint, test: pair.test, classes: checkpoint.outputs.trained,
      threads: common.threads)
    page.history = trained.history
    page.verdict = verdict
    page.source = origin.map { (source ?? "the source", $0) }
    page.facts = RunPage.facts(of: checkpoint, path: path, digest: trained.digest ?? "")
    return page.page
  }

  /// The command to try next.
  func hint(_ path: String, _ dataName: String, _ data: DataOptions) -> String {
    "next: graft evaluate \(ShellText.quoted(path))"
      + (dataName == "mnist" ? "" : " --data \(ShellText.quoted(dataName))")
      + (data.dataFolder.map { " --data-dir \(ShellText.quoted($0))" } ?? "") + "\n"
  }

  /// The result in words.
  func text(_ trained: TrainedModel, path: String) -> String {
    let report = EvaluationReport(trained.evaluation, outputs: trained.checkpoint.outputs)
    var lines = [
      "\(trained.model.architecture) on \(selection) (\(grouped(trained.images)) images"
        + (trained.wasFinished ? "" : ", \(decimals(trained.seconds, 1)) s") + "): \(report.headline)"
    ]
    if let balance = report.balance { lines.append(balance) }
    if options.validation != nil, let epoch = trained.chosenEpoch {
      lines.append("the weights are those of epoch \(epoch), the best on the validation images")
    }
    return (lines + ["written to \(singleLine(path))"]).joined(separator: "\n") + "\n"
  }

  /// The result as JSON.
  func json(_ trained: TrainedModel, path: String) -> JSON.Object {
    var document =
      EvaluationReport(trained.evaluation, outputs: trained.checkpoint.outputs).json.object ?? JSON.Object()
    var settings = trained.checkpoint.record
    settings[TrainedModel.verdictKey] = nil
    document["checkpoint"] = .string(path)
    document["checkpoint_sha256"] = .string(trained.digest ?? "")
    document["seconds"] = .number(trained.seconds)
    if trained.cachedFeatureBytes > 0 {
      document["cached_feature_bytes"] = .integer(trained.cachedFeatureBytes)
    }
    document["chosen_epoch"] = trained.chosenEpoch.map(JSON.integer) ?? .null
    document["settings"] = .object(settings)
    return document
  }
}
