import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension ReproductionResult {
  /// A table with one line per training.
  package var resultsCSV: String {
    let head =
      "dataset,system,target,source,seed,images,correct,accuracy,pooled,published,report_matrix,repository_matrix,verdict,seconds,checkpoint_sha256"
    let lines = (cells + controls).flatMap { cell in
      cell.runs.indices.map { index -> String in
        let run = cell.runs[index]
        let matrices = PublishedPaper.Publication.allCases.map { publication in
          isStudysData
            ? published.matrix(of: cell.task, in: publication).map { percent($0.accuracy.percent) } ?? "" : ""
        }
        return
          ([
            dataName, cell.task.system.rawValue, cell.task.target.rawValue, cell.task.source?.rawValue ?? "",
            "\(run.seed)",
            "\(run.images)", "\(run.correct)", decimals(run.accuracy.percent, 4),
            cell.pooled.map { decimals($0.values[index], 4) } ?? "", cell.published.map(percent) ?? "",
          ] + matrices + [cell.verdict?.rawValue ?? "", decimals(run.seconds, 3), run.checkpointDigest ?? ""])
          .joined(separator: ",")
      }
    }
    return ([head] + lines).joined(separator: "\n") + "\n"
  }

  /// A table with one line per epoch of every training.
  package var historyCSV: String {
    var lines = ["dataset,training,seed,epoch,train_loss,test_loss,correct,images,accuracy,seconds"]
    for run in outcomes {
      for epoch in run.history {
        let accuracy = 100 * Double(epoch.correct) / Double(run.images)
        lines.append(
          "\(dataName),\(run.task),\(run.seed),\(epoch.epoch),\(epoch.trainLoss),\(epoch.testLoss),\(epoch.correct),\(run.images),"
            + "\(decimals(accuracy, 4)),\(decimals(epoch.seconds, 3))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
