import GraftFiles
import GraftStatistics
import GraftTraining

extension ReproductionCell {
  /// A sentence that explains the cell's figures.
  package var explanation: String {
    guard let source = task.source, let sourceRun = sourceRuns?.first, let run = runs.first, let pooled else {
      return plainExplanation
    }
    let total = sourceRun.images + run.images
    let sum =
      (runs.count > 1 ? "seed \(run.seed): " : "")
      + "counted as the study counted, \(grouped(sourceRun.correct)) right on \(source.rawValue) + "
      + "\(grouped(run.correct)) right on \(task.target.rawValue) = "
      + "\(grouped(sourceRun.correct + run.correct)) of \(grouped(total)) is \(percent(pooled.values[0])); "
      + "on \(task.target.rawValue) alone it is \(percent(accuracy.values[0]))"
    guard let published, judges, let verdict else { return sum }
    switch verdict {
    case .reproduced:
      return
        "\(percent(published)) pools two test sets, but is also what \(task.target.rawValue) alone may give: \(sum)"
    case .notReproduced:
      return "\(percent(published)) pools two test sets and is no accuracy on \(task.target.rawValue): \(sum)"
    }
  }

  private var plainExplanation: String {
    guard let published, let (range, count) = verdictRange, let verdict else {
      return "\(percent(accuracy.mean)) on \(grouped(images)) test images"
    }
    let place = verdict == .reproduced ? "lies in" : "lies outside"
    return
      "\(percent(published)) \(place) \(percent(range.low)) to \(percent(range.high)), where \(count) runs put one more"
  }
}
