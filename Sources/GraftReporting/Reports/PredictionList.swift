import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A list of a model's answers to each image, for looking at single errors and for comparing with other programs.
package struct PredictionList: Sendable {
  private let evaluation: Evaluation
  private let labels: [Int]
  private let logits: Matrix
  private let outputs: ClassOutputs

  /// - Parameter logits: The outputs as [images × outputs].
  package init(_ evaluation: Evaluation, labels: [Int], logits: Matrix, outputs: ClassOutputs) {
    precondition(labels.count == logits.rows && evaluation.predictions.count == labels.count)
    self.evaluation = evaluation
    self.labels = labels
    self.logits = logits
    self.outputs = outputs
  }

  /// A document with `labels` and `predictions` as class indices of the data set, and `logits` as one list per image in the order of
  /// `outputs`.
  package var json: JSON {
    [
      "schema_version": 1,
      "outputs": .array(outputs.classes.map(JSON.integer)),
      "labels": .array(labels.map { .integer(outputs.classes[$0]) }),
      "predictions": .array(evaluation.predictions.map { .integer(outputs.classes[$0]) }),
      "logits": .array(
        (0..<logits.rows).map { row in
          .array((0..<logits.columns).map { .number(Double(logits[row, $0])) })
        }),
    ]
  }
}
