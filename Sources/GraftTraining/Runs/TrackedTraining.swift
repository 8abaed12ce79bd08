import GraftMatrices
import GraftNetworks
import GraftRanks

/// A training with its progress: stages, figures on held-out examples after each epoch, the best weights so far, and whether it
/// is time to stop.
package struct TrackedTraining: Sendable {
  /// The use of the held-out figures.
  package enum Watch: Sendable {
    /// Nothing is held out; the last weights count.
    case nothing
    /// Measured after each epoch as the study does. Nothing is chosen by the figures; the last weights count.
    case measuring(Examples)
    /// The weights with the lowest loss on these examples count, and the training ends when it has not fallen for `patience`
    /// epochs of its last stage. Earlier stages run in full, so that every layer gets its turn.
    case choosing(Examples, patience: Int)
  }

  /// The best weights by held-out loss.
  package struct Best: Sendable {
    package var parameters: Parameters
    package var epoch: Int
    package var loss: Double
  }

  package private(set) var session: TrainingSession
  /// The records of the epochs so far.
  package private(set) var history: [EpochRecord] = []
  package private(set) var best: Best?
  /// Epochs of all stages.
  package let epochs: Int
  package let stages: [TrainingStage]
  private var stage = 0
  /// Epochs of the stages before this one.
  private var epochsBefore = 0
  private let examples: Examples
  /// The settings of all stages; each stage has its own number of epochs.
  private let allSettings: TrainingSettings
  /// The weights at the very start, for a penalty on the distance from them; nil without such a penalty.
  private let start: Parameters?
  private let team: Team
  private let ranks: RankTeam?
  private var evaluator: Evaluator?
  private let patience: Int?
  private var seconds: Double

  /// A training at its start.
  ///
  /// - Parameters:
  ///   - stages: Parts of the training, each with its trainable parameters and with an optimizer and a schedule of its own. Empty
  ///     for a single stage with the mask of `model`, for all epochs of `settings`.
  ///   - threads: Cores that work on this one training; the bits do not depend on it.
  package init(
    _ model: Model, on train: Examples, _ settings: TrainingSettings, stages: [TrainingStage] = [],
    watching watch: Watch = .nothing, threads: Int = 1
  ) {
    self.init(
      model, on: train, settings, stages: stages, watching: watch, team: threads > 1 ? Team(size: threads) : .alone)
  }

  package init(
    _ model: Model, on train: Examples, _ settings: TrainingSettings, stages: [TrainingStage] = [],
    watching watch: Watch = .nothing, team: Team, on ranks: RankTeam? = nil
  ) {
    self.stages = stages
    epochs = stages.isEmpty ? settings.epochs : stages.reduce(0) { $0 + $1.epochs }
    examples = train
    allSettings = settings
    self.team = team
    self.ranks = ranks
    start = settings.startPull > 0 ? model.parameters : nil
    let clock = ContinuousClock()
    let begin = clock.now
    session = TrackedTraining.session(
      stages.first, of: model, on: train, settings, team, ranks, after: 0, start)
    seconds = (clock.now - begin) / .seconds(1)  // a frozen prefix is computed there
    switch watch {
    case .nothing: (evaluator, patience) = (nil, nil)
    case .measuring(let examples): (evaluator, patience) = (Evaluator(examples, for: model, team: team), nil)
    case .choosing(let examples, let patience):
      evaluator = Evaluator(examples, for: model, team: team)
      self.patience = patience
    }
  }

  private static func session(
    _ stage: TrainingStage?, of model: Model, on examples: Examples, _ settings: TrainingSettings, _ team: Team,
    _ ranks: RankTeam?, after epochsBefore: Int, _ start: Parameters?
  ) -> TrainingSession {
    guard let stage else { return TrainingSession(model, on: examples, settings, team: team, on: ranks) }
    var (model, settings) = (model, settings)
    model.isTrainable = stage.isTrainable
    settings.epochs = stage.epochs
    return TrainingSession(
      model, on: examples, settings, team: team, after: epochsBefore, pulledTowards: start, on: ranks)
  }

  /// Settings of the stage that runs.
  package var settings: TrainingSettings { session.settings }
  /// Epochs done, over all stages.
  package var epoch: Int { epochsBefore + session.epoch }

  /// Whether all epochs are done, or the patience is over.
  package var isFinished: Bool {
    if epoch >= epochs { return true }
    guard let patience, let best, stages.dropFirst(stage + 1).allSatisfy({ $0.epochs == 0 }) else { return false }
    return epoch - max(best.epoch, epochsBefore) >= patience
  }

  /// The epoch whose weights count so far.
  package var chosenEpoch: Int { best?.epoch ?? epoch }

  /// The model with the weights that count.
  package var model: Model {
    var model = session.result
    if let best { model.parameters = best.parameters }
    return model
  }

  /// Runs the next epoch, in the next stage if the current one is done.
  package mutating func runEpoch() throws(Divergence) -> EpochRecord {
    let clock = ContinuousClock()
    let start = clock.now
    if session.epoch == session.settings.epochs, stage + 1 < stages.count { beginNextStage() }
    let loss = try session.runEpoch()
    seconds += (clock.now - start) / .seconds(1)
    let heldOut = try measure()
    if patience != nil, let heldOut, heldOut.loss < (best?.loss ?? .infinity) {
      best = Best(parameters: session.result.parameters, epoch: epoch, loss: heldOut.loss)
    }
    let record = EpochRecord(epoch: epoch, trainLoss: loss, heldOut: heldOut, seconds: seconds)
    history.append(record)
    return record
  }

  /// Runs the epochs that are left. This is the only loop over epochs.
  ///
  /// - Parameter each: Called after each epoch with the training in its current state. An error that it throws ends the training.
  package mutating func run(_ each: (TrackedTraining, EpochRecord) throws -> Void = { _, _ in }) throws {
    while !isFinished {
      let record = try runEpoch()
      try each(self, record)
    }
  }

  /// Continues from the last weights with a fresh optimizer; a stage without epochs is skipped.
  private mutating func beginNextStage() {
    epochsBefore += session.epoch
    repeat { stage += 1 } while stages[stage].epochs == 0 && stage + 1 < stages.count
    beginStage(of: session.result)
  }

  private mutating func beginStage(of model: Model) {
    session = TrackedTraining.session(
      stages[stage], of: model, on: examples, allSettings, team, ranks, after: epochsBefore, start)
  }

  /// Measures the watched examples.
  ///
  /// - Throws: If the held-out outputs are not finite numbers: finite weights that overflow choose nothing and stop nothing.
  private mutating func measure() throws(Divergence) -> EpochRecord.HeldOut? {
    guard let evaluation = evaluator?.evaluate(session.result) else { return nil }
    guard evaluation.firstNotFinite == nil else { throw session.divergence(epoch: session.epoch, loss: .nan) }
    guard patience == nil else {
      // The choice must not depend on how images fall into batches.
      return EpochRecord.HeldOut(loss: evaluation.loss, correct: evaluation.correct, images: evaluation.count)
    }
    let key = RandomKey(seed: settings.seed, purpose: .evaluationOrder, index: epoch)
    return EpochRecord.HeldOut(
      loss: evaluation.batchMeanLoss(batchSize: 64, shuffledBy: key), correct: evaluation.correct,
      images: evaluation.count)
  }

  /// Moves to the stage that runs after `count` epochs; its weights are still to be restored.
  package mutating func seek(epoch count: Int) {
    let first = stage
    while stage + 1 < stages.count, count > epochsBefore + stages[stage].epochs {
      epochsBefore += stages[stage].epochs
      stage += 1
    }
    if stage > first { beginStage(of: session.model) }
  }

  /// Continues from the state of a training with the same settings and data, after `seek(epoch:)` to its epoch.
  package mutating func restore(_ session: TrainingSession.State, history: [EpochRecord], best: Best?) {
    var session = session
    session.epoch -= epochsBefore
    if stage > 0 {
      // The output of this stage's frozen layers is computed once, from weights that an earlier stage may have moved.
      var model = self.session.model
      model.parameters = session.parameters
      beginStage(of: model)
    }
    self.session.restore(session)
    self.history = history
    self.best = best
    seconds = history.last?.seconds ?? 0
  }
}

extension TrainingSession {
  /// The measured seconds of one step, from the second of two short epochs: the first brings everything near.
  ///
  /// - Returns: nil if there are no examples, or if the loss is no number.
  package static func secondsPerStep(
    _ model: Model, on train: Examples, _ settings: TrainingSettings, threads: Int = 1
  ) -> Double? {
    let part = train.prefix(16 * settings.batchSize)
    guard part.count > 0 else { return nil }
    var session = TrainingSession(model, on: part, settings, threads: threads)
    guard (try? session.runEpoch()) != nil else { return nil }
    let clock = ContinuousClock()
    let start = clock.now
    guard (try? session.runEpoch()) != nil else { return nil }
    return (clock.now - start) / .seconds(1) / Double(session.stepsPerEpoch)
  }
}
