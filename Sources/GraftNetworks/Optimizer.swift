import GraftKernelCalls
import GraftMatrices

/// The rule by which gradients move weights, with its state for each parameter.
///
/// As a `GradientSink` it moves each parameter in the pass that computes its gradient; `update(_:along:)` does the same from
/// a gradient in memory. Both use the same arithmetic.
public struct Optimizer: Sendable {
  /// The kind of optimizer, with its constants.
  package let rule: Rule
  /// Weight decay, added to the gradient as `weightDecay · w` (or, decoupled, subtracted from the weight); applied to biases too,
  /// as PyTorch does.
  package let weightDecay: Double
  /// Steps begun so far.
  package private(set) var step = 0
  package var state: OptimizerState
  /// Factors of the learning rate, one for each slice; empty if all slices train at the same rate.
  private let rateScales: [Double]
  private let offsets: [Int]
  /// The next step of each slice, or a single one for all slices.
  private var updates: [UpdateStep] = []

  /// An optimizer before its first step.
  ///
  /// - Parameters:
  ///   - rule: The kind of optimizer, with its constants.
  ///   - weightDecay: Weight decay, for biases too; 0 for none.
  ///   - parameters: The parameters that it will move; only their layout is read.
  ///   - rateScales: Factor of the learning rate for each slice of `parameters`; empty for 1.
  public init(_ rule: Rule, weightDecay: Double = 0, for parameters: Parameters, rateScales: [Double] = []) {
    precondition(rateScales.isEmpty || rateScales.count == parameters.slices.count)
    self.rule = rule
    self.weightDecay = weightDecay
    self.rateScales = rateScales
    offsets = parameters.slices.map(\.layout.offset)
    state = OptimizerState(count: parameters.block.count, hasSecond: rule.needsSecondState)
  }

  /// Continues from the state of another optimizer of the same rule.
  package mutating func restore(_ state: OptimizerState, step: Int) {
    self.state = state
    self.step = step
  }

  /// Fixes the learning rate of the next update. Call once before each.
  public mutating func beginStep(learningRate: Double) {
    step += 1
    updates.removeAll(keepingCapacity: true)
    if rateScales.isEmpty { updates.append(update(learningRate)) }
    for scale in rateScales { updates.append(update(learningRate * scale)) }
  }

  private func update(_ learningRate: Double) -> UpdateStep {
    rule.update(learningRate: learningRate, weightDecay: weightDecay, step: step)
  }

  /// The next step of `slice`. Called for a few slices in every step, so it uses no dictionary.
  private func update(of slice: ParameterSlice) -> UpdateStep {
    precondition(!updates.isEmpty, "beginStep has not been called")
    return updates.count == 1 ? updates[0] : updates[offsets.firstIndex(of: slice.layout.offset) ?? 0]
  }

  /// Moves every slice that `gradient` received.
  package mutating func update(_ parameters: inout Parameters, along gradient: GradientBuffer, team: Team = .alone) {
    for slice in gradient.received {
      update(of: slice).move(&parameters.block, at: slice.layout, along: gradient.sum, state: &state, team: team)
    }
  }
}

extension Optimizer: GradientSink {
  package mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team
  ) {
    gradient.move(&parameters.block, at: slice.layout, by: update(of: slice), state: &state, team: team)
  }
}
