import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks

/// A network that knows four classes, and the same images under other labels.
enum Transferred {
  static let target = Examples(
    inputs: Examples.patterns(60, seed: 5).inputs, labels: Examples.patterns(60, seed: 5).labels.map { 3 - $0 })

  /// The source's body with a fresh head.
  static func start(_ units: [Int] = [10, 8]) throws -> Model {
    var session = TrainingSession(.forPatterns(units), on: .patterns(80), .momentum())
    for _ in 0..<4 { _ = try session.runEpoch() }
    return session.model.replacingHead(classCount: 4, seed: 9)
  }

  static func settings(_ rule: Optimizer.Rule = .sgd(momentum: 0.9), epochs: Int = 9) -> TrainingSettings {
    TrainingSettings(
      epochs: epochs, batchSize: 8, optimizer: rule, learningRate: rule == .adam() ? 0.005 : 0.03, weightDecay: 0.01,
      schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), seed: 3)
  }

  static func plan(
    _ method: String, _ settings: TrainingSettings = Transferred.settings(), solvesHeads: Bool = false
  ) throws -> TransferPlan {
    try TransferMethod(parsing: method).plan(from: start(), settings, solvesHeads: solvesHeads)
  }

  static func loss(_ model: Model) -> Double {
    var evaluator = Evaluator(target, for: model)
    return evaluator.evaluate(model).loss
  }

  /// Length of the way that the slices called `names` went.
  static func distance(_ model: Model, _ other: Model, _ names: [String]) -> Double {
    var square = 0.0
    for (name, values) in names.map({ ($0, zip(model.values($0), other.values($0))) }) {
      precondition(model.parameters.slice(named: name) != nil)
      for (one, two) in values { square += (Double(one) - Double(two)) * (Double(one) - Double(two)) }
    }
    return square.squareRoot()
  }

  static let body = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
}
