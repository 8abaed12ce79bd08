import GraftData
import GraftFiles
import GraftNetworks

extension LearningRateSchedule {
  /// The schedule, with lengths in epochs.
  fileprivate var json: JSON {
    var object = JSON.Object()
    switch shape {
    case .constant: object["shape"] = "constant"
    case .step(let every, let factor):
      object["shape"] = "step"
      object["every"] = .integer(every)
      object["factor"] = .number(factor)
    case .cosine(let floor):
      object["shape"] = "cosine"
      object["floor"] = .number(floor)
    case .oneCycle: object["shape"] = "one-cycle"
    }
    if warmUp > 0 { object["warm_up"] = .integer(warmUp) }
    return .object(object)
  }
}

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
    if schedule != .constant { object["schedule"] = schedule.json }
    if case .sum(let divisor) = loss.reduction { object["gradient_divisor"] = .number(Double(divisor)) }
    if loss.smoothing > 0 { object["label_smoothing"] = .number(loss.smoothing) }
    if layerRateDecay != 1 { object["layer_rate_decay"] = .number(layerRateDecay) }
    if startPull > 0 { object["start_pull"] = .number(startPull) }
    if dropout > 0 { object["dropout"] = .number(dropout) }
    if mapDropout > 0 { object["map_dropout"] = .number(mapDropout) }
    if !augmentation.isNone { object["augment"] = .string(augmentation.description) }
    if averaging > 0 { object["average_weights"] = .number(averaging) }
    object["seed"] = .string("\(seed)")
    return object
  }
}
