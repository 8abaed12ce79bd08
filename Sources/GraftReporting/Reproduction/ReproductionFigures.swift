import GraftCharts
import GraftData
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension ReproductionResult {
  /// The study's figures from our first seed: a loss figure and a confusion matrix for each of its six cells.
  package var figures: [(name: String, svg: String)] {
    cells.flatMap { cell -> [(name: String, svg: String)] in
      guard let run = cell.runs.first else { return [] }
      let title = "\(cell.task.system.title.prefix(1).uppercased())\(cell.task.system.title.dropFirst())"
      return [
        ("loss-\(cell.task).svg", lossFigure(of: run, system: title)),
        ("confusion-\(cell.task).svg", confusionFigure(of: run, system: title)),
      ]
    }
  }

  private func lossFigure(of run: PaperTraining, system: String) -> String {
    LineChart(
      title: "\(system), \(title(of: run.task.target))", subtitle: subtitle(of: run),
      xAxis: Axis("epoch"), yAxis: Axis("cross-entropy loss"),
      series: [
        Series("training", values: run.history.map(\.trainLoss)), Series("test", values: run.history.map(\.testLoss)),
      ]
    ).svg()
  }

  private func confusionFigure(of run: PaperTraining, system: String) -> String {
    // The model has ten outputs; digits of the other half are shown only if it answers one of them.
    let classes = Array(Set(run.task.target.selection.classes + run.confusion.occurring)).sorted()
    return ConfusionMatrixChart(
      title: "\(system), \(title(of: run.task.target))", subtitle: subtitle(of: run),
      counts: run.confusion.restricted(to: classes).counts, classNames: classes.map(String.init)
    ).svg()
  }

  private func subtitle(of run: PaperTraining) -> String {
    let data = isStudysData ? "" : "\(dataName == "synthetic" ? "SYNTHETIC DIGITS" : dataName), "
    let source = run.task.source.map { "body from \(title(of: $0)), " } ?? ""
    return "\(data)\(source)\(run.history.count) epochs, seed \(run.seed)"
  }
}
