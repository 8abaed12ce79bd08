import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftTraining

struct TrainCommand: ParsableCommand, RanksCommand {
  static let isManaged = false

  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a classifier and write a checkpoint.",
    discussion: """
      Without settings it follows the recipe quick: SGD with Nesterov's momentum, batches of 64, eight epochs; colour images are \
      trained by the recipe photos. \
      --recipe study is the published one. A training that was interrupted goes on with --resume and ends with the same bits. The checkpoint is a safetensors file with PyTorch's names and layouts.

      Examples:
        graft train --classes even --model mlp:500 --out even.safetensors
        graft train --classes even --recipe quick --out quick.safetensors
        graft train --classes even --recipe best --out best.safetensors
        graft train --classes 0-4 --model softmax --optimizer adam --epochs 5 --out low.safetensors
        graft train --validation 0.1 --epochs 200 --schedule cosine --out chosen.safetensors
        graft train --per-class 10 --model mlp:500,300 --out few.safetensors
        graft train --recipe cnn-best --seeds 5 --resume --out digits.safetensors
        graft train --data photos/ --out photos.safetensors
      """)

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("A known data set, \(DatasetFormats.titles).", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(help: ArgumentHelp("even, odd, all, a list 0,1,7, a range 0-4, or names cat,dog.", valueName: "classes"))
  var classes = "all"

  @Option(help: modelHelp)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "compact: an output per chosen class; original: one per class of the data.", valueName: "compact|original"))
  var labels: ClassOutputs.Numbering = .compact

  @Option(help: ArgumentHelp("The checkpoint to write.", valueName: "file"))
  var out: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train so many seeds from --seed on, 2 to 1000, each into a file of its own, and print mean and deviation.",
      valueName: "n"), transform: wholeNumber(2...1000))
  var seeds: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Cut each batch into so many parts, a power of two, whose gradients are added in a fixed order: 2, 4, … ranks of mpirun then share the work, with the same bits as one (default: 1).",
      valueName: "n"), transform: wholeNumber(1...1024))
  var shards: Int = 1

  @OptionGroup var pages: PageOptions
  @OptionGroup var logs: LogOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if seeds != nil, pages.report != nil {
      throw ValidationError("--report and --seeds exclude each other: a page is of one training")
    }
    if shards.nonzeroBitCount != 1 { throw ValidationError("--shards is a power of two: 1, 2, 4, 8, …") }
  }

  /// The checkpoints to write, one for each seed.
  private var paths: [String] {
    guard let seeds else { return [out] }
    return (0..<seeds).map { SeedsReport.path(out, seed: training.seed &+ UInt64($0)) }
  }

  func run() throws {
    StopSignals.watch()
    try RankJob.check(shards: shards)
    var files = OutputFiles()
    files.reads("--store", training.store)
    for path in paths {
      try files.writes("--out", path)
      try files.writes("--out", "\(path).training")
    }
    try files.writes("--report", pages.report)
    try files.writes("--log", logs.log)
    try pages.check()
    let asked = try model.map(Architecture.init(parsing:))
    // Colour images may get another network, which is known once they are read.
    if asked != nil || training.how.recipe != nil || KnownDataset.named(dataName) != nil {
      try training.how.check(on: asked ?? training.how.startingRecipe.architecture)
    }
    let loaded = try data.load(dataName, isQuiet: common.quiet, threads: common.threads)
    let classNames = loaded.pair.train.classNames
    let selection = try ClassSelection(parsing: classes, of: classNames)
    let outputs = ClassOutputs(labels, choosing: selection.classes, of: classNames)
    let shape = loaded.pair.train.shape
    let recipe = training.how.startingRecipe(for: shape, model: asked)
    let architecture = asked ?? recipe.architecture
    try training.how.check(on: architecture)
    try architecture.check(on: shape, classCount: outputs.count)
    if let remark = training.how.fittingRemark(for: shape, model: asked) { common.note(remark) }
    var settings = try training.settings(over: recipe.settings(seed: training.seed), for: shape)
    settings.shards = shards
    if training.how.epochs == nil {
      let images = loaded.pair.selecting(selection).train.counts(of: training.share).reduce(0, +)
      let usual = settings.epochs
      settings = settings.lasting(steps: recipe.leastStepsFromScratch, on: images)
      if settings.epochs != usual {
        common.note(
          "\(grouped(images)) images: \(grouped(settings.epochs)) epochs instead of \(usual), at least \(grouped(recipe.leastStepsFromScratch)) steps"
        )
      }
    }
    try training.how.checkSchedule(settings, epochs: settings.epochs)
    let digest = loaded.pair.train.digest
    let chosen = settings
    func job(_ settings: TrainingSettings) -> TrainingJob {
      let fresh = Model(
        architecture, inputShape: loaded.pair.train.shape, classCount: outputs.count, seed: settings.seed)
      return TrainingJob(
        plan: TransferPlan(training: fresh, settings), outputs: outputs, normalization: .usual(for: loaded.pair.train),
        options: training,
        pair: loaded.pair, selection: selection, title: "train \(selection)", method: recipe.name,
        source: nil,
        provenance: [("data", loaded.pair.train.name), ("data_sha256", digest)]
          + (loaded.pictureFit.map { [("fit", $0)] } ?? []))
    }
    guard RankJob.isFirst else {
      for place in paths.indices {
        var own = chosen
        own.seed = chosen.seed &+ UInt64(place)
        try job(own).follow(common)
      }
      return
    }
    func train(_ settings: TrainingSettings, _ path: String) throws -> (job: TrainingJob, trained: TrainedModel) {
      let job = job(settings)
      let log = TrainingLog(logs, part: seeds.map { _ in "seed-\(settings.seed)" })
      let trained = try job.run(writing: path, common, log: log)
      if case .nothingLearnt(let loss, let guessing) = job.measured(trained).problem {
        StandardError.write(
          "warning: the network has learnt nothing: its training loss of \(decimals(loss, 3)) is about that of guessing, "
            + "\(decimals(guessing, 3)); try a smaller --learning-rate or more --epochs\n")
      }
      return (job, trained)
    }
    guard seeds != nil else {
      let (job, trained) = try train(chosen, out)
      Output.write(
        common.json
          ? JSON.object(job.json(trained, path: out)).text(.pretty) + "\n"
          : job.text(trained, path: out) + job.hint(out, dataName, data))
      return try pages.write(try job.page(trained, path: out, on: loaded.pair, common), common)
    }
    var report = SeedsReport(title: "\(architecture) on \(selection)")
    for (place, path) in paths.enumerated() {
      var own = chosen
      own.seed = chosen.seed &+ UInt64(place)
      let (job, trained) = try train(own, path)
      report.add(
        seed: own.seed, path: path, trained.evaluation, seconds: trained.wasFinished ? nil : trained.seconds,
        job.json(trained, path: path))
    }
    Output.write(common.json ? report.json.text(.pretty) + "\n" : report.document.terminal())
  }
}
