import GraftData
import GraftFiles
import GraftNetworks

extension Training {
  /// A transfer of a trained model to other images or classes.
  ///
  /// It follows the rule of the studies: at least `Recipe.leastSteps` steps on however few images, and a head that trains alone is
  /// computed to its optimum. Settings are the recipe's; `graft transfer` and studies also choose them, and compare with a control.
  ///
  /// - Parameters:
  ///   - source: The model to start from.
  ///   - target: Training and test images, in the shape that the model reads. The classes that have training images are its task.
  ///   - method: The trainable parameters and the initial weights.
  ///   - labelsPerClass: Labelled images of each class that are used; nil uses all.
  ///   - head: The use of the source's last layer; nil keeps it only for the same classes of the same data.
  ///   - recipe: Settings of the optimizer.
  ///   - seed: Seed of the draw of labelled images, of new weights and of everything else that is drawn.
  /// - Throws: `GraftFailure` if the images have another shape, or if the method or the head does not fit the model.
  public init(
    transferring source: Checkpoint, to target: DatasetPair, method: TransferMethod, labelsPerClass: Int? = nil,
    head: HeadPolicy? = nil, recipe: Recipe = .quick, seed: UInt64 = 0
  ) throws(GraftFailure) {
    let shape = source.model.inputShape
    guard target.train.shape == shape else {
      throw GraftFailure(
        .badData, "the model reads images of \(shape), \(target.train.name) has images of \(target.train.shape)")
    }
    let share = labelsPerClass.map(Share.perClass) ?? .all
    let chosen = target.train.countsPerClass.enumerated().filter { $0.element > 0 }.map(\.offset)
    let digest = target.whole.digest
    let images = target.train.counts(of: share).reduce(0, +)
    let settings = recipe.transferSettings(seed: seed).lasting(steps: recipe.leastSteps, on: images)
    let (model, outputs) = try source.adapted(
      to: chosen, of: target.train.classNames, head: head,
      isSameData: source.wasTrained(on: target.train.name, digest: digest), seed: seed)
    self.init(
      plan: try method.plan(from: model, settings, solvesHeads: true), outputs: outputs,
      normalization: source.normalization, data: target, title: "\(method)",
      provenance: [("data", target.train.name), ("data_sha256", digest), ("method", method.description)])
    self.share = share
  }
}

extension TrainedModel {
  /// Transfers the model to other images or classes; see ``Training/init(transferring:to:method:labelsPerClass:head:recipe:seed:)``.
  public func transfer(
    to target: DatasetPair, labelsPerClass: Int? = nil, method: TransferMethod = .linearProbeThenFineTuning,
    head: HeadPolicy? = nil, recipe: Recipe = .quick, seed: UInt64 = 0, threads: Int = 1
  ) throws -> TrainedModel {
    var training = try Training(
      transferring: checkpoint, to: target, method: method, labelsPerClass: labelsPerClass, head: head, recipe: recipe,
      seed: seed)
    training.threads = threads
    return try training.run()
  }
}
