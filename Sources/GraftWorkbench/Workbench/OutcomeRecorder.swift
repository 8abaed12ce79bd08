import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A recorder that measures a model on the test images again and again, on its way and at its end.
struct OutcomeRecorder {
  private let classes: [Int]
  private let test: Examples
  private var evaluator: Evaluator?
  private var points: [TrialOutcome.Point] = []
  private var last: Evaluation?

  /// Prepares the test images.
  ///
  /// - Parameter outputs: The classes that the model's outputs stand for.
  init(_ domain: StudyDomain, outputs: ClassOutputs) throws {
    classes = outputs.classes
    test =
      outputs == domain.outputs
      ? domain.test : try Examples(domain.data.test, outputs: outputs, normalization: domain.normalization)
  }

  /// Prepares test images whose features are known, for models that are nothing but a head.
  init(_ test: Examples, classes: [Int]) {
    (self.test, self.classes) = (test, classes)
  }

  mutating func record(_ point: TransferPlan.Point) throws {
    let evaluation = try evaluate(point.model)
    last = evaluation
    points.append(
      TrialOutcome.Point(
        epoch: point.epoch, seconds: point.seconds, trainLoss: point.trainLoss, correct: evaluation.correct))
  }

  private mutating func evaluate(_ model: Model) throws -> Evaluation {
    try asking(model) { $0.evaluate($1) }.checkingOutputs(.diverged)
  }

  private mutating func logits(of model: Model) -> Matrix { asking(model) { $0.logits(of: $1) } }

  /// Asks a model without its frozen prefix, so that one evaluator serves all stages.
  private mutating func asking<Answer>(_ model: Model, _ ask: (inout Evaluator, Model) -> Answer) -> Answer {
    var model = model
    model.unfreeze()
    var evaluator = self.evaluator ?? Evaluator(test, for: model)
    defer { self.evaluator = evaluator }
    return ask(&evaluator, model)
  }

  /// The outcome of a training that ended with `model`, the one recorded last.
  ///
  /// - Parameters:
  ///   - temperature: The divisor of the logits in the second half of the calibration; nil measures no calibration.
  ///   - sourceTask: The model's right answers on the source's task.
  mutating func outcome(
    of model: Model, choices: [TrialOutcome.Choice] = [], choosingSeconds: Double = 0, temperature: Double? = nil,
    sourceTask: Tally? = nil, checkpointDigest: String? = nil
  ) throws -> TrialOutcome {
    let evaluation = try last ?? evaluate(model)
    var diagnosis = Diagnosis(sourceTask: sourceTask)
    if let temperature {
      let logits = logits(of: model)
      diagnosis.calibration = Calibration(
        before: Reliability(logits: logits, labels: test.labels), temperature: temperature,
        after: Reliability(logits: logits, labels: test.labels, temperature: temperature))
    }
    return TrialOutcome(
      answers: evaluation.predictions.map { classes[$0] }, correct: evaluation.correct, loss: evaluation.loss,
      history: points, choices: choices, seconds: points.last?.seconds ?? 0, choosingSeconds: choosingSeconds,
      checkpointDigest: checkpointDigest, diagnosis: diagnosis)
  }
}
