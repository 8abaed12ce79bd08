import GraftMatrices
import GraftNetworks
import GraftTraining

extension SourceView {
  /// Takes the features and probabilities that `checkpoint` gives `examples`, whose labels are the target's.
  package init(of checkpoint: Checkpoint, on examples: Examples, classCount: Int) {
    let model = checkpoint.model
    var evaluator = Evaluator(examples, for: model)
    let logits = evaluator.logits(of: model)
    // Outputs that no class was trained for say nothing.
    let trained = checkpoint.outputs.trained.compactMap(checkpoint.outputs.classes.firstIndex(of:))
    var known = Matrix(rows: logits.rows, columns: trained.count)
    for row in 0..<logits.rows {
      for (column, output) in trained.enumerated() { known[row, column] = logits[row, output] }
    }
    var probabilities = known
    probabilities.softmax(known, rows: known.rows)
    self.init(
      features: model.bodyFeatures(of: examples.inputs), probabilities: probabilities, labels: examples.labels,
      classCount: classCount)
  }
}
