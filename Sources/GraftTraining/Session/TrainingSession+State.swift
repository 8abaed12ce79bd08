import GraftMatrices
import GraftNetworks

extension TrainingSession {
  /// All that an epoch leaves to the next one. Shuffles, dropout and learning rates are functions of seed, epoch and step,
  /// so no random state is among it.
  package struct State: Sendable {
    package var parameters: Parameters
    /// Nil where weights are not averaged.
    package var average: Parameters?
    package var optimizer: OptimizerState
    /// Updates done.
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
