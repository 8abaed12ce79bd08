import ArgumentParser
import GraftData
import GraftDocuments
import GraftFiles
import GraftReporting
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Look at the runs in a store, merge stores, and remove models that no run names.",
    discussion: """
      Examples:
        graft runs list --kind measurement --target mnist:odd
        graft runs show 3fa9
        graft runs merge part-*.sqlite
        graft runs clean
      """,
    subcommands: [RunsListCommand.self, RunsShowCommand.self, RunsMergeCommand.self, RunsCleanCommand.self])
}

struct RunsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List runs, the newest first.",
    discussion: """
      Examples:
        graft runs list --kind measurement --method fine-tune --per-class 10
        graft runs list --target mnist:odd --limit 0 --json
      """)

  @Option(help: ArgumentHelp("Of this kind only.", valueName: "kind"))
  var kind: Trial.Kind?

  @Option(
    help: ArgumentHelp("That started from this source; none: from fresh weights.", valueName: "data:classes|none"))
  var source: String?

  @Option(help: ArgumentHelp("On this target; classes alone are MNIST's.", valueName: "data:classes"))
  var target: String?

  @Option(help: ArgumentHelp("By this method.", valueName: "name"))
  var method: String?

  @Option(help: ArgumentHelp("With so many labels per class, or all.", valueName: "n|all"), transform: oneShare)
  var perClass: Share?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("With this share of the labels.", valueName: "share"),
    transform: number(above: 0, upTo: 1))
  var fraction: Double?

  @Option(parsing: .unconditional, help: ArgumentHelp("With this seed.", valueName: "n"), transform: seedNumber)
  var seed: UInt64?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The most lines, 0 for no limit (default: 50).", valueName: "n"),
    transform: wholeNumber(0...1_000_000))
  var limit: Int = 50

  @OptionGroup var storage: StoreOptions

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func validate() throws {
    if perClass != nil && fraction != nil { throw ValidationError("--per-class and --fraction exclude each other") }
  }

  func run() throws {
    var filter = TrialFilter()
    if let kind { filter.kinds = [kind] }
    if let source { filter.source = source == "none" ? .nothing : .named(source) }
    filter.target = target.map { $0.contains(":") ? $0 : "mnist:\($0)" }
    filter.method = method
    filter.share = perClass ?? fraction.map { $0 == 1 ? .all : .fraction($0) }
    filter.seed = seed
    if limit > 0 { filter.limit = limit }
    let runs = try RunStore(path: storage.store, access: .readOnly)
    let entries = try runs.summaries(filter).map { run in
      RunListEntry(
        trial: run.trial, accuracy: run.images > 0 ? run.accuracy.percent : nil, images: run.images,
        seconds: run.seconds + run.choosingSeconds, created: run.created, version: run.version)
    }
    let list = RunList(entries, total: try runs.count(filter))
    Output.write(json ? list.json.text(.pretty) + "\n" : list.document.terminal())
  }
}

struct RunsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one run with everything that decided it.",
    discussion: """
      Examples:
        graft runs show 3fa9
        graft runs show 3fa9c1 --store results.sqlite --json
      """)

  @Argument(help: ArgumentHelp("The beginning of its id, four digits at least.", valueName: "id"))
  var id: String

  @OptionGroup var storage: StoreOptions

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func run() throws {
    let record = try RunStore(path: storage.store, access: .readOnly).record(withIDPrefix: id)
    Output.write(json ? record.json.text(.pretty) + "\n" : TextDocument(record).terminal())
  }
}

extension Trial.Kind: ExpressibleByArgument {}

private let oneShare: @Sendable (String) throws -> Share = { text in
  text == "all" ? .all : .perClass(try wholeNumber(1...100_000_000)(text))
}
