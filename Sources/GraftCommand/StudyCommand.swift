import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct StudyCommand: ParsableCommand, RanksCommand {
  static let isManaged = true

  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Compare transfer methods with training from scratch, at every number of labels.",
    discussion: """
      Each seed has its own source model, its own draw of labelled images and its own weights. Every method is compared \
      with scratch on the same draws and test images; settings are chosen for both with the same care and never on test \
      images. Methods are compared over seeds and test images at once; one seed compares two models and says nothing of \
      a method. Where the source knows the target's classes already, the source as it stands is a row too. Trials are kept in a store: a study that was stopped or killed goes on where it was, and a second call \
      trains nothing.

      A published body (graft import) has two controls: random-frozen, the same body with random weights under a solved head, and \
      scratch, which is then a small network from fresh weights on the same pictures, brought to 32 x 32. Settings are chosen by \
      cross-validation on the labelled pictures, and the body sees each picture once for all seeds and numbers of labels.

      Methods: \(TransferMethod.Rule.allCases.map(\.rawValue).joined(separator: ", ")); METHOD:N holds the first N \
      layers, copy:N and copy+:N take only those from the source.

      Before anything is trained on the target, five scores say of each source whether it will help; the tables show \
      how far they were right, what the transfer cost the source's task, and how far probabilities can be believed.

      Examples:
        graft study
        graft study --source even --target odd --methods scratch,frozen,fine-tune,lp-ft --per-class 1,5,10,50,200,all
        graft study --source mnist:all --target fashion-mnist:all --methods frozen,l2-sp --fraction 0.01,0.1 --seeds 5
        graft study --sources auto --target odd --per-class 1,5,20,100 --seeds 3
        graft study --methods fine-tune,lp-ft --compare lp-ft,fine-tune --per-class 1,10
        graft study --from even.safetensors --target odd --per-class 10 --dry-run
        graft study --from efficientnet-lite0.safetensors --target photos/ --per-class 1,5,10,50,all
      """)

  @Option(
    help: ArgumentHelp(
      "Where models come from: classes, or a data set and classes; may be given several times (default: even).",
      valueName: "[data:]classes"))
  var source: [String] = []

  @Option(
    help: ArgumentHelp(
      "auto: try every pair of the classes that the target lacks, all of these together, synthetic digits and the other data sets that are here.",
      valueName: "auto"))
  var sources: AutomaticSources?

  @Option(
    help: ArgumentHelp(
      "Where they go; may be given several times (default: odd). A folder or file alone is all its classes.",
      valueName: "[data:]classes"))
  var target: [String] = []

  @Flag(help: "Also from each target to each source.")
  var bothWays = false

  @Option(help: ArgumentHelp("Take this checkpoint as the source of all seeds.", valueName: "file"))
  var from: String?

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("The data set of classes named without one.", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(
    help: ArgumentHelp(
      "What to compare with scratch, the control (default: frozen,fine-tune,lp-ft; of a published body frozen alone, because each training of the others takes minutes).",
      valueName: "a,b,c"),
    transform: methodList)
  var methods: [TransferMethod] = []

  @Option(
    help: ArgumentHelp(
      "Labelled images of each class, or all (default: 1,5,10,50,200,all).", valueName: "1,10,all"),
    transform: perClassList)
  var perClass: [Share] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Repetitions, 1 to 1000 (default: 10).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var seeds: Int = 10

  @Option(help: modelHelp)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "keep the source's head, start a new one, or keep what stands for shared classes (default: keep where outputs keep their meaning).",
      valueName: "keep|reset|shared"))
  var head: HeadPolicy?

  @Option(
    help: ArgumentHelp(
      "Also test these two methods against each other; may be given several times.", valueName: "lp-ft,fine-tune"),
    transform: methodPair)
  var compare: [MethodPair] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Gains smaller than this count as equal, in points, greater than 0 and at most 100 (default: 0.5).",
      valueName: "points"), transform: number(above: 0, upTo: 100))
  var margin: Double?

  @Flag(help: "Bring the source's images to the shape of the target's (with --from: the target's to the model's).")
  var resize = false

  @Option(help: ArgumentHelp("Folder for tables and figures.", valueName: "folder"))
  var out = "runs/study"

  @Option(
    help: ArgumentHelp(
      "Also write each training of the study into this folder, as events for TensorBoard.", valueName: "folder"))
  var tensorboard: String?

  @Option(
    help: ArgumentHelp(
      "Train this part of the study's trials and write no results: graft runs merge puts the parts' stores together.",
      valueName: "3/16"),
    transform: StudyPart.init(parsing:))
  var part: StudyPart?

  @OptionGroup var running: StudyRunOptions

  func validate() throws {
    if part != nil, running.dryRun { throw ValidationError("--dry-run tells of the whole study, not of a --part") }
    if part != nil, tensorboard != nil {
      throw ValidationError("--tensorboard is for the whole study, once its parts are merged")
    }
    let compared = (methods.isEmpty ? StudyCommand.usualMethods : methods) + compare.flatMap { [$0.first, $0.second] }
    if head != nil, !compared.contains(where: \.usesSource) {
      throw ValidationError("--head is about the source's head, and none of these methods starts from the source")
    }
    if margin != nil, compared.allSatisfy({ $0 == .scratch }) {
      throw ValidationError("--margin is for a comparison, and nothing is compared with scratch")
    }
    if sources != nil {
      if !source.isEmpty { throw ValidationError("--sources and --source exclude each other") }
      if from != nil { throw ValidationError("--sources and --from exclude each other") }
      if bothWays { throw ValidationError("--sources and --both-ways exclude each other: every target has its own") }
    }
    if from != nil {
      if !source.isEmpty { throw ValidationError("--from and --source exclude each other") }
      if bothWays { throw ValidationError("--from and --both-ways exclude each other: a file goes one way") }
      if running.how.weightDecay != nil {
        throw ValidationError("--weight-decay is for the sources, and --from brings its own: a target's is chosen")
      }
      if model != nil {
        throw ValidationError("--from and --model exclude each other: the file says which model it is")
      }
    }
  }

  func run() throws {
    // Before the first folder is made: a signal ends the study in one way from here on.
    StopSignals.watch()
    try running.checkStore(against: "\(out)/study.json")
    let plan = try plan()
    let study = try self.study(plan.plan, plan.loaded)
    if let part {
      if let trials = try running.train(study, part: part) {
        let store = running.storage.store
        if running.common.json {
          let document: JSON = [
            "schema_version": 1, "part": .string("\(part)"), "trials": .integer(trials), "store": .string(store),
          ]
          Output.write(document.text(.pretty) + "\n")
        }
        running.common.note(
          "part \(part): \(trials) trials are in \(store); when all parts are there, graft runs merge puts their stores together, and graft study without --part tells the result"
        )
      }
      return
    }
    let page = "\(out)/\(ReportCommand.usualName)"
    if !running.dryRun {
      // Before the first file is touched: a signal may not leave a half of it.
      StopSignals.watch()
      if RankJob.isFirst { try AtomicFile.checkWritable(page, createFolders: true) }
    }
    guard var result = try running.run(study, writing: "\(out)/study.json") else { return }
    // An older page beside newer tables would tell of another study.
    try? FileManager.default.removeItem(atPath: page)
    try describe(&result, plan.plan)
    let names = try result.write(to: out)
    if let tensorboard { try StudyEvents.write(result, to: tensorboard) }
    Output.write(running.common.json ? result.json.text(.pretty) + "\n" : TextDocument(result).terminal())
    try AtomicFile.write(
      text: StudyCommand.page(of: result, study, running.common).source, to: page)
    running.common.note("written to \(out): \(([ReportCommand.usualName] + names).joined(separator: ", "))")
    try StudyCommand.tellDivergence(result)
  }

  /// Says how many trainings diverged, even to one who asked for quiet: the tables rest on the others.
  ///
  /// - Throws: If all of them did.
  private static func tellDivergence(_ result: StudyResult) throws(GraftFailure) {
    let diverged = Set(result.rows.flatMap(\.diverged).map(\.id)).count
    if diverged == 0 { return }
    let ended = Set(result.rows.flatMap(\.records).map(\.id)).count
    if ended == 0 { throw GraftFailure(.diverged, "all \(grouped(diverged)) trainings of the study diverged") }
    StandardError.write(
      "graft: warning: \(grouped(diverged)) of \(grouped(diverged + ended)) trainings diverged; their rows have no verdict\n"
    )
  }

  private func describe(_ result: inout StudyResult, _ plan: StudyPlan) throws {
    result.ranksSources = plan.ranksSources
    result.plan = plan
    result.arguments = try Main.arguments()
    result.store = absolutePath(running.storage.store)
  }

  /// The page of a study that was finished before, from the plan in its `study.json` and the trials in its store.
  ///
  /// - Parameters:
  ///   - document: The contents of `study.json`.
  ///   - store: The store of its trials; nil if it is where it was.
  static func page(
    of document: JSON, in folder: String, store: String?, data: DataOptions, common: RunOptions
  ) throws -> Page {
    guard let json = document["plan"] else {
      throw GraftFailure(
        .badData, "\(folder)/study.json holds no plan: run that graft study again, which trains nothing anew")
    }
    let plan: StudyPlan
    do {
      plan = try StudyPlan(json: json)
    } catch {
      throw GraftFailure(.badData, "\(folder)/study.json: \(error)")
    }
    guard !plan.pairs.isEmpty else {
      throw GraftFailure(.badData, "\(folder)/study.json: its plan has no pairs of a source and a target")
    }
    guard let store = store ?? document["store"]?.string else {
      throw GraftFailure(.badData, "\(folder)/study.json does not say where its store is: name it with --store")
    }
    var data = data
    data.dataFolder = data.dataFolder ?? plan.dataFolder
    let checkpoint = plan.checkpoint
    let study = try plan.study(
      threads: common.threads, modelFolder: "\(store).models", machine: Machine.processor,
      load: { try data.load($0, isQuiet: common.quiet, threads: common.threads, for: checkpoint).pair })
    guard let found = try study.finishedResult(in: RunStore(path: store, access: .readOnly)) else {
      throw GraftFailure(
        .missingInput, "not all trainings of the study in \(folder) are in \(store); the same graft study finishes them"
      )
    }
    var result = found
    result.ranksSources = plan.ranksSources
    result.arguments = document["arguments"]?.array?.compactMap(\.string) ?? []
    result.seconds = document["seconds"]?.double ?? 0
    return page(of: result, study, common)
  }

  private static func page(of result: StudyResult, _ study: TransferStudy, _ common: RunOptions) -> Page {
    let sources = study.keptSources
    if sources.isEmpty, study.pairs.contains(where: { $0.control == nil }) {
      common.note(
        "the page has nothing to draw for: the study's source models are not in \(study.options.modelFolder ?? "a folder")"
      )
    }
    return StudyPage(
      result, sources: sources, test: study.pairs.first?.target.data.test, version: GraftVersion.current,
      threads: common.threads
    ).page
  }

  // MARK: - Plan

  /// The plan that the flags describe, and the data that was read for it.
  private func plan() throws -> (plan: StudyPlan, loaded: [String: DatasetPair]) {
    let file = try from.map(RankJob.file)
    let checkpoint = try file.map { try Checkpoint(contentsOf: $0) }
    let asked = try checkpoint?.model.architecture ?? model.map(Architecture.init(parsing:))
    // What is to be compared is studied, whether or not --methods names it.
    let usual = checkpoint?.model.runsAsProgram == true ? [.scratch, .frozen] : StudyCommand.usualMethods
    let all = ((methods.isEmpty ? usual : methods) + compare.flatMap { [$0.first, $0.second] }).firstOccurrences
    var domains = StudyDomains(usual: dataName, running, for: checkpoint)
    let pairs = try pairs(checkpoint, in: file, &domains)
    let recipe = try running.recipe(for: asked, on: pairs.first.map { try domains.shape(of: $0.target) } ?? .mnist)
    var plan = StudyPlan(
      pairs: pairs, methods: all,
      shares: running.shares(perClass, usual: StudyCommand.usualShares),
      seeds: (0..<seeds).map { UInt64(running.seed + $0) }, architecture: asked ?? recipe.architecture, recipe: recipe,
      head: head, contrasts: compare.map { [$0.first, $0.second] })
    if let margin { plan.margin = margin }
    plan.ranksSources = sources != nil
    plan.dataFolder = running.data.dataFolder.map(absolutePath)
    return (plan, domains.loaded)
  }

  private func study(_ plan: StudyPlan, _ loaded: [String: DatasetPair]) throws -> TransferStudy {
    try plan.study(
      threads: running.common.threads, modelFolder: "\(running.storage.store).models", machine: Machine.processor,
      load: { name in
        try loaded[name]
          ?? running.data.load(name, isQuiet: running.common.quiet, threads: running.common.threads).pair
      })
  }

  static let usualMethods: [TransferMethod] = [.scratch, .frozen, .fineTune, .linearProbeThenFineTuning]
  static let usualShares: [Share] = [1, 5, 10, 50, 200].map(Share.perClass) + [.all]

  /// - Parameter file: The checkpoint's file, which on some ranks of a job is a copy of the one that was named.
  private func pairs(
    _ checkpoint: Checkpoint?, in file: String?, _ domains: inout StudyDomains
  ) throws -> [StudyPlan.Pair] {
    let targets = target.isEmpty ? ["odd"] : target
    if let checkpoint, let from, let file {
      let source = StudyPlan.Source.checkpoint(
        path: absolutePath(file), name: from, sha256: try SHA256Digest.hex(ofFileAt: file))
      return try targets.map {
        StudyPlan.Pair(
          source: source,
          target: try domains.reference($0, shape: resize ? checkpoint.model.inputShape : nil))
      }
    }
    if sources != nil { return try automaticPairs(targets, &domains) }
    let sources = source.isEmpty ? ["even"] : source
    var ways = sources.flatMap { source in targets.map { (source, $0) } }
    if bothWays { ways += targets.flatMap { target in sources.map { (target, $0) } } }
    return try ways.map { way in
      let target = try domains.reference(way.1)
      let shape = resize ? try domains.pair(of: target).train.shape : nil
      return StudyPlan.Pair(source: .trained(try domains.reference(way.0, shape: shape)), target: target)
    }
  }

  private func automaticPairs(_ targets: [String], _ domains: inout StudyDomains) throws -> [StudyPlan.Pair] {
    try targets.flatMap { text in
      let target = try domains.reference(text)
      let whole = try domains.pair(of: target)
      let (name, classes) = DomainName.split(text, usual: dataName)
      let selection = try ClassSelection(parsing: classes, of: whole.train.classNames)
      let own = SourceCandidates.classes(besides: selection, in: whole).map { "\(name):\($0)" }
      let others = try running.data.presentDatasets(besides: name).map { "\($0):all" }
      return try (own + others).map { source in
        // The candidates were not chosen by anybody: images of another size are brought to the target's.
        StudyPlan.Pair(
          source: .trained(try domains.reference(source, shape: whole.train.shape)), target: target)
      }
    }
  }
}

/// The one way to leave the choice of sources to a study.
enum AutomaticSources: String, ExpressibleByArgument, CaseIterable { case auto }
