import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining

extension TransferScores {
  /// Scores a checkpoint on a target's labelled images, which it reads as it was trained to read its own.
  ///
  /// - Parameter classes: The target's classes, rising; every image is of one of them.
  package init(of checkpoint: Checkpoint, on labelled: Dataset, classes: [Int]) throws(GraftFailure) {
    let outputs = ClassOutputs(.compact, choosing: classes, of: labelled.classNames)
    let examples = try Examples(labelled, outputs: outputs, normalization: checkpoint.normalization)
    self.init(SourceView(of: checkpoint, on: examples, classCount: classes.count))
  }
}
