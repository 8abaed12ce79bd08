import KernelCalls
import Matrices

/// How gradients move weights, with what it remembers of each parameter.
///
/// As a ``GradientSink`` it moves each parameter in the pass that computes its gradient; ``update(_:along:)`` does the same
/// from a gradient in memory. Both use the same arithmetic.
public struct Optimizer: Sendable {
  public enum Rule: Sendable, Hashable {
    /// Stochastic gradient descent (PyTorch's `SGD`, no dampening).
    case sgd(momentum: Double, nesterov: Bool = false)
    /// Adam; with `decoupled` weight decay AdamW.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decoupled: Bool = false)
  }

  public let rule: Rule
  /// Added to the gradient as `weightDecay · w` (or, decoupled, taken off the weight); biases too, as PyTorch does.
  public let weightDecay: Double
  /// Steps begun.
  public private(set) var step = 0
  package var state: OptimizerState
  private var update = UpdateStep.sgd(SGDStep(learningRate: 0, momentum: 0, weightDecay: 0, nesterov: false))

  public init(_ rule: Rule, weightDecay: Double = 0, for parameters: Parameters) {
    self.rule = rule
    self.weightDecay = weightDecay
    state = OptimizerState(count: parameters.block.count, isAdaptive: rule.isAdaptive)
  }

  /// Goes on where another optimizer of the same rule stood.
  package mutating func restore(_ state: OptimizerState, step: Int) {
    self.state = state
    self.step = step
  }

  /// Fixes the learning rate of the next update; call once before each.
  public mutating func beginStep(learningRate: Double) {
    step += 1
    switch rule {
    case .sgd(let momentum, let nesterov):
      update = .sgd(
        SGDStep(
          learningRate: Float(learningRate), momentum: Float(momentum), weightDecay: Float(weightDecay),
          nesterov: nesterov))
    case .adam(let beta1, let beta2, let epsilon, let decoupled):
      update = .adam(
        AdamStep(
          learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
          decoupled: decoupled, step: step))
    }
  }

  /// Moves every slice of which `gradient` heard.
  package mutating func update(_ parameters: inout Parameters, along gradient: GradientBuffer, team: Team = .alone) {
    for slice in gradient.received {
      update.move(&parameters.block, at: slice.layout, along: gradient.sum, state: &state, team: team)
    }
  }
}

extension Optimizer: GradientSink {
  package mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team
  ) {
    gradient.move(&parameters.block, at: slice.layout, by: update, state: &state, team: team)
  }
}

extension Optimizer.Rule {
  var isAdaptive: Bool {
    switch self {
    case .sgd: false
    case .adam: true
    }
  }

  /// The name used on the command line and in records.
  public var name: String {
    switch self {
    case .sgd: "sgd"
    case .adam(_, _, _, let decoupled): decoupled ? "adamw" : "adam"
    }
  }
}

/// Sums gradients in memory: the reference beside the fused path, and the way to take one step over several batches.
package struct GradientBuffer: GradientSink, Sendable {
  package private(set) var sum: AlignedFloats
  /// Slices that received a gradient since the last reset, each once.
  package private(set) var received: [ParameterSlice] = []

  package init(for parameters: Parameters) { sum = AlignedFloats(zeros: parameters.block.count) }

  package mutating func reset() {
    sum.setToZero()
    received.removeAll(keepingCapacity: true)
  }

  package mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team
  ) {
    gradient.add(to: &sum, at: slice.layout, team: team)
    if !received.contains(where: { $0.layout.offset == slice.layout.offset }) { received.append(slice) }
  }
}
