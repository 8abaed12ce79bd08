import GraftFiles
import GraftKernelCalls
import GraftMatrices

extension Optimizer {
  /// The kind of optimizer, with its constants.
  public enum Rule: Sendable, Hashable {
    /// Stochastic gradient descent (PyTorch's `SGD`, no dampening).
    case sgd(momentum: Double, nesterov: Bool = false)
    /// Adam; with `decoupled` weight decay AdamW.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decoupled: Bool = false)
  }
}

extension Optimizer.Rule {
  /// Each rule with its usual constants, by `name`. The command line offers these.
  package static let usual: [Optimizer.Rule] = [.sgd(momentum: 0.9), .adam(), .adam(decoupled: true)]

  /// The optimizer's name on the command line and in records.
  package var name: String {
    switch self {
    case .sgd: "sgd"
    case .adam(_, _, _, let decoupled): decoupled ? "adamw" : "adam"
    }
  }

  /// Whether a second number is kept for each parameter, beside the velocity or mean.
  var needsSecondState: Bool {
    switch self {
    case .sgd: false
    case .adam: true
    }
  }

  /// The update of one step with its numbers computed.
  ///
  /// - Parameter step: The number of the step, 1 for the first.
  func update(learningRate: Double, weightDecay: Double, step: Int) -> UpdateStep {
    switch self {
    case .sgd(let momentum, let nesterov):
      .sgd(
        SGDStep(
          learningRate: Float(learningRate), momentum: Float(momentum), weightDecay: Float(weightDecay),
          nesterov: nesterov))
    case .adam(let beta1, let beta2, let epsilon, let decoupled):
      .adam(
        AdamStep(
          learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
          decoupled: decoupled, step: step))
    }
  }

  // MARK: Records

  /// Writes the constants into a run's record, beside the `name`.
  package func write(constants record: inout JSON.Object) {
    switch self {
    case .sgd(let momentum, let nesterov):
      record["momentum"] = .number(momentum)
      if nesterov { record["nesterov"] = true }
    case .adam(let beta1, let beta2, let epsilon, _):
      record["betas"] = [.number(beta1), .number(beta2)]
      record["epsilon"] = .number(epsilon)
    }
  }

  /// Reads the rule of a name from a record with its constants.
  package init(name: String, constants record: JSON.Object) throws(GraftFailure) {
    func number(_ key: String, _ value: JSON?, _ usual: Double) throws(GraftFailure) -> Double {
      guard let value else { return usual }
      guard let number = value.double, number.isFinite, number >= 0 else {
        throw GraftFailure(.badData, "\(key): expected a number from 0")
      }
      return number
    }
    switch name {
    case "sgd":
      let momentum = try number("momentum", record["momentum"], 0.9)
      self = .sgd(momentum: momentum, nesterov: record["nesterov"]?.bool ?? false)
    case "adam", "adamw":
      let betas = record["betas"]?.array
      self = .adam(
        beta1: try number("betas", betas?.first, 0.9), beta2: try number("betas", betas?.last, 0.999),
        epsilon: try number("epsilon", record["epsilon"], 1e-8), decoupled: name == "adamw")
    default: throw GraftFailure(.badData, "there is no optimizer '\(name)'")
    }
  }
}
