import ArgumentParser
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A recipe by its name.
struct RecipeName: ExpressibleByArgument {
  let recipe: Recipe

  init?(argument: String) {
    guard let recipe = Recipe(named: argument) else { return nil }
    self.recipe = recipe
  }
  static var allValueStrings: [String] { Recipe.all.map(\.name) }
}

/// An optimizer by its name.
struct OptimizerName: ExpressibleByArgument {
  let rule: Optimizer.Rule
  var name: String { rule.name }

  init?(argument: String) {
    guard let rule = Optimizer.Rule.usual.first(where: { $0.name == argument }) else { return nil }
    self.rule = rule
  }
  static var allValueStrings: [String] { Optimizer.Rule.usual.map(\.name) }
}

enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
  case constant, step, cosine
  case oneCycle = "one-cycle"
}

extension ClassWeights: ExpressibleByArgument {}

/// The flags for the settings of trainings, the same in every command that trains; each wins over the recipe.
struct SettingsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Settings to begin with (default: quick; photos for colour images). Of 784-500: study, as published; quick, eight epochs that end above its accuracy; best, a hundred on augmented images. Convolutional: cnn-quick, some twenty seconds; cnn-best, some minutes; photos and colour-quick, for colour images. All follow the size of the images.",
      valueName: "study|quick|best|cnn-quick|cnn-best|photos|colour-quick"
    ))
  var recipe: RecipeName?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Passes over the data, 1 to 100000 (default: the recipe's; study: train 100, transfer 30).",
      valueName: "n"),
    transform: wholeNumber(1...100_000))
  var epochs: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Images per step, 1 to 1000000 (default: 64).", valueName: "n"),
    transform: wholeNumber(1...1_000_000))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "How gradients move weights (default: the recipe's; study: train sgd, transfer adam).", valueName: "name"))
  var optimizer: OptimizerName?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Greater than 0, at most 1000000 (default: the recipe's; study 0.001). Studies choose the targets' from it downwards.",
      valueName: "rate"),
    transform: number(above: 0, upTo: 1e6))
  var learningRate: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Of sgd, from 0 to less than 1 (default: 0.9).", valueName: "share"),
    transform: number(from: 0, below: 1))
  var momentum: Double?

  @Flag(
    inversion: .prefixedNo, help: "Nesterov's momentum, with sgd (default: the recipe's; study off, the others on)."
  )
  var nesterov: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "0 or more (default: the recipe's; study 0); decoupled with adamw. Studies choose the targets'.",
      valueName: "rate"),
    transform: number(from: 0, below: 1e6))
  var weightDecay: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Share of the hidden units that is dropped in each step, from 0 to less than 1 (default: the recipe's; study 0).",
      valueName: "share"),
    transform: number(from: 0, below: 1))
  var dropout: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Share of the pixels of pooled maps that is dropped in each step, from 0 to less than 1 (default: the recipe's; study 0).",
      valueName: "share"), transform: number(from: 0, below: 1))
  var mapDropout: Double?

  // Not read by a transform: a value that a transform refuses would be taken for the next argument.
  @Option(
    defaultAsFlag: Augmentation.standard.description,
    help: ArgumentHelp(
      "Change each image anew in every epoch, as graft data show --augment draws it; none: leave all as they are.",
      valueName: "effects"))
  var augment: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Part of the aim that is shared among all classes, from 0 to less than 1 (default: the recipe's; best 0.05).",
      valueName: "share"),
    transform: number(from: 0, below: 1))
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "balanced: an example weighs the more, the fewer its class has, so that all classes weigh the same (default: none).",
      valueName: "balanced|none"))
  var classWeights: ClassWeights?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Measure and keep the moving average of the weights with this decay per step, 0 (none) to less than 1.",
      valueName: "decay"),
    transform: number(from: 0, below: 1))
  var averageWeights: Double?

  @Option(
    help: ArgumentHelp(
      "How the learning rate changes (default: the recipe's; study constant, the others cosine).", valueName: "name"
    ))
  var schedule: ScheduleName?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Epochs over which the learning rate rises first, 0 to 100000 (default: the recipe's; study 0, the others 1; 0 with another --schedule).",
      valueName: "n"), transform: wholeNumber(0...100_000))
  var warmUp: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Epochs between the drops of --schedule step, 1 to 100000 (default: 10).", valueName: "n"),
    transform: wholeNumber(1...100_000))
  var stepEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Factor of each drop, greater than 0 and at most 1 (default: 0.1).", valueName: "factor"),
    transform: number(above: 0, upTo: 1))
  var stepFactor: Double?

  func validate() throws {
    func exclude(_ first: String, _ isFirst: Bool, _ second: String, _ isSecond: Bool) throws {
      if isFirst && isSecond { throw ValidationError("\(first) and \(second) exclude each other") }
    }
    func need(_ flag: String, _ isGiven: Bool, _ other: String, _ isThere: Bool) throws {
      if isGiven && !isThere { throw ValidationError("\(flag) needs \(other)") }
    }
    let isOther = optimizer.map { $0.name != "sgd" } ?? false
    try exclude("--momentum", momentum != nil, "--optimizer \(optimizer?.name ?? "")", isOther)
    try exclude("--nesterov", nesterov == true, "--optimizer \(optimizer?.name ?? "")", isOther)
    try exclude("--nesterov", nesterov == true, "--momentum 0", momentum == 0)
    try need("--step-every", stepEvery != nil, "--schedule step", schedule == .step)
    try need("--step-factor", stepFactor != nil, "--schedule step", schedule == .step)
    do {
      _ = try augment.map { text in try Augmentation(parsing: text) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// - Throws: If a flag is about a part that the model does not have.
  func check(on architecture: Architecture) throws(GraftFailure) {
    if let dropout, dropout > 0, architecture.body.allSatisfy(\.isConvolution) {
      throw GraftFailure(.usage, "--dropout drops hidden units; a \(architecture) model has none")
    }
    if let mapDropout, mapDropout > 0, architecture.body.allSatisfy({ $0.pooling == nil }) {
      throw GraftFailure(.usage, "--map-dropout drops pixels of pooled maps; a \(architecture) model has none")
    }
  }

  /// The recipe, or the one that studies use.
  var startingRecipe: Recipe { recipe?.recipe ?? .quick }

  /// The recipe for images of a shape: the named one, or quick, or photos for colour images that a convolutional network reads.
  ///
  /// - Parameter model: The network that was asked for; nil if the recipe's is meant.
  func startingRecipe(for shape: ImageShape, model: Architecture?) -> Recipe {
    unfittedRecipe(for: shape, model: model).fitted(to: shape)
  }

  private func unfittedRecipe(for shape: ImageShape, model: Architecture?) -> Recipe {
    recipe?.recipe ?? (shape.channels == 3 && model?.isConvolutional != false ? .photos : .quick)
  }

  /// The choices that follow from the images' shape, in one sentence; nil if everything is as the recipe says.
  func fittingRemark(for shape: ImageShape, model: Architecture?) -> String? {
    let unfitted = unfittedRecipe(for: shape, model: model)
    let fitted = unfitted.fitted(to: shape)
    let chosen =
      recipe == nil && unfitted.name != startingRecipe.name ? "the recipe for colour images is \(unfitted.name)" : nil
    let remark = fitted.fittingRemark(from: unfitted, to: shape, trains: model ?? fitted.architecture)
    let parts = [chosen, remark].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// Whether any flag says how to train.
  var isGiven: Bool {
    recipe != nil || !stepFlags.isEmpty || augment != nil || labelSmoothing != nil || classWeights != nil
  }

  /// The given flags for gradient steps: a solved head makes none.
  var stepFlags: [String] {
    [
      ("--epochs", epochs != nil), ("--batch-size", batchSize != nil), ("--optimizer", optimizer != nil),
      ("--learning-rate", learningRate != nil), ("--momentum", momentum != nil), ("--nesterov", nesterov != nil),
      ("--weight-decay", weightDecay != nil), ("--dropout", dropout != nil), ("--map-dropout", mapDropout != nil),
      ("--average-weights", averageWeights != nil), ("--schedule", schedule != nil), ("--warm-up", warmUp != nil),
      ("--step-every", stepEvery != nil), ("--step-factor", stepFactor != nil),
    ].filter(\.1).map(\.0)
  }

  /// - Parameters:
  ///   - settings: The settings with every flag in its place.
  ///   - epochs: Number of epochs of the longest stage: a schedule begins anew with each.
  /// - Throws: If the schedule's drops would all come after the end.
  func checkSchedule(_ settings: TrainingSettings, epochs: Int) throws(GraftFailure) {
    guard schedule == .step, case .step(let every, _) = settings.schedule.shape, every >= epochs else { return }
    throw GraftFailure(
      .usage,
      "--schedule step drops the rate every \(every) epochs, of which there are \(epochs): --step-every says when")
  }

  /// The recipe with every given flag in its place, for trainings from fresh weights and for transfers.
  func changedRecipe(for shape: ImageShape, model: Architecture?) throws -> Recipe {
    var recipe = startingRecipe(for: shape, model: model)
    recipe.scratchSettings = try settings(over: recipe.scratchSettings, for: shape)
    recipe.transferSettings = try settings(over: recipe.transferSettings, for: shape)
    // A given number of epochs is followed, however few steps that makes.
    if epochs != nil { recipe.leastSteps = 0 }
    return recipe
  }

  /// `recipe` with every given flag in its place.
  ///
  /// - Parameter images: Their shape, which ranges of the augmentation follow.
  func settings(over recipe: TrainingSettings, for images: ImageShape) throws -> TrainingSettings {
    var settings = recipe
    if let epochs { settings.epochs = epochs }
    if let batchSize { settings.batchSize = batchSize }
    if let weightDecay { settings.weightDecay = weightDecay }
    if let dropout { settings.dropout = dropout }
    if let mapDropout { settings.mapDropout = mapDropout }
    if let augment { settings.augmentation = try Augmentation(parsing: augment, for: images) }
    try settings.augmentation.check(on: images)
    if let averageWeights { settings.averaging = averageWeights }
    if let labelSmoothing {
      settings.loss = SoftmaxCrossEntropy(reduction: settings.loss.reduction, smoothing: labelSmoothing)
    }
    if let classWeights { settings.classWeights = classWeights }
    settings.optimizer = try rule(over: recipe.optimizer)
    // A rate chosen for another optimizer does not count.
    if settings.optimizer.name != recipe.optimizer.name { settings.learningRate = 0.001 }
    if let learningRate { settings.learningRate = learningRate }
    if let warmUp, warmUp > 0, warmUp >= settings.epochs {
      throw ValidationError("--warm-up \(warmUp) needs more than the \(settings.epochs) epochs there are")
    }
    settings.schedule = LearningRateSchedule(
      shape ?? recipe.schedule.shape,
      // A warm-up chosen for another schedule does not count.
      warmUp: warmUp
        ?? (shape == nil || shape == recipe.schedule.shape ? min(recipe.schedule.warmUp, settings.epochs - 1) : 0))
    return settings
  }

  private func rule(over recipe: Optimizer.Rule) throws -> Optimizer.Rule {
    let chosen = optimizer.map { $0.name == recipe.name ? recipe : $0.rule } ?? recipe
    guard case .sgd(let usual, let isUsual) = chosen else {
      if momentum != nil || nesterov == true {
        throw ValidationError("\(momentum == nil ? "--nesterov" : "--momentum") needs --optimizer sgd")
      }
      return chosen
    }
    return .sgd(momentum: momentum ?? usual, nesterov: nesterov ?? (isUsual && momentum != 0))
  }

  /// Nil if the recipe's stays.
  private var shape: LearningRateSchedule.Shape? {
    switch schedule {
    case nil: nil
    case .constant: .constant
    case .step: .step(every: stepEvery ?? 10, factor: stepFactor ?? 0.1)
    case .cosine: .cosine(floor: 0)
    case .oneCycle: .oneCycle
    }
  }
}
