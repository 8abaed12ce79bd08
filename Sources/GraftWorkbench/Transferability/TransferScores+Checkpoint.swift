import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

extension TransferScores {
  /// Scores a checkpoint on a target's labelled images, which it reads as it was trained to read its own.
  ///
  /// - Parameter classes: The target's classes, rising; every image is of one of them.
  package init(
    of checkpoint: Checkpoint, on labelled: Dataset, classes: [Int], threads: Int = 1
  ) throws {
    let outputs = ClassOutputs(.compact, choosing: classes, of: labelled.classNames)
    let examples = try Examples(labelled, outputs: outputs, normalization: checkpoint.normalization)
    let view = SourceView(
      of: checkpoint, on: examples, classCount: classes.count, team: threads > 1 ? Team(size: threads) : .alone)
    // Of outputs that overflow there are no probabilities.
    _ = try view.probabilities.checkingOutputs()
    self.init(view)
  }
}
