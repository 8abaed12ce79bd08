import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct EvaluationTests {
  private let examples = Examples.patterns(150)

  private func evaluate(_ model: Model, _ examples: Examples) -> Evaluation {
    var evaluator = Evaluator(examples, for: model)
    return evaluator.evaluate(model)
  }

  @Test("losses and answers are the model's, in the examples' order", arguments: [[], [20], [20, 9]] as [[Int]])
  func agreesWithReference(units: [Int]) throws {
    let model = Model.forPatterns(units)
    let evaluation = evaluate(model, examples)
    let reference = ReferenceNetwork(model)
    guard case .sparse(let rows) = examples.inputs else { throw Mismatch(description: "the patterns are not sparse") }
    let inputs = (0..<150).map { rows.dense(row: $0) }
    let losses = zip(inputs, examples.labels).map { reference.loss([$0], [$1]) }
    #expect(mismatch(evaluation.losses, losses, within: 2e-6) == nil)
    let answers = inputs.map { input in
      let logits = reference.logits(input)
      return logits.indices.max { logits[$0] < logits[$1] }
    }
    #expect(evaluation.predictions == answers)
    let right = zip(answers, examples.labels).count { $0 == $1 }
    #expect(
      evaluation.correct == right && evaluation.count == 150
        && evaluation.accuracy == Tally(correct: right, images: 150))
    var confusion = ConfusionMatrix(classCount: 4)
    for (label, answer) in zip(examples.labels, evaluation.predictions) {
      confusion.record(true: label, predicted: answer)
    }
    #expect(evaluation.confusion == confusion)
    #expect(mismatch([evaluation.loss], [losses.reduce(0, +) / 150], within: 1e-6) == nil)
  }

  @Test("a model with other frozen weights is not answered with the features of the first")
  func otherFrozenWeights() {
    var (one, other) = (Model.forPatterns([20]), Model.forPatterns([20], seed: 9))
    one.freezeBody()
    other.freezeBody()
    var evaluator = Evaluator(examples, for: one)
    #expect(evaluator.evaluate(one).losses == evaluate(one, examples).losses)
    #expect(evaluator.evaluate(other).losses == evaluate(other, examples).losses)
    #expect(evaluator.evaluate(one).losses == evaluate(one, examples).losses)
  }

  @Test("logits are those of the model, in the examples' order")
  func logits() {
    let model = Model.forPatterns([20])
    var evaluator = Evaluator(examples, for: model)
    let found = evaluator.logits(of: model).nested
    #expect(mismatchInBits(found.flatMap { $0 }, model.logits(of: examples.inputs).flatMap { $0 }) == nil)
  }

  @Test("an evaluator gives the same for the same model, whatever it saw before")
  func again() {
    let (one, other) = (Model.forPatterns([20]), Model.forPatterns([20], seed: 9))
    var evaluator = Evaluator(examples, for: one)
    let first = evaluator.evaluate(one).losses
    #expect(evaluator.evaluate(other).losses != first)
    #expect(mismatchInBits(evaluator.evaluate(one).losses, first) == nil)
  }

  @Test("the study's test loss counts the short last batch as a whole one", arguments: [1, 7, 64, 150, 1000])
  func batchMeanLoss(size: Int) {
    let evaluation = evaluate(.forPatterns([20]), examples)
    let key = RandomKey(seed: 4, purpose: .evaluationOrder, index: 2)
    var order = Array(0..<150)
    var stream = RandomStream(key)
    stream.shuffle(&order)
    let means = stride(from: 0, to: 150, by: size).map { start in
      let batch = order[start..<min(start + size, 150)]
      return batch.reduce(0) { $0 + Double(evaluation.losses[$1]) } / Double(batch.count)
    }
    let expected = means.reduce(0, +) / Double(means.count)
    #expect(mismatch([evaluation.batchMeanLoss(batchSize: size, shuffledBy: key)], [expected], within: 1e-14) == nil)
  }

  @Test("no examples give no answers and no division by zero")
  func empty() {
    let none = Examples(inputs: .sparse(SparseRows(columns: 36)), labels: [])
    let evaluation = evaluate(.forPatterns([20]), none)
    #expect(evaluation.count == 0 && evaluation.accuracy.percent == 0 && evaluation.loss == 0)
    #expect(evaluation.batchMeanLoss(batchSize: 64, shuffledBy: RandomKey(seed: 0, purpose: .evaluationOrder)) == 0)
  }
}
