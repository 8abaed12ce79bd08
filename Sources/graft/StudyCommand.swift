import ArgumentParser
import Datasets
import Files
import Foundation
import Matrices
import Networks
import Reporting
import RunStorage
import Studies
import Training

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Compare transfer methods with training from scratch, at every number of labels.",
    discussion: """
      Each seed has its own source model, its own draw of labelled images and its own weights. Every method is compared \
      with scratch on the same draws and test images; settings are chosen for both with the same care and never on test \
      images. Trials are kept in a store: a study that was stopped or killed goes on where it was, and a second call \
      trains nothing.

      Methods: \(TransferMethod.Rule.allCases.map(\.rawValue).joined(separator: ", ")); METHOD:N holds the first N layers.

      Examples:
        graft study
        graft study --source even --target odd --methods scratch,frozen,fine-tune,lp-ft --per-class 1,5,10,50,200,all
        graft study --source mnist:all --target fashion-mnist:all --methods frozen,l2-sp --fraction 0.01,0.1 --seeds 5
        graft study --from even.safetensors --target odd --per-class 10 --dry-run
      """)

  @Option(
    help: ArgumentHelp(
      "Where models come from: classes, or a data set and classes; may be given several times (default: even).",
      valueName: "[data:]classes"))
  var source: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where they go; may be given several times (default: odd).", valueName: "[data:]classes"))
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
      "What to compare with scratch, the control (default: frozen,fine-tune,lp-ft).", valueName: "a,b,c"),
    transform: methodList)
  var methods: [TransferMethod] = [.scratch, .frozen, .fineTune, .lpFT]

  @Option(
    help: ArgumentHelp(
      "Labelled images of each class, or all (default: 1,5,10,50,200,all).", valueName: "1,10,all"),
    transform: perClassList)
  var perClass: [Share] = []

  @Option(
    help: ArgumentHelp("Shares of the labelled images, greater than 0 and at most 1.", valueName: "0.1,1"),
    transform: fractionList)
  var fraction: [Share] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Repetitions, 1 to 1000 (default: 10).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var seeds: Int = 10

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first seed, from 0 (default: 0).", valueName: "n"),
    transform: wholeNumber(0...(Int.max - 1000)))
  var seed: Int = 0

  @Option(
    help: ArgumentHelp(
      "softmax, or mlp: with the units of each hidden layer (default: the recipe's, mlp:500).",
      valueName: "softmax|mlp:500|mlp:500,300"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Settings of the sources and, apart from what is chosen, of the targets.", valueName: "study|quick"))
  var recipe: Recipe = .quick

  @Option(
    help: ArgumentHelp(
      "keep the source's head, start a new one, or keep what stands for shared classes (default: keep where outputs keep their meaning).",
      valueName: "keep|reset|shared"))
  var head: HeadPolicy?

  @Flag(help: "Bring the source's images to the shape of the target's (with --from: the target's to the model's).")
  var resize = false

  @Flag(help: "Print the plan with an estimate of its time, and train nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("Folder for tables and figures.", valueName: "folder"))
  var out = "runs/study"

  @OptionGroup var storage: StoreOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if from != nil {
      if !source.isEmpty { throw ValidationError("--from and --source exclude each other") }
      if bothWays { throw ValidationError("--from and --both-ways exclude each other: a file goes one way") }
      if model != nil {
        throw ValidationError("--from and --model exclude each other: the file says which model it is")
      }
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    StopSignals.watch()
    let store = storage.store
    let study = try plan()
    if dryRun {
      let known = try FileManager.default.fileExists(atPath: store) ? RunStore(path: store, access: .readOnly) : nil
      return try printPlan(StudyForecast(study, in: known))
    }
    try AtomicFile.checkWritable("\(out)/study.json", createFolders: true)
    let lock = try StoreLock(store: store)
    let runStore = try RunStore(path: store, access: .readWrite)
    let board = StudyBoard(
      ProgressBoard.suitableStyle(isQuiet: common.quiet, environment: ProcessInfo.processInfo.environment),
      columns: study.options.shares.map(StudyWords.labels), seeds: seeds)
    var result: StudyResult
    do {
      result = try study.run(in: runStore, isStopped: { StopSignals.exitCode != nil }, report: { board.show($0) })
    } catch is StudyStopped {
      board.end()
      common.note("stopped; what is finished is in \(store), and the same command goes on from there")
      throw ExitCode(StopSignals.exitCode ?? FailureKind.resumable.rawValue)
    }
    lock.release()
    board.end()
    result.seconds = (clock.now - start) / .seconds(1)
    let names = try result.write(to: out)
    Output.write(common.json ? result.json.text(.pretty) + "\n" : TextDocument(result).terminal())
    common.note("written to \(out): \(names.joined(separator: ", "))")
  }

  // MARK: - Plan

  private func plan() throws -> TransferStudy {
    let checkpoint = try from.map { try Checkpoint(contentsOf: $0) }
    let architecture =
      try checkpoint?.model.architecture ?? model.map(Architecture.init(parsing:)) ?? recipe.architecture
    let shares = perClass + fraction
    return try TransferStudy(
      StudyOptions(
        methods: methods, shares: shares.isEmpty ? StudyCommand.usualShares : shares,
        seeds: (0..<seeds).map { UInt64(seed + $0) }, architecture: architecture, recipe: recipe, head: head,
        threads: common.threads, modelFolder: "\(storage.store).models", version: Graft.version,
        machine: Machine.processor),
      on: try pairs(checkpoint))
  }

  static let usualShares: [Share] = [1, 5, 10, 50, 200].map(Share.perClass) + [.all]

  private func pairs(_ checkpoint: Checkpoint?) throws -> [StudyPair] {
    var loaded: [String: DatasetPair] = [:]
    var known: [String: StudyDomain] = [:]
    func domain(_ text: String, shape: ImageShape? = nil) throws -> StudyDomain {
      let key = "\(text) \(shape?.description ?? "")"
      if let domain = known[key] { return domain }
      let (name, classes) = DomainName.split(text, usual: dataName)
      let pair = try loaded[name] ?? data.load(name, isQuiet: common.quiet, threads: common.threads).pair
      loaded[name] = pair
      let selection = try ClassSelection(parsing: classes, of: pair.train.classNames.count)
      let domain = try StudyDomain(shape.map { try pair.resized(to: $0) } ?? pair, selecting: selection)
      known[key] = domain
      return domain
    }
    let targets = target.isEmpty ? ["odd"] : target
    if let checkpoint, let from {
      let source = StudySource.checkpoint(checkpoint, name: from, digest: try SHA256Digest.hex(ofFileAt: from))
      return try targets.map {
        StudyPair(source, try domain($0, shape: resize ? checkpoint.model.inputShape : nil))
      }
    }
    let sources = source.isEmpty ? ["even"] : source
    var ways = sources.flatMap { source in targets.map { (source, $0) } }
    if bothWays { ways += targets.flatMap { target in sources.map { (target, $0) } } }
    let pairs = try ways.compactMap { way -> StudyPair? in
      let target = try domain(way.1)
      let source = try domain(way.0, shape: resize ? target.shape : nil)
      // Nothing is transferred from a set of classes to itself.
      return source.name == target.name ? nil : StudyPair(.trained(source), target)
    }
    guard !pairs.isEmpty else { throw GraftFailure(.usage, "source and target are the same; nothing is transferred") }
    return pairs
  }

  private func printPlan(_ forecast: StudyForecast) throws {
    Output.write(common.json ? forecast.json.text(.pretty) + "\n" : TextDocument(forecast).terminal())
  }
}

/// `mnist:even`: a data set, which may be a path with colons, and classes.
enum DomainName {
  static func split(_ text: String, usual: String) -> (data: String, classes: String) {
    guard let colon = text.lastIndex(of: ":") else { return (usual, text) }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }
}

// MARK: - Lists

private let methodList: @Sendable (String) throws -> [TransferMethod] = { text in
  var methods: [TransferMethod] = []
  for part in text.split(separator: ",", omittingEmptySubsequences: false) {
    let method = try TransferMethod(parsing: String(part))
    guard !methods.contains(method) else { throw ValidationError("\(method) is named twice") }
    methods.append(method)
  }
  return methods
}

private let perClassList: @Sendable (String) throws -> [Share] = { text in
  try shares(text) { part in
    if part == "all" { return .all }
    return .perClass(try wholeNumber(1...100_000_000)(part))
  }
}

private let fractionList: @Sendable (String) throws -> [Share] = { text in
  try shares(text) { part in
    let fraction = try number(above: 0, upTo: 1)(part)
    return fraction == 1 ? .all : .fraction(fraction)
  }
}

private func shares(_ text: String, _ read: (String) throws -> Share) throws -> [Share] {
  var shares: [Share] = []
  for part in text.split(separator: ",", omittingEmptySubsequences: false) {
    let share = try read(String(part))
    guard !shares.contains(share) else { throw ValidationError("\(part) is named twice") }
    shares.append(share)
  }
  return shares
}
