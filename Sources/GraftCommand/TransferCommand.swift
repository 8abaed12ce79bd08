import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftNetworks
import GraftReporting
import GraftStatistics
import GraftTraining
import GraftWorkbench

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

      The method is frozen unless --method says otherwise. Unless --no-control is given, the matched control follows: \
      scratch on the same images with the same budget, and the verdict in words. A published body is compared with the same body \
      with random weights under a trained head instead, with one seed. With few labels both are trained over \
      several draws of labels and seeds, so that the verdict is about the method; one seed compares two models. If the \
      source knows the target's classes already, it is compared as it stands, too.

      Without settings it does what graft study does: recipe quick, at least 200 steps, a head that trains alone is solved, \
      and both sides choose among as many settings. A flag that says how to train (--recipe, --epochs, ...) is followed by \
      both sides, and a training that has not converged gets no verdict.

      Examples:
        graft transfer --from even.safetensors --classes odd --per-class 10 --out odd.safetensors
        graft transfer --from even.safetensors --classes odd --method fine-tune --per-class 10 --seeds 20 --out few.safetensors
        graft transfer --from even.safetensors --classes odd --recipe study --out published.safetensors
        graft transfer --from even.safetensors --classes 1,3 --head reset --freeze 1 --out two.safetensors
        graft transfer --from cnn.safetensors --classes odd --method frozen --unfreeze conv2 --out upper.safetensors
      """)

  @Option(help: ArgumentHelp("The source's checkpoint.", valueName: "file"))
  var from: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("A known data set, \(DatasetFormats.titles).", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(help: ArgumentHelp("The target's classes: even, odd, all, a list or a range.", valueName: "classes"))
  var classes: String

  @Option(
    help: ArgumentHelp(
      "How the source is used (default: frozen): \(TransferMethod.Rule.trained.map(\.rawValue).joined(separator: ", ")).",
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
    inversion: .prefixedNo,
    help:
      "Solve a head that trains alone to its optimum (L-BFGS) instead of training it (default: unless a flag says how to train); lp-ft always does for its probe."
  )
  var solveHead: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Draws of labels and seeds of transfer and control, 1 to 1000; the first is written (default: 10, 5 or 1, as many as take seconds).",
      valueName: "n"), transform: wholeNumber(1...1000))
  var seeds: Int?

  @Flag(help: "Bring the images to the size that the model reads.")
  var resize = false

  @Flag(help: "Leave out the matched control.")
  var noControl = false

  @Option(help: ArgumentHelp("The checkpoint to write.", valueName: "file"))
  var out: String

  @OptionGroup var pages: PageOptions
  @OptionGroup var logs: LogOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if freeze?.count != nil, method.rule.copies {
      throw ValidationError(
        "--freeze and --method \(method.rule.rawValue) exclude each other: \(method.rule.rawValue):N says how many")
    }
    if method == .untouched {
      throw ValidationError("--method untouched trains nothing: graft evaluate says how right the source is")
    }
    if method.rule == .scratch {
      if solveHead == true { throw ValidationError("--solve-head and --method scratch exclude each other") }
      if freeze != nil { throw ValidationError("--freeze and --method scratch exclude each other") }
      if !unfreeze.isEmpty { throw ValidationError("--unfreeze and --method scratch exclude each other") }
      if noControl { throw ValidationError("--no-control and --method scratch exclude each other: it is the control") }
    }
    if seeds != nil, noControl || method.rule == .scratch {
      throw ValidationError("--seeds is for the comparison with the control, which is left out")
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
    try files.writes("--log", logs.log)
    try pages.check()
    let source = try Checkpoint(contentsOf: from)
    try training.how.check(on: source.model.architecture)
    let loaded = try data.load(
      dataName, isQuiet: common.quiet, threads: common.threads, for: source)
    let shape = source.model.inputShape
    guard resize || loaded.pair.train.shape == shape else {
      throw GraftFailure(
        .badData,
        "\(from): the model reads images of \(shape), \(loaded.pair.train.name) has \(loaded.pair.train.shape): --resize brings them to it"
      )
    }
    let pair = try loaded.pair.train.shape == shape ? loaded.pair : loaded.pair.brought(to: shape)
    let classNames = pair.train.classNames
    let comparison = try TransferComparison(
      source: source, sourcePath: from,
      method: freeze?.count.map { TransferMethod(method.rule, layerCount: $0) } ?? method,
      held: freeze?.names ?? [], trained: unfreeze, head: head, solvesHead: solveHead, options: training, pair: pair,
      pictureFit: loaded.pictureFit,
      selection: try ClassSelection(parsing: classes, of: classNames))
    let asksControl = method.rule != .scratch && !noControl
    let seedCount = try seeds ?? (asksControl ? comparison.usualSeeds : 1)
    let choices = try comparison.choices(isAsked: seeds != nil, seeds: seedCount, common)
    let transfer = try comparison.job(comparison.method, seed: training.seed, choices)
    var trained = try transfer.run(writing: out, common, log: TrainingLog(logs))
    let verdict =
      try asksControl ? comparison.verdict(transfer.measured(trained), seeds: seedCount, choices, common) : nil
    if let verdict { trained = try transfer.keep(verdict: verdict.words, of: trained, at: out) }
    var document = transfer.json(trained, path: out)
    var text = transfer.text(trained, path: out)
    let head = comparison.headWords(transfer)
    if !head.isEmpty {
      document["head"] = .string(head)
      text += head + "\n"
    }
    if let verdict {
      document["control"] = verdict.json
      text += verdict.words + "\n"
    }
    let learnt = method.usesSource ? comparison.learntClasses : []
    if !learnt.isEmpty {
      document["classes_learnt_before"] = .array(learnt.map(JSON.integer))
      text +=
        "the source has learnt \(learnt.count) of these \(comparison.selection.classes.count) classes before, from the same data: "
        + "what it gains is not all transfer to new classes\n"
    }
    Output.write(common.json ? JSON.object(document).text(.pretty) + "\n" : text + transfer.hint(out, dataName, data))
    try pages.write(
      try transfer.page(
        trained, path: out, origin: method.usesSource ? source : nil, verdict: verdict?.words, on: pair, common), common
    )
  }
}

extension HeadPolicy: ExpressibleByArgument {}
