import GraftFiles

extension LearningRateSchedule {
  /// The schedule as a run's record keeps it.
  package var json: JSON {
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

  /// Reads what `json` gave.
  package init(json: JSON) throws(GraftFailure) {
    let shape: Shape
    switch json["shape"]?.string {
    case "constant": shape = .constant
    case "step":
      guard let every = json["every"]?.int, every > 0, let factor = json["factor"]?.double, factor > 0 else {
        throw GraftFailure(.badData, "schedule: a step needs a positive every and a positive factor")
      }
      shape = .step(every: every, factor: factor)
    case "cosine": shape = .cosine(floor: json["floor"]?.double ?? 0)
    case "one-cycle": shape = .oneCycle
    default: throw GraftFailure(.badData, "schedule: expected a shape of constant, step, cosine or one-cycle")
    }
    let warmUp = json["warm_up"] ?? 0
    guard let steps = warmUp.int, steps >= 0 else {
      throw GraftFailure(.badData, "schedule: warm_up is no number of epochs")
    }
    self.init(shape, warmUp: steps)
  }
}
