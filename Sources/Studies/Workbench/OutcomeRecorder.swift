import Datasets
import Networks
import Training

/// Measures a model on the test images again and again, on its way and at its end.
struct OutcomeRecorder {
  private let classes: [Int]
  private let test: Examples
  private var evaluator: Evaluator?
  private var points: [TrialOutcome.Point] = []
  private var last: Evaluation?

  /// - Parameter outputs: What the model's outputs stand for.
  init(_ domain: StudyDomain, outputs: ClassOutputs) throws {
    classes = outputs.classes
    test =
      outputs == domain.outputs
      ? domain.test : try Examples(domain.data.test, outputs: outputs, normalization: .unit)
  }

  mutating func record(_ point: TransferPlan.Point) throws {
    let evaluation = evaluate(point.model)
    last = evaluation
    points.append(
      TrialOutcome.Point(
        epoch: point.epoch, seconds: point.seconds, trainLoss: point.trainLoss, correct: evaluation.correct))
  }

  /// Without a frozen prefix, so that one evaluator serves all stages.
  private mutating func evaluate(_ model: Model) -> Evaluation {
    var model = model
    model.unfreeze()
    var evaluator = self.evaluator ?? Evaluator(test, for: model)
    defer { self.evaluator = evaluator }
    return evaluator.evaluate(model)
  }

  /// What is left of a training that ended with `model`, the one recorded last.
  mutating func outcome(
    of model: Model, choices: [TrialOutcome.Choice], choosingSeconds: Double, checkpointDigest: String?
  ) -> TrialOutcome {
    let evaluation = last ?? evaluate(model)
    return TrialOutcome(
      answers: evaluation.predictions.map { UInt8(classes[$0]) }, correct: evaluation.correct, loss: evaluation.loss,
      history: points, choices: choices, seconds: points.last?.seconds ?? 0, choosingSeconds: choosingSeconds,
      checkpointDigest: checkpointDigest)
  }
}
