import ArgumentParser
import Datasets
import Files
import Foundation
import Networks
import Reporting
import Studies
import Training

struct TransferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Move a trained body to other classes, and say whether that helped.",
    discussion: """
      frozen holds the body and trains the head, fine-tune trains everything on, lp-ft solves the head first and then \
      trains everything, gradual unfreezes layer by layer from the head down, discriminative trains lower layers slower, \
      l2-sp pulls towards the source's weights, bias-only trains head and biases, random-frozen trains a head on a body \
      that was never trained, copy and copy+ put fresh layers on a copied body, scratch trains fresh weights. METHOD:N \
      holds the first N layers; copy:N and copy+:N copy them.

      Unless --no-control is given, the matched control follows: scratch on the same images with the same settings, and \
      the verdict in words. Without settings it follows the study's transfer: a new Adam, learning rate 0.001, 30 epochs.

      Examples:
        graft transfer --from even.safetensors --classes odd --out odd.safetensors
        graft transfer --from even.safetensors --classes odd --method fine-tune --per-class 10 --out few.safetensors
        graft transfer --from even.safetensors --classes odd --method frozen --solve-head --out solved.safetensors
        graft transfer --from even.safetensors --classes 1,3 --head reset --freeze 1 --out two.safetensors
        graft transfer --from cnn.safetensors --classes odd --method frozen --unfreeze conv2 --out upper.safetensors
      """)

  @Option(help: ArgumentHelp("The source's checkpoint.", valueName: "file"))
  var from: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("A known data set, or a folder with four IDX files.", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(help: ArgumentHelp("The target's classes: even, odd, all, a list or a range.", valueName: "classes"))
  var classes: String

  @Option(
    help: ArgumentHelp(
      "How the source is used: \(TransferMethod.Rule.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"),
    transform: TransferMethod.init(parsing:))
  var method: TransferMethod = .frozen

  @Option(
    help: ArgumentHelp(
      "keep the trained head, start a new one, or keep what stands for shared classes (default: keep where outputs keep their meaning).",
      valueName: "keep|reset|shared"))
  var head: HeadPolicy?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hold this many layers, from the input on, instead of what the method says; or hold the layers of these names, too.",
      valueName: "n|conv1,fc1"), transform: LayerChoice.init(parsing:))
  var freeze: LayerChoice?

  @Option(
    help: ArgumentHelp("Train the layers of these names, whatever the method holds.", valueName: "conv2,fc1"),
    transform: LayerChoice.names)
  var unfreeze: [String] = []

  @Flag(
    help:
      "Solve a head that trains alone to its optimum (L-BFGS) instead of training it; lp-ft always does for its probe.")
  var solveHead = false

  @Flag(help: "Leave out the matched control.")
  var noControl = false

  @Option(help: ArgumentHelp("The checkpoint to write.", valueName: "file"))
  var out: String

  @OptionGroup var pages: PageOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if freeze?.count != nil, method.rule.copies {
      throw ValidationError(
        "--freeze and --method \(method.rule.rawValue) exclude each other: \(method.rule.rawValue):N says how many")
    }
    if method.rule == .scratch {
      if solveHead { throw ValidationError("--solve-head and --method scratch exclude each other") }
      if freeze != nil { throw ValidationError("--freeze and --method scratch exclude each other") }
      if !unfreeze.isEmpty { throw ValidationError("--unfreeze and --method scratch exclude each other") }
      if noControl { throw ValidationError("--no-control and --method scratch exclude each other: it is the control") }
    }
  }

  func run() throws {
    StopSignals.watch()
    var files = OutputFiles()
    files.reads("--from", from)
    files.reads("--store", training.store)
    try files.writes("--out", out)
    try files.writes("--out", "\(out).training")
    try files.writes("--report", pages.report)
    try pages.check()
    let source = try Checkpoint(contentsOf: from)
    try training.check(on: source.model.architecture)
    let loaded = try data.load(dataName, isQuiet: common.quiet, threads: common.threads)
    try source.checkShape(of: loaded.pair.train, path: from)
    let classNames = loaded.pair.train.classNames
    let selection = try ClassSelection(parsing: classes, of: classNames.count)
    let settings = try training.settings(
      over: training.recipe.transferSettings(seed: training.seed))
    let (adapted, outputs) = try source.adapted(
      to: selection.classes, of: classNames, head: head, seed: settings.seed)
    let sourceDigest = try SHA256Digest.hex(ofFileAt: from)
    func job(_ method: TransferMethod) throws -> TrainingJob {
      var plan = try method.plan(from: adapted, settings, solvesHeads: solveHead)
      if method.rule != .scratch {
        if solveHead, !plan.solvesHead {
          throw GraftFailure(
            .usage, "--solve-head is for a head that trains alone; with \(method) more than that trains")
        }
        var held: [String] = []
        if case .names(let names)? = freeze { held = names }
        try plan.change(holding: held, training: unfreeze)
      }
      return TrainingJob(
        plan: plan, outputs: outputs,
        normalization: source.normalization, options: training, selection: selection,
        title: "\(method) \(selection)", method: method.description, source: method.usesSource ? from : nil,
        provenance: [
          ("data", loaded.pair.train.name), ("method", method.description), ("source_sha256", sourceDigest),
        ])
    }
    let transfer = try job(freeze?.count.map { TransferMethod(method.rule, layerCount: $0) } ?? method)
    let outcome = try transfer.run(on: loaded.pair, writing: out, common)
    var document = transfer.json(outcome, path: out)
    var text = transfer.text(outcome, path: out)
    var words: String?
    if method.rule != .scratch && !noControl {
      let control = try job(.scratch).measure(on: loaded.pair, common)
      let verdict = TransferVerdict(transfer: outcome.evaluation, control: control, labels: outcome.labels)
      document["control"] = [
        "method": "scratch", "accuracy": .number(verdict.control), "gain": .number(verdict.gain),
        "p": .number(verdict.test.pValue), "verdict": .string(verdict.outcome.rawValue),
        "words": .string(verdict.words),
      ]
      text += verdict.words + "\n"
      words = verdict.words
    }
    let learnt = method.usesSource ? source.learntClasses(among: selection.classes, of: loaded.pair.train.name) : []
    if !learnt.isEmpty {
      document["classes_learnt_before"] = .array(learnt.map(JSON.integer))
      text +=
        "the source has learnt \(learnt.count) of these \(selection.classes.count) classes before, from the same data: "
        + "what it gains is not all transfer to new classes\n"
    }
    Output.write(common.json ? JSON.object(document).text(.pretty) + "\n" : text + transfer.hint(out, dataName))
    try pages.write(
      try transfer.page(
        outcome, path: out, origin: method.usesSource ? source : nil, verdict: words, on: loaded.pair, common), common)
  }
}

extension HeadPolicy: ExpressibleByArgument {}
