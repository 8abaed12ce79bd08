import GraftMatrices
import GraftNetworks
import GraftTraining

extension SourceView {
  /// Takes the features and probabilities that `checkpoint` gives `examples`, whose labels are the target's.
  ///
  /// - Parameter team: Threads that compute the features of a published body; no value depends on them.
  package init(of checkpoint: Checkpoint, on examples: Examples, classCount: Int, team: Team = .alone) {
    var model = checkpoint.model
    if model.runsAsProgram {
      model.freezeBody()
      let behind = examples.behindFrozenPrefix(of: model, team: team, largest: .max)
      let features = model.ordered(behind.inputs.matrix, ofLayer: model.layers.count - 1)
      self.init(
        of: checkpoint, behindBody: Examples(inputs: .dense(features), labels: behind.labels), classCount: classCount)
      return
    }
    var evaluator = Evaluator(examples, for: model)
    self.init(
      of: checkpoint, features: model.bodyFeatures(of: examples.inputs), logits: evaluator.logits(of: model),
      labels: examples.labels, classCount: classCount)
  }

  /// Takes the probabilities that the head of `checkpoint` gives the features of its body, which were computed before.
  ///
  /// - Parameter features: Rows that the head reads, in PyTorch's order.
  init(of checkpoint: Checkpoint, behindBody features: Examples, classCount: Int) {
    let model = checkpoint.model
    var head = HeadCrossValidation.head(for: features, classCount: model.classCount)
    for (own, whole) in zip([head.head.weight, head.head.bias], [model.head.weight, model.head.bias]) {
      head.parameters.setValues(of: own, to: model.parameters.values(of: whole))
    }
    var evaluator = Evaluator(features, for: head)
    self.init(
      of: checkpoint, features: features.inputs.matrix, logits: evaluator.logits(of: head), labels: features.labels,
      classCount: classCount)
  }

  private init(of checkpoint: Checkpoint, features: Matrix, logits: Matrix, labels: [Int], classCount: Int) {
    // Outputs that no class was trained for say nothing.
    let trained = checkpoint.outputs.trained.compactMap(checkpoint.outputs.classes.firstIndex(of:))
    var known = Matrix(rows: logits.rows, columns: trained.count)
    for row in 0..<logits.rows {
      for (column, output) in trained.enumerated() { known[row, column] = logits[row, output] }
    }
    var probabilities = known
    probabilities.softmax(known, rows: known.rows)
    self.init(features: features, probabilities: probabilities, labels: labels, classCount: classCount)
  }
}
