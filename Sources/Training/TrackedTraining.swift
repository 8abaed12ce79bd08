import Matrices
import Networks

/// A training with all that is followed on its way: figures on held-out examples after each epoch, the best weights so far,
/// and whether it is time to stop. The loop over epochs is still the caller's.
public struct TrackedTraining: Sendable {
  /// What is done with the held-out figures.
  public enum Watch: Sendable {
    /// Nothing is held out; the last weights count.
    case nothing
    /// Measured after each epoch as the study does; nothing is chosen by it, the last weights count.
    case measuring(Examples)
    /// The weights with the lowest loss on these examples count, and the training ends when it has not fallen for
    /// `patience` epochs.
    case choosing(Examples, patience: Int)
  }

  /// The best weights by held-out loss.
  package struct Best: Sendable {
    package var parameters: Parameters
    package var epoch: Int
    package var loss: Double
  }

  package private(set) var session: TrainingSession
  public private(set) var history: [EpochRecord] = []
  package private(set) var best: Best?
  private var evaluator: Evaluator?
  private let patience: Int?
  private var seconds: Double

  /// - Parameter threads: Cores that work on this one training; the bits do not depend on it.
  public init(
    _ model: Model, on train: Examples, _ settings: TrainingSettings, watching watch: Watch = .nothing, threads: Int = 1
  ) {
    let team = threads > 1 ? Team(size: threads) : .alone
    let clock = ContinuousClock()
    let start = clock.now
    session = TrainingSession(model, on: train, settings, team: team)
    seconds = (clock.now - start) / .seconds(1)  // a frozen prefix is computed there
    switch watch {
    case .nothing: (evaluator, patience) = (nil, nil)
    case .measuring(let examples): (evaluator, patience) = (Evaluator(examples, for: model, team: team), nil)
    case .choosing(let examples, let patience):
      evaluator = Evaluator(examples, for: model, team: team)
      self.patience = patience
    }
  }

  public var settings: TrainingSettings { session.settings }
  /// Epochs done.
  public var epoch: Int { session.epoch }

  public var isFinished: Bool {
    if session.epoch >= settings.epochs { return true }
    guard let patience, let best else { return false }
    return session.epoch - best.epoch >= patience
  }

  /// The epoch whose weights count so far.
  public var chosenEpoch: Int { best?.epoch ?? session.epoch }

  /// The model with the weights that count.
  public var model: Model {
    var model = session.model
    if let best { model.parameters = best.parameters }
    return model
  }

  public mutating func runEpoch() throws(Divergence) -> EpochRecord {
    let clock = ContinuousClock()
    let start = clock.now
    let loss = try session.runEpoch()
    seconds += (clock.now - start) / .seconds(1)
    let heldOut = measure()
    if patience != nil, let heldOut, heldOut.loss < (best?.loss ?? .infinity) {
      best = Best(parameters: session.model.parameters, epoch: session.epoch, loss: heldOut.loss)
    }
    let record = EpochRecord(epoch: session.epoch, trainLoss: loss, heldOut: heldOut, seconds: seconds)
    history.append(record)
    return record
  }

  private mutating func measure() -> EpochRecord.HeldOut? {
    guard let evaluation = evaluator?.evaluate(session.model) else { return nil }
    let key = RandomKey(seed: settings.seed, purpose: .evaluationOrder, index: session.epoch)
    return EpochRecord.HeldOut(
      loss: evaluation.batchMeanLoss(batchSize: 64, shuffledBy: key), correct: evaluation.correct,
      images: evaluation.count)
  }

  /// Goes on where a training with the same settings and data stood.
  package mutating func restore(_ session: TrainingSession.State, history: [EpochRecord], best: Best?) {
    self.session.restore(session)
    self.history = history
    self.best = best
    seconds = history.last?.seconds ?? 0
  }
}
