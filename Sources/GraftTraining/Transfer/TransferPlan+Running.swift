import GraftFiles
import GraftMatrices
import GraftNetworks

extension TransferPlan {
  /// The progress of a running plan.
  package struct Point {
    /// Number of epochs of the stages, or iterations of the solver if the plan is only a solved head.
    package let epoch: Int
    /// Seconds until now, without the time that `run(on:strength:team:watches:report:)` spends in `report`.
    package let seconds: Double
    /// Mean loss of the epoch's batches; nil for a solved head.
    package let trainLoss: Double?
    package let model: Model

    package init(epoch: Int, seconds: Double, trainLoss: Double?, model: Model) {
      self.epoch = epoch
      self.seconds = seconds
      self.trainLoss = trainLoss
      self.model = model
    }
  }

  /// The solver of the plan's head.
  ///
  /// If the settings augment, it reads every image and some changed copies of it. It then minimises the mean over all of them,
  /// with the same penalty: an image weighs as much as without copies, which share its weight.
  package func headSolver(on examples: Examples, team: Team = .alone) -> HeadSolver {
    HeadSolver(
      model, on: examples.withCopies(by: settings.augmentation, seed: settings.seed, threads: team.size),
      smoothing: settings.loss.smoothing, classWeights: settings.classWeights, team: team)
  }

  /// The plan with its head already solved on `examples`.
  package func solvingHead(on examples: Examples, strength: Double, team: Team = .alone) throws -> TransferPlan {
    guard solvesHead else { return self }
    var plan = self
    plan.solvesHead = false
    var solver = headSolver(on: examples, team: team)
    plan.model = try solver.solve(strength: strength).model
    return plan
  }

  /// Runs the whole plan.
  ///
  /// - Parameters:
  ///   - examples: Pixels.
  ///   - strength: Strength of a solved head's penalty.
  ///   - watches: Whether to report an epoch; the last one is reported in any case.
  ///   - report: Called with the model of each such epoch; epoch 0 is a probe before the stages.
  /// - Returns: The model at the end.
  package func run(
    on examples: Examples, strength: Double, team: Team = .alone, watches: (Int) -> Bool = { _ in false },
    report: (Point) throws -> Void = { _ in }
  ) throws -> Model {
    let clock = ContinuousClock()
    let start = clock.now
    var model = model
    var spent = 0.0
    if solvesHead {
      var solver = headSolver(on: examples, team: team)
      let solution = try solver.solve(strength: strength)
      model = solution.model
      spent = (clock.now - start) / .seconds(1)
      try report(
        Point(epoch: stages.isEmpty ? solution.iterations : 0, seconds: spent, trainLoss: nil, model: model))
    }
    guard !stages.isEmpty else { return model }
    var training = TrackedTraining(model, on: examples, settings, stages: stages, team: team)
    try training.run { training, record in
      if watches(record.epoch) || training.isFinished {
        try report(
          Point(
            epoch: record.epoch, seconds: spent + record.seconds, trainLoss: record.trainLoss,
            model: training.session.result))
      }
    }
    return training.model
  }
}
