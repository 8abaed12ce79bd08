import GraftData
import GraftMatrices
import GraftNetworks

/// A model's results on examples that it did not learn from.
public struct Evaluation: Sendable {
  /// Counts over the model's outputs: rows true, columns predicted.
  public let confusion: ConfusionMatrix
  /// The loss of each example, in the examples' order.
  public let losses: [Float]
  /// The output that won for each example.
  public let predictions: [Int]
  /// The first example whose outputs are not finite numbers; nil if all are finite.
  let firstNotFinite: Int?

  /// Number of right answers.
  package var correct: Int { confusion.correct }
  /// Number of examples.
  package var count: Int { confusion.count }
  /// Right answers among all.
  public var accuracy: Tally { confusion.accuracy }

  /// The mean loss over the examples.
  public var loss: Double { losses.reduce(0) { $0 + Double($1) } / Double(max(losses.count, 1)) }

  /// The study's test loss: the unweighted mean over shuffled batches, so that the short last one counts as a whole one.
  package func batchMeanLoss(batchSize: Int, shuffledBy key: RandomKey) -> Double {
    let batches = Batches(of: [Int](repeating: 0, count: losses.count), size: batchSize, shuffledBy: key)
    let means = (0..<batches.count).map { index in
      batches.order[batches[index]].reduce(0) { $0 + Double(losses[$1]) } / Double(batches[index].count)
    }
    return means.reduce(0, +) / Double(max(means.count, 1))
  }
}

extension Evaluation {
  /// The evaluation of answers that have been computed.
  ///
  /// - Parameter logits: [examples × outputs].
  package init(logits: Matrix, labels: [Int]) {
    precondition(logits.rows == labels.count)
    var losses = [Float](repeating: 0, count: labels.count)
    var unused = Matrix(rows: logits.rows, columns: logits.columns)
    unused.softmaxCrossEntropy(logits, labels: labels[...], gradientScale: 1, losses: &losses)
    let predictions = labels.indices.map(logits.argmax)
    var confusion = ConfusionMatrix(classCount: logits.columns)
    for (label, predicted) in zip(labels, predictions) { confusion.record(true: label, predicted: predicted) }
    self.init(
      confusion: confusion, losses: losses, predictions: predictions,
      firstNotFinite: logits.firstRowNotFinite(of: logits.rows))
  }
}

/// An evaluator of one model again and again on the same examples, with memory allocated once.
public struct Evaluator: Sendable {
  private let original: Examples
  private let team: Team
  /// The model whose frozen prefix has been computed.
  private var prefixed: Model
  private var examples: Examples
  private let batches: Batches
  private var workspace: Workspace

  /// An evaluator for `examples`.
  ///
  /// - Parameters:
  ///   - examples: The examples that each model is evaluated on.
  ///   - model: The model whose frozen prefix is computed for the examples here, once. If a model evaluated later has
  ///     other frozen weights, its prefix is computed anew.
  public init(_ examples: Examples, for model: Model) { self.init(examples, for: model, team: .alone) }

  package init(_ examples: Examples, for model: Model, team: Team) {
    original = examples
    self.team = team
    prefixed = model
    self.examples = examples.behindFrozenPrefix(of: model, team: team)
    batches = Batches(of: [Int](repeating: 0, count: examples.count), size: model.evaluationBatch, shuffledBy: nil)
    workspace = Workspace(
      for: model, startingAt: self.examples.firstLayer, inputs: self.examples.inputs,
      capacity: model.evaluationBatch, team: team, trains: false)
  }

  private mutating func follow(_ model: Model) {
    guard examples.firstLayer > 0, !model.sharesFrozenPrefix(with: prefixed) else { return }
    self = Evaluator(original, for: model, team: team)
  }

  /// Evaluates `model` on all examples.
  public mutating func evaluate(_ model: Model) -> Evaluation {
    if model.runsAsProgram, examples.firstLayer == 0 {
      return Evaluation(logits: logits(of: model), labels: examples.labels)
    }
    follow(model)
    var confusion = ConfusionMatrix(classCount: model.classCount)
    var losses: [Float] = []
    var predictions: [Int] = []
    var firstNotFinite: Int?
    losses.reserveCapacity(examples.count)
    predictions.reserveCapacity(examples.count)
    for index in 0..<batches.count {
      let range = batches[index]
      let batch = Batch(inputs: examples.inputs, rows: batches.order[range], labels: examples.labels[range])
      model.forward(batch, mode: .evaluation, in: &workspace)
      _ = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
      losses += workspace.losses.prefix(batch.count)
      let logits = workspace.logits
      if firstNotFinite == nil, let row = logits.firstRowNotFinite(of: batch.count) {
        firstNotFinite = range.lowerBound + row
      }
      for (row, label) in batch.labels.enumerated() {
        let predicted = logits.argmax(row: row)
        predictions.append(predicted)
        confusion.record(true: label, predicted: predicted)
      }
    }
    return Evaluation(
      confusion: confusion, losses: losses, predictions: predictions, firstNotFinite: firstNotFinite)
  }

  /// The logits of every example, in the examples' order: [examples × outputs].
  package mutating func logits(of model: Model) -> Matrix {
    if model.runsAsProgram, examples.firstLayer == 0 {
      return Program(model).outputs(of: examples.inputs, through: model.layers.count, threads: team.size)
    }
    follow(model)
    var result = Matrix(rows: examples.count, columns: model.classCount)
    for index in 0..<batches.count {
      let range = batches[index]
      let batch = Batch(inputs: examples.inputs, rows: batches.order[range], labels: examples.labels[range])
      model.forward(batch, mode: .evaluation, in: &workspace)
      result.copyRows(batch.count, of: workspace.logits, to: range.lowerBound)
    }
    return result
  }
}
