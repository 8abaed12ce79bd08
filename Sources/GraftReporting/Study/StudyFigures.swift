import GraftCharts
import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension StudyResult {
  /// The figures of each pair: accuracy and gain over labels, accuracy over epochs at each amount, forgetting, calibration. Gains
  /// against scores follow; they are the only figures if the pairs are candidates to choose a source among.
  package var figures: [(name: String, svg: String)] {
    var names = FileNames()
    var figures: [(name: String, svg: String)] = []
    for pair in ranksSources ? [] : pairs {
      let charts = StudyCharts(pair: pair, study: self)
      let ends = "\(FileNames.safe(pair.source))-to-\(FileNames.safe(pair.target))"
      func add(_ stem: String, _ chart: LineChart) { figures.append(("\(names.unique(stem)).svg", chart.svg())) }
      add("efficiency-\(ends)", charts.efficiency)
      if pair.methods.count > 1 { add("gain-\(ends)", charts.gain) }
      for share in pair.shares { add("epochs-\(ends)-\(FileNames.labels(share))", charts.epochs(share)) }
      if let chart = charts.forgetting { add("forgetting-\(ends)", chart) }
      if let chart = charts.calibration { add("calibration-\(ends)", chart) }
      for share in pair.shares {
        if let chart = charts.reliability(share) { add("reliability-\(ends)-\(FileNames.labels(share))", chart) }
      }
    }
    figures += scoreFigures.map { ("\($0.name).svg", $0.chart.svg()) }
    return figures
  }
}
