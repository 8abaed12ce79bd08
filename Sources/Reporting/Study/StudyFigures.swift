import Datasets
import Files
import Studies
import Training

extension StudyResult {
  /// Three kinds of figures for each pair: accuracy over labels, gain over labels, and accuracy over epochs at each amount.
  package var figures: [(name: String, svg: String)] {
    var names = FileNames()
    var figures: [(name: String, svg: String)] = []
    for pair in pairs {
      let charts = StudyCharts(pair: pair, study: self)
      let ends = "\(FileNames.safe(pair.source))-to-\(FileNames.safe(pair.target))"
      func add(_ stem: String, _ chart: LineChart) { figures.append(("\(names.unique(stem)).svg", chart.svg())) }
      add("efficiency-\(ends)", charts.efficiency)
      if pair.methods.count > 1 { add("gain-\(ends)", charts.gain) }
      for share in pair.shares { add("epochs-\(ends)-\(FileNames.labels(share))", charts.epochs(share)) }
    }
    return figures
  }
}
