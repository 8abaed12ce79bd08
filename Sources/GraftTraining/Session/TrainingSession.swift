import GraftData
import GraftMatrices
import GraftNetworks
import GraftRanks

/// A training in progress: the model, its optimizer, and the memory that both use. The caller runs the loop over epochs.
///
/// ```swift
/// var session = TrainingSession(model, on: examples, settings)
/// while session.epoch < settings.epochs { print(try session.runEpoch()) }
/// ```
package struct TrainingSession: Sendable {
  /// The model with the weights that the optimizer moves.
  package private(set) var model: Model
  /// The settings of the session.
  package let settings: TrainingSettings
  /// Number of epochs done.
  package private(set) var epoch = 0

  private let examples: Examples
  /// The weight of each output's examples in the loss; empty if all have the weight 1.
  private let classWeights: [Float]
  /// Epochs of the stages before this one.
  private let epochsBefore: Int
  private var optimizer: Optimizer
  /// The averaged weights; nil if the settings ask for none.
  private var average: WeightAverage?
  private var workspace: Workspace
  /// The summed gradient; nil unless batches are larger than the workspace and summed over parts, or a penalty is added to it.
  private var gradient: GradientBuffer?
  /// The gradient as a sum over shards of the batch; nil if batches are not cut.
  private var shards: ShardedGradient?
  private let ranks: RankTeam?
  /// The anchor of the penalty on the body's distance from its initial weights; nil without that penalty.
  private let start: Parameters?
  private var lastFiniteLoss: Double?
  /// The settings' schedule, in steps.
  private let schedule: LearningRateSchedule
  package let stepsPerEpoch: Int
  private var totalSteps: Int { stepsPerEpoch * settings.epochs }

  /// Most rows of the workspace; larger batches are computed in parts, so that memory stays in the caches. Models with batch
  /// normalisation are an exception, because the moments of a part are not those of the batch.
  private static let largestPart = 256

  /// A session at its first epoch.
  ///
  /// - Parameters:
  ///   - examples: Pixels; a frozen prefix of `model` is computed for them here, once, unless they change from epoch to epoch.
  ///   - threads: Cores that work on this one training; the bits do not depend on it.
  package init(_ model: Model, on examples: Examples, _ settings: TrainingSettings, threads: Int = 1) {
    self.init(model, on: examples, settings, team: threads > 1 ? Team(size: threads) : .alone)
  }

  /// A session within a longer training.
  ///
  /// - Parameters:
  ///   - epochsBefore: Epochs of the whole training that were done before this session; its images continue from there.
  ///   - anchor: Anchor of the penalty on the body's distance from its initial weights; by default the weights of `model`.
  package init(
    _ model: Model, on examples: Examples, _ settings: TrainingSettings, team: Team, after epochsBefore: Int = 0,
    pulledTowards anchor: Parameters? = nil, largestFeatures: Int = Examples.largestFeatures, on ranks: RankTeam? = nil
  ) {
    precondition(model.frozenPrefix < model.layers.count, "no parameter of the model trains")
    self.model = model
    self.settings = settings
    self.epochsBefore = epochsBefore
    self.ranks = ranks
    // Images that change in every epoch have other features in each epoch.
    self.examples =
      settings.augmentation.isNone
      ? examples.behindFrozenPrefix(of: model, team: team, largest: largestFeatures) : examples
    classWeights = settings.classWeights.weights(of: examples.labels, classCount: model.classCount)
    let rateScales = model.distancesFromHead.map { TrainingSession.power(1 / settings.layerRateDecay, $0) }
    optimizer = Optimizer(
      settings.optimizer, weightDecay: settings.weightDecay, for: model.parameters,
      rateScales: settings.layerRateDecay == 1 ? [] : rateScales)
    average = settings.averaging > 0 ? WeightAverage(of: model, decay: settings.averaging) : nil
    start = settings.startPull > 0 ? anchor ?? model.parameters : nil
    let rows = TrainingSession.rows(of: model, batchSize: settings.batchSize, images: examples.count)
    workspace = Workspace(
      for: model, startingAt: self.examples.firstLayer, inputs: self.examples.inputs, capacity: rows, team: team)
    stepsPerEpoch = settings.steps(of: examples.count)
    schedule = settings.schedule.scaled(by: stepsPerEpoch)
    if settings.batchSize > rows || start != nil {
      gradient = GradientBuffer(for: model.parameters)
    }
    if settings.shards > 1 { shards = ShardedGradient(settings.shards, for: model.parameters, on: ranks) }
  }

  /// Rows of the workspace.
  private static func rows(of model: Model, batchSize: Int, images: Int) -> Int {
    min(batchSize, model.layers.contains { $0.norm != nil } ? max(images, 1) : largestPart)
  }

  /// Bytes of a step's feature maps, outputs and gradients: most of a training's memory if batches are large and normalised.
  package static func workspaceBytes(for model: Model, batchSize: Int, images: Int) -> Int {
    Workspace.bytes(for: model, capacity: rows(of: model, batchSize: batchSize, images: images))
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  /// One pass over the examples in a new random order.
  ///
  /// - Returns: The mean of the batches' losses, each taken before its update; the short last batch counts as a whole one
  ///   (the study's definition).
  /// - Throws: At the first loss that is not finite, before that step moves a weight; and if the epoch's last step left weights
  ///   that are not finite.
  package mutating func runEpoch() throws(Divergence) -> Double {
    let key = RandomKey(seed: settings.seed, purpose: .shuffle, index: epoch)
    let batches = Batches(of: examples.labels, size: settings.batchSize, shuffledBy: key)
    let inputs = changesByBatch ? nil : inputsOfEpoch()
    var sum = 0.0
    for index in 0..<batches.count {
      let range = batches[index]
      let rows = batches.order[range]
      let batch =
        if let inputs {
          Batch(inputs: inputs, rows: rows, labels: batches.labels[range])
        } else {
          Batch(inputs: changedInputs(rows), rows: Array(0..<rows.count)[...], labels: batches.labels[range])
        }
      // A batch with fewer images than shards is not cut: each rank computes all of it.
      if shards != nil, batch.count >= settings.shards {
        sum += try stepByShards(batch)
      } else {
        sum += try gradient == nil ? step(batch) : stepBySum(batch)
      }
      average?.follow(model.parameters, after: optimizer.step)
    }
    // No loss follows the last step of an epoch that would show its effect.
    guard model.parameters.block.isFinite else {
      throw divergence(epoch: epoch + 1, loss: .nan)
    }
    epoch += 1
    return sum / Double(max(batches.count, 1))
  }

  /// The inputs of the next epoch.
  ///
  /// All cores make the changed images before they train, instead of one core while the others train. On two cores that was
  /// faster (0.21 against 0.23 s for an epoch of half of MNIST), because images share cores better than the kernels of a step do.
  private func inputsOfEpoch() -> InputRows {
    let all = examples.augmented(
      by: settings.augmentation, seed: settings.seed, epoch: epochsBefore + epoch + 1, threads: workspace.team.size)
    return all.inputs
  }

  /// Whether images change batch by batch, because they lie in a file and changed copies of all of them would not fit in memory.
  private var changesByBatch: Bool { !settings.augmentation.isNone && examples.areInFile }

  /// The inputs of one batch of the next epoch, the same as those of ``inputsOfEpoch()``.
  private func changedInputs(_ rows: ArraySlice<Int>) -> InputRows {
    examples.augmented(
      rows, by: settings.augmentation, seed: settings.seed, epoch: epochsBefore + epoch + 1,
      threads: workspace.team.size)
  }

  /// Does one step, in which each parameter moves in the pass that computes its gradient.
  private mutating func step(_ batch: Batch) throws(Divergence) -> Double {
    model.forward(batch, mode: mode, in: &workspace)
    let loss = try finite(settings.loss(labels: batch.labels, classWeights: classWeights, in: &workspace))
    optimizer.beginStep(learningRate: learningRate)
    model.backward(batch, in: &workspace, into: &optimizer)
    return loss
  }

  /// Does one step with its gradient summed in memory, part by part, before anything moves.
  private mutating func stepBySum(_ batch: Batch) throws(Divergence) -> Double {
    guard var gradient else { return try step(batch) }
    self.gradient = nil  // so that the buffer below is not shared, and is not copied
    defer { self.gradient = gradient }
    gradient.reset()
    let weight = SoftmaxCrossEntropy.weight(of: batch.labels, classWeights)
    var loss = 0.0
    for start in stride(from: 0, to: batch.count, by: workspace.capacity) {
      let end = min(start + workspace.capacity, batch.count)
      let part = Batch(
        inputs: batch.inputs, rows: batch.rows.dropFirst(start).prefix(end - start),
        labels: batch.labels.dropFirst(start).prefix(end - start))
      model.forward(part, mode: mode, in: &workspace)
      loss +=
        settings.loss(labels: part.labels, classWeights: classWeights, of: weight, in: &workspace)
        * SoftmaxCrossEntropy.weight(of: part.labels, classWeights)
      model.backward(part, in: &workspace, into: &gradient)
    }
    loss = try finite(loss / weight)
    if let start { addPull(towards: start, to: &gradient) }
    optimizer.beginStep(learningRate: learningRate)
    optimizer.update(&model.parameters, along: gradient, team: workspace.team)
    return loss
  }

  /// Does one step with its gradient summed over shards of the batch, of which each rank of a job computes its own.
  private mutating func stepByShards(_ batch: Batch) throws(Divergence) -> Double {
    guard var shards else { return try step(batch) }
    self.shards = nil  // so that the sums are not shared, and are not copied
    defer { self.shards = shards }
    let weight = SoftmaxCrossEntropy.weight(of: batch.labels, classWeights)
    var loss = shards.sum(over: batch.count) { images, shard, gradient in
      var loss = 0.0
      for start in stride(from: images.lowerBound, to: images.upperBound, by: workspace.capacity) {
        let end = min(start + workspace.capacity, images.upperBound)
        let part = Batch(
          inputs: batch.inputs, rows: batch.rows.dropFirst(start).prefix(end - start),
          labels: batch.labels.dropFirst(start).prefix(end - start))
        model.forward(part, mode: mode(shard), in: &workspace)
        loss +=
          settings.loss(labels: part.labels, classWeights: classWeights, of: weight, in: &workspace)
          * SoftmaxCrossEntropy.weight(of: part.labels, classWeights)
        model.backward(part, in: &workspace, into: &gradient)
      }
      return loss
    }
    shards.addOthers(loss: &loss)
    loss = try finite(loss / weight)
    if let start { addPull(towards: start, to: &shards.total) }
    optimizer.beginStep(learningRate: learningRate)
    optimizer.update(&model.parameters, along: shards.total, team: workspace.team)
    return loss
  }

  private func addPull(towards start: Parameters, to gradient: inout GradientBuffer) {
    let strength = Float(settings.startPull / Double(max(examples.count, 1)))
    gradient.addPull(of: model.bodySlices, in: model.parameters, towards: start, strength: strength)
    gradient.addPull(of: model.headSlices, in: model.parameters, towards: nil, strength: strength)
  }

  /// The model that counts: with averaged weights if weights are averaged, otherwise with the optimizer's.
  package var result: Model {
    guard let average else { return model }
    var result = model
    result.parameters = average.applied(to: model.parameters)
    return result
  }

  /// Bytes of a frozen body's output, computed once for all epochs; zero if nothing is frozen, or if the output would be too
  /// large or changes and is computed in every step.
  package var cachedFeatureBytes: Int { examples.featureBytes }

  package var state: State {
    State(
      parameters: model.parameters, average: average?.applied(to: model.parameters), optimizer: optimizer.state,
      step: optimizer.step, epoch: epoch, lastFiniteLoss: lastFiniteLoss)
  }

  package mutating func restore(_ state: State) {
    precondition(state.parameters.slices == model.parameters.slices)
    model.parameters = state.parameters
    if let average = state.average { self.average?.restore(average) }
    optimizer.restore(state.optimizer, step: state.step)
    epoch = state.epoch
    lastFiniteLoss = state.lastFiniteLoss
  }

  /// The learning rate of the step before; of the first one if there was none.
  package var lastLearningRate: Double { learningRate(after: max(0, optimizer.step - 1)) }

  /// The learning rate of the next step.
  private var learningRate: Double { learningRate(after: optimizer.step) }

  private func learningRate(after steps: Int) -> Double {
    schedule.rate(at: steps, of: totalSteps, from: settings.learningRate)
  }

  private var mode: Mode { mode(0) }

  /// The mode of a shard, which drops other units than the others do.
  private func mode(_ shard: Int) -> Mode {
    .training(
      RandomKey(seed: settings.seed, purpose: .dropout, index: optimizer.step * settings.shards + shard),
      Dropout(settings.dropout, maps: settings.mapDropout))
  }

  /// The failure of an epoch whose last step left weights without a finite loss.
  func divergence(epoch: Int, loss: Double) -> Divergence {
    Divergence(
      epoch: epoch, step: optimizer.step, loss: loss, learningRate: learningRate(after: optimizer.step - 1),
      lastFiniteLoss: lastFiniteLoss)
  }

  private mutating func finite(_ loss: Double) throws(Divergence) -> Double {
    guard loss.isFinite else {
      throw Divergence(
        epoch: epoch + 1, step: optimizer.step + 1, loss: loss, learningRate: learningRate,
        lastFiniteLoss: lastFiniteLoss)
    }
    lastFiniteLoss = loss
    return loss
  }
}
