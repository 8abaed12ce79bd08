import ArgumentParser
import GraftData
import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftReporting
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct LayersCommand: ParsableCommand, RanksCommand {
  static let isManaged = true

  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Find out which layers carry a transfer, and how alike its models are.",
    discussion: """
      For each number n of layers four networks are trained on the target: AnB holds the source's first n layers under \
      fresh ones, AnB+ trains them too; BnB and BnB+ do the same with a network that was trained on the target before \
      (Yosinski et al., 2014). What BnB loses against scratch is co-adaptation that was cut, what AnB loses beyond it \
      are features that are the source's own. Then linear CKA (Kornblith et al., 2019) compares source, transferred and \
      scratch models layer by layer, with two scratch models of different seeds as the measure.

      Trials are kept in a store like those of graft study: a stopped or killed call goes on where it was.

      Examples:
        graft layers
        graft layers --source even --target odd --model mlp:500,300,100 --per-class 10,all
        graft layers --source mnist:all --target fashion-mnist:all --seeds 3 --dry-run
      """)

  @Option(help: ArgumentHelp("Where the layers come from.", valueName: "[data:]classes"))
  var source = "even"

  @Option(help: ArgumentHelp("What is learned with them.", valueName: "[data:]classes"))
  var target = "odd"

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("The data set of classes named without one.", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(
    help: ArgumentHelp(
      "A network with hidden layers, as graft show explains (default: mlp:500,300).",
      valueName: "mlp:500,300|cnn:small"),
    transform: Architecture.init(parsing:))
  var model = Architecture(hiddenUnits: [500, 300])

  @Option(
    help: ArgumentHelp("Labelled images of each class, or all (default: all).", valueName: "10,all"),
    transform: perClassList)
  var perClass: [Share] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Repetitions, 1 to 1000 (default: 5).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var seeds: Int = 5

  @Flag(help: "Bring the source's images to the shape of the target's.")
  var resize = false

  @Option(help: ArgumentHelp("Folder for tables and figures.", valueName: "folder"))
  var out = "runs/layers"

  @OptionGroup var running: StudyRunOptions

  func run() throws {
    // Before the first folder is made: a signal ends the study in one way from here on.
    StopSignals.watch()
    try running.checkStore(against: "\(out)/layers.json")
    var domains = StudyDomains(usual: dataName, running)
    let target = try domains.domain(target)
    let source = try domains.domain(source, shape: resize ? target.shape : nil)
    guard source.name != target.name else {
      throw GraftFailure(.usage, "source and target are the same; nothing is transferred")
    }
    let options = try running.options(running.shares(perClass, usual: [.all]), seeds: seeds, model, on: target.shape)
    let study = try LayerStudy.plan(options, from: source, to: target)
    guard let result = try running.run(study, writing: "\(out)/layers.json") else { return }
    let layers = LayerStudy(result)
    let names = try layers.write(to: out)
    Output.write(running.common.json ? layers.json.text(.pretty) + "\n" : TextDocument(layers).terminal())
    running.common.note("written to \(out): \(names.joined(separator: ", "))")
  }
}
