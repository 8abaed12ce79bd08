import ArgumentParser
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// A transfer beside its matched control, trained by the rule of studies: the same least number of steps, solved heads,
/// and settings chosen with the same care on both sides.
struct TransferComparison {
  let source: Checkpoint
  let sourcePath: String
  let sourceDigest: String
  let method: TransferMethod
  /// Names of layers that are frozen, or trained, whatever the method says.
  let held: [String]
  let trained: [String]
  let head: HeadPolicy?
  /// Whether the head is solved; nil leaves it to the rule.
  let solvesHead: Bool?
  let options: TrainingOptions
  let pair: DatasetPair
  /// The way in which pictures were brought to one size; nil for other data.
  let pictureFit: String?
  let selection: ClassSelection

  init(
    source: Checkpoint, sourcePath: String, method: TransferMethod, held: [String], trained: [String],
    head: HeadPolicy?, solvesHead: Bool?, options: TrainingOptions, pair: DatasetPair,
    pictureFit: String?, selection: ClassSelection
  ) throws {
    self.source = source
    self.sourcePath = sourcePath
    sourceDigest = try SHA256Digest.hex(ofFileAt: sourcePath)
    self.method = method
    self.held = held
    self.trained = trained
    self.head = head
    self.solvesHead = solvesHead
    self.options = options
    self.pair = pair
    self.pictureFit = pictureFit
    self.selection = selection
    dataDigest = pair.train.digest
    isSameData = source.wasTrained(on: pair.train.name, digest: dataDigest)
  }

  /// Whether the source was trained on the target's data set.
  let isSameData: Bool
  /// SHA-256 of the target's whole training set.
  private let dataDigest: String

  /// The method that the transfer is compared with: the same network from fresh weights; for a published body, of which no few images
  /// could train a fresh one, the same body with random weights and a head.
  var control: TransferMethod { source.model.runsAsProgram ? .randomFrozen : .scratch }

  /// Classes of the target that the source has learnt from the same data.
  var learntClasses: [Int] { source.learntClasses(among: selection.classes, isSameData: isSameData) }

  /// The fate of the source's head, in words: it is always reported whether a trained head answers.
  func headWords(_ job: TrainingJob) -> String {
    guard method.usesSource, !method.rule.copies else { return "" }
    if job.startsWithHead(of: source.model) {
      let why = head == .keep ? "as asked" : "the same classes of the same data"
      return "head: the trained one is kept (\(why))"
    }
    if head == .shared { return "head: the classes that source and target share are kept, the others begin anew" }
    let same =
      !isSameData
      && source.outputs.names.contains { name in selection.classes.contains { pair.train.classNames[$0] == name } }
    return "head: a new one"
      + (same && head == nil
        ? " (classes of the same name, but \(pair.train.name) is not the data that the source was trained on; --head keep keeps it)"
        : "")
  }

  private var recipe: Recipe {
    options.how.startingRecipe(for: pair.train.shape, model: source.model.architecture)
  }

  /// Number of labelled images of each chosen class in one draw.
  private var drawn: [Int] {
    let counts = pair.train.counts(of: options.share)
    return selection.classes.map { counts[$0] }
  }

  // MARK: - One training

  /// The way in which the settings of the transfer and of its control are found.
  struct Choices {
    var transfer = TrainingJob.Choice.asTold
    var control = TrainingJob.Choice.asTold
  }

  /// Makes one training of the comparison.
  func job(_ method: TransferMethod, seed: UInt64, _ choices: Choices) throws -> TrainingJob {
    var settings = try options.settings(over: recipe.transferSettings(seed: seed), for: pair.train.shape)
    settings.seed = seed
    if options.how.epochs == nil { settings = settings.lasting(steps: recipe.leastSteps, on: drawn.reduce(0, +)) }
    let (adapted, outputs) = try source.adapted(
      to: selection.classes, of: pair.train.classNames, head: head, isSameData: isSameData, seed: seed)
    var plan = try method.plan(from: adapted, settings, solvesHeads: solvesHead ?? !options.saysHow)
    try options.how.checkSchedule(settings, epochs: plan.stages.map(\.epochs).max() ?? 0)
    if method.rule != .scratch {
      if solvesHead == true, !plan.solvesHead {
        throw GraftFailure(
          .usage, "--solve-head is for a head that trains alone; with \(method) more than that trains")
      }
      try plan.change(holding: held, training: trained)
      try checkEffects(plan)
    }
    // A published body has seen more changes of a picture than a few copies of it would add, at the cost of as many passes.
    if source.model.runsAsProgram, plan.stages.isEmpty, options.how.augment == nil {
      plan.settings.augmentation = .none
    }
    var job = TrainingJob(
      plan: plan, outputs: outputs, normalization: source.normalization, options: options, pair: pair,
      selection: selection,
      title: "\(method) \(selection)", method: method.description, source: method.usesSource ? sourcePath : nil,
      provenance: [
        ("data", pair.train.name), ("data_sha256", dataDigest), ("method", method.description),
        ("source_sha256", sourceDigest),
      ] + (pictureFit.map { [("fit", $0)] } ?? []))
    job.choice = method == self.method ? choices.transfer : choices.control
    return job
  }

  /// Refuses flags that would change the control and leave the transfer unchanged, or change nothing at all.
  private func checkEffects(_ plan: TransferPlan) throws(GraftFailure) {
    if plan.stages.isEmpty, let flag = options.stepFlags.first {
      throw GraftFailure(
        .usage,
        "\(flag) has no effect on a head that is solved: leave it out, or train the head with --no-solve-head")
    }
    let dropout = Dropout(options.how.dropout ?? 0, maps: options.how.mapDropout ?? 0)
    guard options.how.dropout ?? 0 > 0 || options.how.mapDropout ?? 0 > 0 else { return }
    guard plan.isAffected(by: dropout) else {
      throw GraftFailure(
        .usage,
        "\(options.how.dropout ?? 0 > 0 ? "--dropout" : "--map-dropout") drops nothing with \(method): the frozen layers are computed once, "
          + "and only the control would be changed")
    }
  }

  // MARK: - The rule

  /// The most multiply-adds of all trainings of a comparison that takes only seconds.
  private static let affordable = 2.5e12

  /// Multiply-adds of a comparison over `seeds` seeds with settings to choose from: forward and backward pass of every
  /// image in every step, of both sides. The estimate depends on no machine, so that the same call asks the same seeds
  /// everywhere.
  private func cost(seeds: Int) throws -> Double {
    let images = drawn.reduce(0, +)
    let settings = try options.settings(over: recipe.transferSettings(seed: 0), for: pair.train.shape).lasting(
      steps: options.how.epochs == nil ? recipe.leastSteps : 0, on: images)
    let perImage = 3 * source.model.layers.reduce(0) { $0 + $1.multiplyAdds }
    let candidates = isChosen ? 7.0 : 1
    return Double(seeds * 2 * settings.epochs) * Double(images) * Double(perImage) * candidates
  }

  /// Whether settings are chosen at all: not if a flag says how to train, and not for layers picked by name.
  private var isChosen: Bool {
    !options.saysHow && held.isEmpty && trained.isEmpty && source.normalization == .unit
  }

  /// Ten seeds, five, or one: the most that take only seconds.
  var usualSeeds: Int {
    get throws {
      // Each seed of the control has a body of its own, which must see all images.
      if source.model.runsAsProgram { return 1 }
      return try [10, 5].first { try cost(seeds: $0) <= TransferComparison.affordable } ?? 1
    }
  }

  /// Finds the settings as a study does: by rehearsal, or by a choice in each training. The recipe's settings are kept
  /// if choosing would take minutes and the number of seeds was not given.
  ///
  /// - Parameter isAsked: Whether the number of seeds was given.
  func choices(isAsked: Bool, seeds: Int, _ common: RunOptions) throws -> Choices {
    guard isChosen, !source.model.runsAsProgram, try isAsked || cost(seeds: seeds) <= TransferComparison.affordable
    else { return Choices() }
    guard (drawn.min() ?? 0) < Candidate.leastForValidation else {
      return Choices(transfer: .validated, control: .validated)
    }
    let domain = try StudyDomain(pair, selecting: selection)
    var study = StudyOptions(
      methods: [method], shares: [options.share], seeds: [options.seed], architecture: source.model.architecture,
      recipe: recipe, head: head, threads: common.threads)
    study.asksUntouchedSource = false
    common.note("too few labels to choose settings by: rehearsing on synthetic digits")
    let candidates: [TransferMethod: Candidate]
    do {
      candidates = try TransferStudy(
        study, on: [StudyPair(.checkpoint(source, name: sourcePath, digest: sourceDigest), domain)]
      ).rehearsedCandidates(options.share, isStopped: { StopSignals.exitCode != nil })
    } catch is StudyStopped {
      common.note("stopped before the training began; the same command begins again")
      throw ExitCode(StopSignals.exitCode ?? FailureKind.resumable.rawValue)
    }
    func choice(_ method: TransferMethod) -> TrainingJob.Choice {
      candidates[method].map { .rehearsed($0) } ?? .asTold
    }
    return Choices(transfer: choice(method), control: choice(.scratch))
  }

  // MARK: - The comparison

  /// Runs the remaining trainings of the comparison and judges it.
  ///
  /// - Parameter first: The transfer of the first seed, which is written.
  func verdict(
    _ first: TrainingJob.Measured, seeds: Int, _ choices: Choices, _ common: RunOptions
  ) throws -> TransferVerdict {
    let all = (0..<seeds).map { options.seed &+ UInt64($0) }
    let wanted = all.dropFirst().map { (method, $0) } + all.map { (control, $0) }
    let jobs = try wanted.map { try job($0.0, seed: $0.1, choices) }
    if seeds > 1 { common.note("comparing with \(control) over \(seeds) draws of labels and seeds (--seeds)") }
    let board = common.board
    // Few long trainings share the cores one after the other, many short ones run side by side.
    let workers = min(jobs.count, common.threads)
    let threads = jobs.count > 1 ? 1 : common.threads
    let measured: [TrainingJob.Measured]
    do {
      measured = try inParallel(jobs.count, threads: workers) { index, _ in
        try jobs[index].measure(board, threads: threads)
      }
    } catch let stop as ExitCode {
      common.note(
        "stopped in the comparison with \(control); the transfer is written, and the same command with --resume goes on"
      )
      throw stop
    }
    let transfers = [first] + measured.prefix(seeds - 1)
    let controls = Array(measured.suffix(seeds))
    return TransferVerdict(
      method: method, control: control, transfers: transfers, controls: controls, untouched: try untouchedAnswers(),
      labels: pair.selecting(selection).test.labels)
  }

  /// The answers of the unchanged source; nil if it has not learnt every class of the target and its head is not kept.
  private func untouchedAnswers() throws -> [Int]? {
    guard method.usesSource else { return nil }
    let test = pair.selecting(selection).test
    let knowsAll = learntClasses.count == selection.classes.count
    guard knowsAll || head == .keep else { return nil }
    let (model, outputs) =
      try knowsAll
      ? (source.model, source.outputs)
      : source.adapted(
        to: selection.classes, of: pair.train.classNames, head: head, isSameData: isSameData, seed: options.seed)
    var evaluator = Evaluator(
      try Examples(test, outputs: outputs, normalization: source.normalization), for: model)
    return evaluator.evaluate(model).predictions.map { outputs.classes[$0] }
  }
}
