import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining

/// News of a running study.
public enum StudyEvent: Sendable {
  /// A list of trials begins, of which `known` are already in the store; `steps` counts the steps of the trainings that
  /// are left.
  case phase(StudyPhase, trials: Int, known: Int, steps: Int)
  case began(Trial)
  /// A trial is finished; `steps` counts the steps of its trainings.
  case ended(TrialRecord, steps: Int)
  /// The trials that each rank of a job has ended so far, and those that each is training.
  case ranks(ended: [Int], running: [Int])
  /// The study of a job has ended: the answers that the first rank gave to the others in so many seconds, by question.
  case answered([String: (count: Int, seconds: Double)], seconds: Double)
}

/// A list of trials of a study.
public enum StudyPhase: String, Sendable, CaseIterable {
  case sources, rehearsals, scores, measurements, similarities
}

/// A study of every method on every pair, at every number of labels, for every seed: each against its matched control.
public struct TransferStudy: Sendable {
  /// The study's options.
  package let options: StudyOptions
  /// The pairs of source and target, each once.
  package let pairs: [StudyPair]
  let models: SourceModels
  private let world: RehearsalWorld
  /// The way to the other ranks, if there are any.
  let links = RankLinks()
  /// The features that the study's trials share.
  package let bodies: PublishedBodies

  /// Plans a study.
  ///
  /// - Throws: If a pair, a method or a number of labels makes no sense, before anything is trained.
  public init(_ options: StudyOptions, on pairs: [StudyPair]) throws {
    let isPublished = pairs.contains(where: \.startsFromPublishedBody)
    self.options = isPublished ? options.addingRandomBody : options
    self.pairs = try pairs.map { try $0.readAlike }.reduce(into: []) { kept, pair in
      if !kept.contains(where: { $0.source.isSame(as: pair.source) && $0.target.isSame(as: pair.target) }) {
        kept.append(try pair.controlled(options.recipe))
      }
    }
    bodies = PublishedBodies(options.shares, seeds: options.seeds, threads: options.threads, links)
    models = SourceModels(folder: options.modelFolder, links)
    world = RehearsalWorld(shape: pairs.first?.target.shape ?? .mnist, threads: options.threads, links)
    guard !pairs.isEmpty, !options.seeds.isEmpty, !options.shares.isEmpty else {
      throw GraftFailure(.usage, "a study needs a pair of source and target, a seed and a number of labels")
    }
    if options.comparesLayers, options.architecture.body.isEmpty {
      throw GraftFailure(.usage, "a \(options.architecture) model has no hidden layer to compare")
    }
    try checkNames()
    for pair in self.pairs { try check(pair) }
    if options.methods.contains(.untouched), !self.pairs.contains(where: { methods(for: $0).contains(.untouched) }) {
      throw GraftFailure(
        .usage, "no source knows its target's classes or keeps its head: untouched, none of them can answer")
    }
    if let unknown = options.contrasts.flatMap({ [$0.first, $0.second] }).first(where: {
      !self.options.methods.contains($0)
    }
    ) {
      throw GraftFailure(.usage, "\(unknown) cannot be compared: it is none of the study's methods")
    }
  }

  /// Checks that no two data sets have one name: tables, figures and scores go by names, which folders give.
  private func checkNames() throws {
    var domains: [StudyDomain] = []
    for pair in pairs {
      var own = [pair.target]
      if case .trained(let domain) = pair.source { own.append(domain) }
      for domain in own {
        // One data set may be there in two sizes: a source is brought to the size of each target.
        let namesake = domains.first { $0.name == domain.name && $0.shape == domain.shape }
        guard let namesake else {
          domains.append(domain)
          continue
        }
        guard namesake.isSame(as: domain) else {
          throw GraftFailure(.usage, "two different data sets are called \(domain.name): give one folder another name")
        }
      }
    }
  }

  /// The first seed's source of each pair, once, if its file is there. A published body answers about other classes, and is in the user's
  /// hands already.
  package var keptSources: [(name: String, checkpoint: Checkpoint)] {
    var names: [String] = []
    return pairs.compactMap { pair in
      guard pair.control == nil, let seed = options.seeds.first, !names.contains(pair.source.name) else { return nil }
      names.append(pair.source.name)
      return (try? reference(pair.source, seed: seed).model(among: models)).map { (pair.source.name, $0) }
    }
  }

  private func check(_ pair: StudyPair) throws {
    let target = pair.target
    try options.architecture.check(on: target.shape, classCount: target.outputs.count)
    for share in options.shares {
      // Draws without using the images: too small a class is reported here.
      if case .perClass(let count) = share, !(1...target.smallestClass).contains(count) {
        _ = try target.data.train.share(share, seed: 0)
      }
      if case .fraction = share { _ = try target.data.train.share(share, seed: 0) }
    }
    switch pair.source {
    case .trained(let domain):
      guard domain.shape == target.shape else {
        throw GraftFailure(
          .badData,
          "\(domain.name) has images of \(domain.shape), \(target.name) of \(target.shape)"
        ).with(.resizing)
      }
      try options.architecture.check(on: domain.shape, classCount: domain.outputs.count)
      // In place of the sources, which are not trained yet.
      let fresh = Model(
        options.architecture, inputShape: domain.shape, classCount: domain.outputs.count, seed: 0)
      try check(
        Checkpoint(model: fresh, normalization: domain.normalization, outputs: domain.outputs, record: JSON.Object()),
        pair)
    case .checkpoint(let checkpoint, let name, _):
      guard checkpoint.model.inputShape == target.shape else {
        throw GraftFailure(
          .badData,
          "\(name): the model reads images of \(checkpoint.model.inputShape), \(target.name) has \(target.shape)"
        ).with(.resizing)
      }
      // The control is made from the options: it would be no control of another network.
      guard checkpoint.model.architecture == options.architecture else {
        throw GraftFailure(
          .usage, "\(name) is a \(checkpoint.model.architecture) model, the study's are \(options.architecture)")
      }
      try check(checkpoint, pair)
    }
    let model = Model(options.architecture, inputShape: target.shape, classCount: target.outputs.count, seed: 0)
    for method in options.methods where method != .untouched {
      _ = try method.plan(from: model, options.settings(seed: 0, images: 1), solvesHeads: true)
    }
  }

  private func check(_ source: Checkpoint, _ pair: StudyPair) throws {
    _ = try source.adapted(
      to: pair.target.selection.classes, of: pair.target.data.train.classNames, head: options.head,
      isSameData: pair.source.isSameData(as: pair.target), seed: 0)
  }

  // MARK: - Lists of trials

  /// The methods of one pair, the control first. The source as it stands is one of them if it can answer.
  func methods(for pair: StudyPair) -> [TransferMethod] {
    let asked = options.methods.filter { $0 != .untouched }
    let isAsked = options.asksUntouchedSource || options.methods.contains(.untouched)
    guard isAsked, asked.contains(where: \.usesSource) || options.methods.contains(.untouched),
      pair.source.canAnswer(pair.target, keepsHead: options.head == .keep)
    else { return asked }
    return asked + [.untouched]
  }

  /// The jobs for each seed of each source; none for a source from a file.
  func sourceJobs() -> [SourceJob] {
    var jobs: [SourceJob] = []
    for pair in pairs {
      guard case .trained(let domain) = pair.source else { continue }
      for seed in options.seeds {
        let job = SourceJob(domain, seed: seed, options, models: models)
        if !jobs.contains(where: { $0.trial.id == job.trial.id }) { jobs.append(job) }
      }
    }
    return jobs
  }

  /// The rehearsals of each method at each number of labels too small for a validation split.
  ///
  /// - Parameter isNeeded: Whether the setting of a method at a number of labels is asked for.
  func rehearsalJobs(isNeeded: (TransferMethod, Share) -> Bool = { _, _ in true }) -> [RehearsalJob] {
    var jobs: [RehearsalJob] = []
    var known: Set<String> = []
    for pair in pairs {
      for share in options.shares where needsRehearsal(share, pair) {
        for method in options.methods where method != .untouched && isNeeded(method, share) {
          for job in rehearsals(of: method, share, pair) where known.insert(job.trial.id).inserted { jobs.append(job) }
        }
      }
    }
    return jobs
  }

  /// Whether the settings of a number of labels are fixed on other data: never behind a published body, which digits would tell nothing of.
  package func needsRehearsal(_ share: Share, _ pair: StudyPair) -> Bool {
    pair.control == nil && pair.target.fewestPerClass(share) < Candidate.leastForValidation
  }

  /// The way in which the trials of a method find their setting.
  ///
  /// - Parameter rehearsed: The setting that rehearsals fixed; nil if there is none.
  func choice(
    of method: TransferMethod, _ share: Share, _ pair: StudyPair, rehearsed: RehearsedSetting?
  ) -> SettingChoice {
    guard pair.control != nil else { return rehearsed.map(SettingChoice.rehearsed) ?? .validated }
    let fewest = pair.target.fewestPerClass(share)
    let isSolved = method.trainsHeadAlone(in: options.architecture)
    guard fewest > 1, isSolved || method == .scratch else { return .recipe }
    return isSolved || fewest < Candidate.leastForValidation ? .crossValidated : .validated
  }

  func rehearsals(of method: TransferMethod, _ share: Share, _ pair: StudyPair) -> [RehearsalJob] {
    // One rare class calls for a rehearsal, however many images the others have.
    let labels = Int(min(pair.target.labelsPerClass(share).rounded(), Double(RehearsalData.mostPerClass)))
    return RehearsalData.seeds.map { seed in
      RehearsalJob(
        method, labelsPerClass: max(1, labels),
        sourceClassCount: pair.source.classCount, targetClassCount: pair.target.selection.classes.count,
        shape: pair.target.shape, seed: seed, options, world: world)
    }
  }

  /// One trial per method, number of labels and seed of each pair; the control of a target is the same for all its
  /// sources.
  ///
  /// - Parameter chosen: The choices of the rehearsals; nil while they have not been run.
  func measurementJobs(_ chosen: RehearsalChoices?) -> [MeasurementJob] {
    var jobs: [MeasurementJob] = []
    var known: Set<String> = []
    for pair in pairs {
      for share in options.shares {
        for method in methods(for: pair) {
          for job in measurements(of: method, share, pair, chosen) where known.insert(job.trial.id).inserted {
            jobs.append(job)
          }
        }
      }
    }
    return jobs
  }

  /// The trials of one method at one number of labels, one per seed.
  func measurements(
    of method: TransferMethod, _ share: Share, _ pair: StudyPair, _ chosen: RehearsalChoices?
  ) -> [MeasurementJob] {
    let rehearsed = needsRehearsal(share, pair) ? chosen?.setting(method, share, pair, self) : nil
    return options.seeds.map { seed in
      MeasurementJob(
        pair, method: method, share: share, seed: seed, source: reference(pair.source, seed: seed),
        choice: choice(of: method, share, pair, rehearsed: rehearsed), keepsModel: isCompared(method, pair), options,
        models: models, bodies: bodies)
    }
  }

  /// The scores of a source on the labelled images of every trial that starts from it; none if no method does.
  func scoreJobs() -> [ScoreJob] {
    var jobs: [ScoreJob] = []
    var known: Set<String> = []
    for pair in pairs {
      for share in options.shares {
        for job in scores(share, pair) where known.insert(job.trial.id).inserted { jobs.append(job) }
      }
    }
    return jobs
  }

  /// The scores of one pair at one number of labels, one per seed.
  func scores(_ share: Share, _ pair: StudyPair) -> [ScoreJob] {
    guard options.methods.contains(where: \.usesSource) else { return [] }
    return options.seeds.map { seed in
      ScoreJob(
        pair, share: share, seed: seed, source: reference(pair.source, seed: seed), options, models: models,
        bodies: bodies)
    }
  }

  /// Whether a method's models are compared layer by layer: if every hidden layer is transferred and trains, and the
  /// source is not the target itself. They are compared with the control.
  func isCompared(_ method: TransferMethod, _ pair: StudyPair) -> Bool {
    guard options.comparesLayers else { return false }
    if method == .scratch { return true }
    let movesAll =
      method.rule == .copyTuned
      ? (method.layerCount ?? options.architecture.body.count) == options.architecture.body.count
      : ![.copy, .frozen, .randomFrozen, .biasOnly, .untouched].contains(method.rule) && (method.layerCount ?? 0) == 0
    return movesAll && !pair.source.isTrained(on: pair.target)
  }

  /// The similarity jobs, one per pair, number of labels and seed; none if layers are not compared.
  func similarityJobs(_ chosen: RehearsalChoices?) -> [SimilarityJob] {
    pairs.flatMap { pair in options.shares.flatMap { similarities($0, pair, chosen) } }
  }

  /// The similarity jobs of one pair at one number of labels, one per seed.
  func similarities(_ share: Share, _ pair: StudyPair, _ chosen: RehearsalChoices?) -> [SimilarityJob] {
    let methods = options.methods.filter { isCompared($0, pair) }
    guard methods.count > 1 else { return [] }
    let trials = methods.map { (method: $0, jobs: measurements(of: $0, share, pair, chosen)) }
    return options.seeds.indices.map { index in
      func made(by job: MeasurementJob, _ name: String) -> SimilarityJob.Model {
        SimilarityJob.Model(
          name: name, source: SourceReference(identity: job.trial.id, checkpoint: nil, domain: nil))
      }
      var compared = [
        SimilarityJob.Model(name: "source", source: reference(pair.source, seed: options.seeds[index]))
      ]
      compared += trials.map { made(by: $0.jobs[index], $0.method.description) }
      // Two seeds are one pair of networks, which must not count twice.
      if options.seeds.count > 2 || options.seeds.count == 2 && index == 0,
        let scratch = trials.first(where: { $0.method == .scratch })
      {
        compared.append(made(by: scratch.jobs[(index + 1) % options.seeds.count], "other scratch"))
      }
      return SimilarityJob(
        pair, share: share, seed: options.seeds[index], compared, options, models: models)
    }
  }

  /// The source of the weights of a seed's transfers.
  func reference(_ source: StudySource, seed: UInt64) -> SourceReference {
    switch source {
    case .trained(let domain):
      SourceReference(
        identity: SourceJob(domain, seed: seed, options, models: models).trial.id, checkpoint: nil, domain: domain)
    case .checkpoint(let checkpoint, _, let digest):
      SourceReference(identity: digest, checkpoint: checkpoint, domain: nil)
    }
  }
}
