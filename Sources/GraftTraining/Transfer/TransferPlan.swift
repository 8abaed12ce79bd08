import GraftFiles
import GraftNetworks

/// A part of a training: its trainable parameters and its length.
package struct TrainingStage: Sendable, Hashable {
  /// For each slice of the parameters, whether it trains.
  package let isTrainable: [Bool]
  /// Number of epochs.
  package let epochs: Int

  /// A stage of `epochs` epochs, 0 or more.
  package init(isTrainable: [Bool], epochs: Int) {
    precondition(epochs >= 0)
    self.isTrainable = isTrainable
    self.epochs = epochs
  }
}

extension TrainingStage {
  /// Stages for a record: epochs, and the names of the trainable parameters.
  package static func json(_ stages: [TrainingStage], of model: Model) -> JSON {
    .array(
      stages.map { stage in
        let names = zip(model.parameters.slices, stage.isTrainable).filter(\.1).map { JSON.string($0.0.name) }
        return ["epochs": .integer(stage.epochs), "trains": .array(names)]
      })
  }
}

/// The plan of any training: the initial weights and the stages. A transfer method is worked out into one for its model; a training
/// from fresh weights is a plan of one stage.
public struct TransferPlan: Sendable {
  /// The initial model, with the mask of trainable parameters at the start.
  public var model: Model
  /// Whether the head is solved to its optimum on the frozen body's features, before any stage.
  package var solvesHead: Bool
  /// Stages, one after the other; empty if the plan is only a solved head.
  package var stages: [TrainingStage]
  /// Settings of every stage, apart from its epochs.
  public var settings: TrainingSettings
  /// Whether the normalisations of a body that was never trained are measured on the images before anything else (`ready(on:)`).
  package var measuresNorms = false

  /// A plan of one stage, with the trainable parameters of `model`.
  public init(training model: Model, _ settings: TrainingSettings) {
    self.init(
      model: model, solvesHead: false,
      stages: [TrainingStage(isTrainable: model.isTrainable, epochs: settings.epochs)], settings: settings)
  }

  init(model: Model, solvesHead: Bool, stages: [TrainingStage], settings: TrainingSettings) {
    self.model = model
    self.solvesHead = solvesHead
    self.stages = stages
    self.settings = settings
  }

  /// The plan with the normalisations of its body measured on some of the examples, if it asks for that.
  package func ready(on examples: Examples) -> TransferPlan {
    guard measuresNorms else { return self }
    var plan = self
    plan.measuresNorms = false
    plan.model = model.measuringNorms(on: examples.prefix(TransferPlan.measuredImages).inputs)
    plan.model.isTrainable = model.isTrainable
    return plan
  }

  /// Images whose maps are in memory at once when normalisations are measured: each place of a map is a sample.
  package static let measuredImages = 4

  /// Epochs of all stages.
  package var epochs: Int { stages.reduce(0) { $0 + $1.epochs } }
}

extension TransferPlan {
  /// The seed of a source, which is not the target's. From the same draws a new head would begin with the very weights
  /// that the source's own head began with, and the control's body with the first weights of the source's body.
  package static func sourceSeed(_ seed: UInt64) -> UInt64 { seed ^ 0x736F_7572_6365 }

  /// Whether a dropout has an effect in any stage.
  package func isAffected(by dropout: Dropout) -> Bool {
    stages.contains { stage in
      var model = model
      model.isTrainable = stage.isTrainable
      return dropout.acts(in: model)
    }
  }

  /// Freezes layers in every stage, and makes others trainable in every stage.
  ///
  /// A stage in which nothing is left to train is skipped, and the next one gets its epochs too.
  ///
  /// - Parameters:
  ///   - held: Names of the layers to freeze.
  ///   - trained: Names of the layers to train.
  /// - Throws: If there is no layer of a name, if a layer is to do both, if nothing would train, if a solved head would be
  ///   frozen, or if another layer is to train in a plan that is only a solved head.
  public mutating func change(holding held: [String] = [], training trained: [String] = []) throws(GraftFailure) {
    let heldSlices = try model.slices(ofLayers: held)
    let trainedSlices = try model.slices(ofLayers: trained)
    if let both = held.first(where: trained.contains) {
      throw GraftFailure(.usage, "\(both) can be held or train, not both")
    }
    if solvesHead, let head = model.layers.last?.name, held.contains(head) {
      throw GraftFailure(.usage, "\(head) is the head, which is solved: it cannot be held")
    }
    guard !stages.isEmpty else {
      guard trained.isEmpty else {
        throw GraftFailure(
          .usage, "a head that is solved trains nothing else: \(trained.joined(separator: ", ")) cannot")
      }
      return
    }
    var changed: [TrainingStage] = []
    var waiting = 0
    for stage in stages {
      let mask = zip(stage.isTrainable, model.parameters.slices).map { trains, slice in
        trains && !heldSlices.contains(slice) || trainedSlices.contains(slice)
      }
      if mask.contains(true) {
        changed.append(TrainingStage(isTrainable: mask, epochs: waiting + stage.epochs))
        waiting = 0
      } else {
        waiting += stage.epochs
      }
    }
    guard let first = changed.first else {
      throw GraftFailure(.usage, "with \(held.joined(separator: ", ")) held, no layer trains")
    }
    stages = changed
    if !solvesHead { model.isTrainable = first.isTrainable }
  }
}

extension TransferMethod {
  /// The plan of the method.
  ///
  /// - Parameters:
  ///   - adapted: The source's model with a head for the target.
  ///   - settings: Optimizer and budget, the same for a method and its control.
  ///   - solvesHeads: Whether a head that trains alone is solved, not trained with the optimizer. `lp-ft` solves its probe in any
  ///     case.
  public func plan(
    from adapted: Model, _ settings: TrainingSettings, solvesHeads: Bool
  ) throws(GraftFailure) -> TransferPlan {
    guard rule != .untouched else { throw GraftFailure(.usage, "\(self) trains nothing: there is nothing to plan") }
    let layers = adapted.layers.count
    let body = layers - 1
    let copies = rule.copies
    if let layerCount, layerCount >= layers {
      let left =
        copies
        ? "copying \(layerCount) layers would leave nothing fresh"
        : "holding \(layerCount) layers would leave nothing to train"
      throw GraftFailure(.usage, "\(self): \(left), \(adapted.architecture) has \(layers)")
    }
    let needsBody: [Rule] = [
      .randomFrozen, .frozen, .linearProbeThenFineTuning, .gradual, .biasOnly, .copy, .copyTuned,
    ]
    if needsBody.contains(rule), body == 0 {
      throw GraftFailure(
        .usage, "\(self): a \(adapted.architecture) model has no body to \(copies ? "copy" : "freeze")")
    }
    var model = adapted
    if !usesSource || copies {
      model = Model(
        adapted.architecture, inputShape: adapted.inputShape, classCount: adapted.classCount, seed: settings.seed)
    }
    if copies { model.copyLayers(first: layerCount ?? body, of: adapted) }
    let held = copies ? 0 : layerCount ?? 0
    func mask(_ freeze: (inout Model) -> Void) -> [Bool] {
      var masked = model
      masked.unfreeze()
      freeze(&masked)
      masked.alsoFreeze(first: held)
      return masked.isTrainable
    }
    let everything = mask { _ in }
    let head = mask { $0.freezeBody() }
    var plan = TransferPlan(model: model, solvesHead: false, stages: [], settings: settings)
    switch rule {
    case .scratch, .fineTune, .copyTuned:
      plan.stages = [TrainingStage(isTrainable: everything, epochs: settings.epochs)]
    case .frozen, .randomFrozen, .copy:
      let chosen =
        if copies { mask { $0.freeze(first: layerCount ?? body) } } else { layerCount == nil ? head : everything }
      plan.solvesHead = solvesHeads && trainsHeadAlone(in: adapted.architecture)
      if !plan.solvesHead { plan.stages = [TrainingStage(isTrainable: chosen, epochs: settings.epochs)] }
    case .linearProbeThenFineTuning:
      plan.solvesHead = true
      plan.stages = [TrainingStage(isTrainable: everything, epochs: settings.epochs)]
    case .gradual:
      plan.stages = gradualStages(settings.epochs, from: held, to: body) { depth in mask { $0.freeze(first: depth) } }
    case .discriminative:
      plan.settings.layerRateDecay = TransferMethod.discriminativeDecay
      plan.stages = [TrainingStage(isTrainable: everything, epochs: settings.epochs)]
    case .l2SP:
      plan.settings.startPull = TransferMethod.startPull
      plan.stages = [TrainingStage(isTrainable: everything, epochs: settings.epochs)]
    case .biasOnly:
      plan.stages = [TrainingStage(isTrainable: mask { $0.freezeBodyWeights() }, epochs: settings.epochs)]
    case .untouched: break
    }
    plan.measuresNorms = rule == .randomFrozen && model.runsAsProgram
    plan.model.isTrainable = plan.solvesHead ? head : plan.stages.first?.isTrainable ?? head
    return plan
  }

  /// The stages from the head down to the layer above the frozen ones; the last stage gets the rest of the budget.
  private func gradualStages(
    _ epochs: Int, from held: Int, to body: Int, mask: (Int) -> [Bool]
  ) -> [TrainingStage] {
    let depths = Array((min(held, body)...body).reversed().suffix(max(epochs, 1)))
    return depths.indices.map { index in
      let share = epochs / depths.count
      let isLast = index == depths.count - 1
      return TrainingStage(
        isTrainable: mask(depths[index]), epochs: isLast ? epochs - share * (depths.count - 1) : share)
    }
  }

  /// Howard and Ruder's factor between the rates of neighbouring layers.
  static let discriminativeDecay = 2.6
  /// Strength of L2-SP's penalty. The paper chooses among powers of ten; half an example's worth was best on held-out training
  /// digits, where it gained half a point at ten labels per class.
  static let startPull = 0.5
}
