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
import Synchronization

/// Options for how a study is trained and kept; the same flags in every command that makes one.
struct StudyRunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Shares of the labelled images, greater than 0 and at most 1.", valueName: "0.1,1"),
    transform: fractionList)
  var fraction: [Share] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first seed, from 0 (default: 0).", valueName: "n"),
    transform: wholeNumber(0...(Int.max - 1000)))
  var seed: Int = 0

  @Flag(help: "Print the plan with an estimate of its time, and train nothing.")
  var dryRun = false

  @OptionGroup var how: SettingsOptions
  @OptionGroup var storage: StoreOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  /// The requested numbers of labels, in whole images and in shares.
  func shares(_ perClass: [Share], usual: [Share]) -> [Share] {
    let asked = perClass + fraction
    return asked.isEmpty ? usual : asked
  }

  /// The recipe of sources and targets, with every given flag in its place.
  ///
  /// - Parameters:
  ///   - architecture: The network that is trained; nil for the recipe's.
  ///   - shape: The shape of the images, which the recipe follows.
  /// - Throws: If a flag has no effect on such a network, or on its schedule.
  func recipe(for architecture: Architecture?, on shape: ImageShape) throws -> Recipe {
    let recipe = try how.changedRecipe(for: shape, model: architecture)
    if let remark = how.fittingRemark(for: shape, model: architecture) { common.note(remark) }
    try how.check(on: architecture ?? recipe.architecture)
    try how.checkSchedule(recipe.scratchSettings, epochs: recipe.scratchSettings.epochs)
    return recipe
  }

  func options(
    _ shares: [Share], seeds: Int, _ architecture: Architecture, on shape: ImageShape
  ) throws -> StudyOptions {
    StudyOptions(
      methods: [], shares: shares, seeds: (0..<seeds).map { UInt64(seed + $0) }, architecture: architecture,
      recipe: try recipe(for: architecture, on: shape), threads: common.threads, modelFolder: "\(storage.store).models",
      version: GraftVersion.current, machine: Machine.processor)
  }

  /// - Throws: If `file`, which the command will write, is the store, or if the store is a file of something else.
  func checkStore(against file: String) throws {
    var files = OutputFiles()
    files.reads("--store", storage.store)
    try files.writes("--out", file)
    if RankJob.isFirst { try RunStore.checkUsable(storage.store) }
  }

  /// Trains what is not in the store yet, and returns the result; nil if only the plan was asked for, which is printed, and on
  /// every rank but the first.
  ///
  /// - Parameter file: A file that the command will write: if it cannot be written, nothing is trained.
  func run(_ study: TransferStudy, writing file: String) throws -> StudyResult? {
    let clock = ContinuousClock()
    let start = clock.now
    if dryRun, RankJob.isFirst {
      let store = storage.store
      let known = try FileManager.default.fileExists(atPath: store) ? RunStore(path: store, access: .readOnly) : nil
      let forecast = try StudyForecast(study, in: known)
      Output.write(common.json ? forecast.json.text(.pretty) + "\n" : TextDocument(forecast).terminal())
    }
    if dryRun { return nil }
    StopSignals.watch()
    if RankJob.isFirst { try AtomicFile.checkWritable(file, createFolders: true) }
    var result = try train(
      study, alone: { try study.run(in: $0, isStopped: $1, report: $2) },
      onRanks: { try $0.run(study, in: $1, isStopped: $2, report: $3) })
    result?.seconds = (clock.now - start) / .seconds(1)
    return result
  }

  private typealias IsStopped = @Sendable () -> Bool
  private typealias Report = @Sendable (StudyEvent) -> Void

  /// Trains what is not in the store yet of a part of a study; returns the number of the part's trials, or nil on every rank but the first.
  func train(_ study: TransferStudy, part: StudyPart) throws -> Int? {
    try train(
      study, alone: { try study.train(part, in: $0, isStopped: $1, report: $2) },
      onRanks: { try $0.train(part, of: study, in: $1, isStopped: $2, report: $3) })
  }

  /// Whether rank 0 keeps the others waiting: `rank 0 answered for 0.4 of 61.2 s: 120 trials handed out (0.1 ms each), …`.
  private static func words(_ answers: [String: (count: Int, seconds: Double)], _ seconds: Double) -> String {
    let names = [
      ("read", "messages read"), ("next", "trials handed out"), ("finish", "outcomes kept"), ("model", "models sent"),
      ("keep", "models kept"),
      ("value", "values sent"), ("made", "values kept"),
    ]
    let parts = names.compactMap { key, name in
      answers[key].map { "\(grouped($0.count)) \(name) (\(decimals(1000 * $0.seconds / Double($0.count), 1)) ms each)" }
    }
    let busy = answers.values.reduce(0) { $0 + $1.seconds }
    return "rank 0 answered for \(decimals(busy, 1)) of \(decimals(seconds, 1)) s: " + parts.joined(separator: ", ")
  }

  /// Says how long the rest of a study will take, and how much of the disk.
  ///
  /// - Throws: `GraftFailure` (input/output) if the disk has less room than that.
  private func tell(_ forecast: StudyForecast, _ store: String) throws(GraftFailure) {
    let open = forecast.phases.reduce(0) { $0 + $1.trials - $1.known }
    if open == 0 { return }
    let free = Folder.freeBytes(at: StoredModels(beside: store).parent)
    if let free, free < forecast.bytes {
      throw GraftFailure(
        .inputOutput,
        "\(store): the study needs about \(sizeText(forecast.bytes)) on the disk, and \(sizeText(free)) are free")
    }
    if common.quiet { return }
    let time = forecast.seconds < 1 ? "less than 1 s" : "about \(StudyWords.duration(forecast.seconds))"
    common.note(
      "\(StudyWords.count(open, "training")) to do: \(time) on \(StudyWords.count(common.threads, "core")), "
        + "\(sizeText(forecast.bytes)) on the disk" + (free.map { " (\(sizeText($0)) are free)" } ?? ""))
  }

  /// Trains in a locked store, with a board; nil on every rank but the first.
  private func train<Result>(
    _ study: TransferStudy, alone: (RunStore, @escaping IsStopped, @escaping Report) throws -> Result,
    onRanks: (RankJob, RunStore, @escaping IsStopped, @escaping Report) throws -> Result
  ) throws -> Result? {
    StopSignals.watch()
    let job = RankJob.current
    if let job, !RankJob.isFirst {
      job.work(on: study)
      return nil
    }
    let store = storage.store
    let lock = try StoreLock(store: store)
    let runStore = try RunStore(path: store, access: .readWrite)
    TemporaryName.removeLeftovers(in: StoredModels(beside: store).folder)
    try tell(try StudyForecast(study, in: runStore, isTimed: !common.quiet), store)
    let board = StudyBoard(
      ProgressBoard.suitableStyle(isQuiet: common.quiet, environment: ProcessInfo.processInfo.environment),
      columns: study.options.shares.map(StudyWords.labels), seeds: study.options.seeds.count)
    let answered = Mutex<String?>(nil)
    let result: Result
    do {
      let isStopped: IsStopped = { StopSignals.exitCode != nil }
      let report: Report = { event in
        if case .answered(let answers, let seconds) = event {
          return answered.withLock { $0 = StudyRunOptions.words(answers, seconds) }
        }
        board.show(event)
      }
      result = try job.map { try onRanks($0, runStore, isStopped, report) } ?? alone(runStore, isStopped, report)
    } catch is StudyStopped {
      board.end()
      common.note("stopped; what is finished is in \(store), and the same command goes on from there")
      throw ExitCode(StopSignals.exitCode ?? FailureKind.resumable.rawValue)
    }
    lock.release()
    board.end()
    if let words = answered.withLock({ $0 }) { common.note(words) }
    return result
  }
}

/// A loader that loads each data set of a study once.
struct StudyDomains {
  private let dataName: String
  private let run: StudyRunOptions
  /// The source, if it is from a file: its model decides how pictures are read.
  private let checkpoint: Checkpoint?
  private(set) var loaded: [String: DatasetPair] = [:]

  /// - Parameter dataName: The data set of classes that are named without one.
  init(usual dataName: String, _ run: StudyRunOptions, for checkpoint: Checkpoint? = nil) {
    self.dataName = dataName
    self.run = run
    self.checkpoint = checkpoint
  }

  /// The shape of a domain's images, as they are trained on.
  func shape(of domain: StudyPlan.Domain) throws -> ImageShape {
    try domain.shape.flatMap(ImageShape.init(parsing:)) ?? pair(of: domain).train.shape
  }

  /// The classes of a data set as a plan names them.
  ///
  /// - Parameters:
  ///   - text: `odd` or `fashion-mnist:odd`.
  ///   - shape: The shape that images are brought to; nil, or their own, leaves them.
  mutating func reference(_ text: String, shape: ImageShape? = nil) throws -> StudyPlan.Domain {
    let (name, classes) = DomainName.split(text, usual: dataName)
    let place = KnownDataset.named(name) != nil || name == "synthetic" ? name : absolutePath(name)
    if loaded[place] == nil {
      loaded[place] = try run.data.load(
        name, isQuiet: run.common.quiet, threads: run.common.threads, for: checkpoint
      ).pair
    }
    let own = loaded[place]?.train.shape
    // Pictures have no shape of their own: the one that they were read in belongs to the plan.
    let isKnown = KnownDataset.named(name) != nil || name == "synthetic"
    let kept = shape == own ? (isKnown ? nil : own) : shape
    return StudyPlan.Domain(data: place, classes: classes, shape: kept?.description)
  }

  /// The data set of a domain that was referred to.
  func pair(of domain: StudyPlan.Domain) throws -> DatasetPair {
    guard let pair = loaded[domain.data] else {
      throw GraftFailure(.internalError, "\(domain.data) was not read before it was asked for")
    }
    return pair
  }

  /// - Parameters:
  ///   - text: `odd` or `fashion-mnist:odd`.
  ///   - shape: The shape to which the images are resized; nil leaves them.
  mutating func domain(_ text: String, shape: ImageShape? = nil) throws -> StudyDomain {
    let reference = try reference(text, shape: shape)
    let whole = try pair(of: reference)
    let selection = try ClassSelection(parsing: reference.classes, of: whole.train.classNames)
    return try StudyDomain(shape.map { try whole.brought(to: $0) } ?? whole, selecting: selection)
  }
}

/// A path from the root, whatever folder the program is in later.
func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

/// A name such as `mnist:even`: a data set, which may be a path with colons, and classes. A path alone means all its classes.
enum DomainName {
  static func split(_ text: String, usual: String) -> (data: String, classes: String) {
    guard let colon = text.lastIndex(of: ":") else {
      // No name of a class has a slash in it, and no list of classes is a folder.
      let isPlace = text.contains("/") || FileManager.default.fileExists(atPath: text)
      return isPlace ? (text, "all") : (usual, text)
    }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }
}

// MARK: - Lists

let methodList: @Sendable (String) throws -> [TransferMethod] = { text in
  var methods: [TransferMethod] = []
  for part in text.split(separator: ",", omittingEmptySubsequences: false) {
    let method = try TransferMethod(parsing: String(part))
    guard !methods.contains(method) else { throw ValidationError("\(method) is named twice") }
    methods.append(method)
  }
  return methods
}

/// Two methods to test against each other.
struct MethodPair: Sendable {
  let first: TransferMethod
  let second: TransferMethod
}

let methodPair: @Sendable (String) throws -> MethodPair = { text in
  let methods = try methodList(text)
  guard methods.count == 2 else { throw ValidationError("'\(text)' is not two methods, as in lp-ft,fine-tune") }
  return MethodPair(first: methods[0], second: methods[1])
}

let perClassShare: @Sendable (String) throws -> Share = { part in
  if part == "all" { return .all }
  return .perClass(try wholeNumber(1...100_000_000)(part))
}

let perClassList: @Sendable (String) throws -> [Share] = { text in
  try shares(text, perClassShare)
}

let fractionList: @Sendable (String) throws -> [Share] = { text in
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
