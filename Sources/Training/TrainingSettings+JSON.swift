import Files
import Networks

extension TrainingSettings {
  /// The settings under the names of the command line's flags, for a run's record.
  package var json: JSON.Object {
    var object = JSON.Object()
    object["epochs"] = .integer(epochs)
    object["batch_size"] = .integer(batchSize)
    object["optimizer"] = .string(optimizer.name)
    object["learning_rate"] = .number(learningRate)
    switch optimizer {
    case .sgd(let momentum, let nesterov):
      object["momentum"] = .number(momentum)
      if nesterov { object["nesterov"] = true }
    case .adam(let beta1, let beta2, let epsilon, _):
      object["betas"] = [.number(beta1), .number(beta2)]
      object["epsilon"] = .number(epsilon)
    }
    object["weight_decay"] = .number(weightDecay)
    if case .sum(let divisor) = loss.reduction { object["gradient_divisor"] = .number(Double(divisor)) }
    object["seed"] = .string("\(seed)")
    return object
  }
}
