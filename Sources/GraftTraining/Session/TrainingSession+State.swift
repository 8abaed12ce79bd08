import GraftMatrices
import GraftNetworks

extension TrainingSession {
  /// The state that one epoch passes to the next. Shuffles, dropout and learning rates are functions of seed, epoch and step, so
  /// it contains no random state.
  package struct State: Sendable {
    package var parameters: Parameters
    /// The averaged weights; nil if weights are not averaged.
    package var average: Parameters?
    package var optimizer: OptimizerState
    /// Number of updates done.
    package var step: Int
    package var epoch: Int
    package var lastFiniteLoss: Double?

    package init(
      parameters: Parameters, average: Parameters?, optimizer: OptimizerState, step: Int, epoch: Int,
      lastFiniteLoss: Double?
    ) {
      self.parameters = parameters
      self.average = average
      self.optimizer = optimizer
      self.step = step
      self.epoch = epoch
      self.lastFiniteLoss = lastFiniteLoss
    }
  }
}
