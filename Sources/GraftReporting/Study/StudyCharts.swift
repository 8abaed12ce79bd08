import GraftCharts
import GraftData
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The charts of one pair of source and target.
struct StudyCharts {
  let pair: StudyResult.Pair
  let study: StudyResult

  /// A course: a sample for each x, with one number per seed.
  typealias Course = [(x: Double, values: Sample)]

  /// A chart of accuracy over labels, one line for each method, the control first.
  var efficiency: LineChart {
    let series = pair.methods.map { method in
      line(method, pair.efficiency(of: method)?.points.map { ($0.labelsPerClass, $0.accuracy) } ?? [])
    }
    return accuracyChart("Accuracy by number of labels", StudyCharts.labelAxis, series)
  }

  /// A chart of gain over the control by labels, around zero.
  var gain: LineChart {
    let series = pair.methods.filter { $0 != .scratch }.map { method in
      let compared = pair.rising(method).compactMap { row in row.comparison.map { (x: row.labelsPerClass, own: $0) } }
      return line(
        method, points: compared.map { ($0.x, $0.own.gain.mean) },
        band: compared.filter { $0.own.test != nil }.map {
          Series.Interval(x: $0.x, low: $0.own.interval.low, high: $0.own.interval.high)
        })
    }
    let zero = ReferenceLine("scratch", at: 0)
    return LineChart(
      title: "Gain over training from scratch", subtitle: subtitle, xAxis: StudyCharts.labelAxis,
      yAxis: Axis("gain / points", range: StudyCharts.range(series, [zero], possible: -100...100)), series: series,
      references: [zero])
  }

  /// A chart of accuracy over epochs at one number of labels. A solved head has no epochs: it is a level to compare with.
  func epochs(_ share: Share) -> LineChart {
    let rows = pair.rows.filter { $0.share == share && !$0.records.isEmpty }
    var courses = rows.filter { !$0.isSolved }.map { (method: $0.method, course: StudyCharts.course($0)) }
    var levels = rows.filter(\.isSolved).map { ReferenceLine("\($0.method), solved", at: $0.accuracy.mean) }
    // Few images make many epochs, measured at growing distances, and everything happens in the first of them.
    let isLong = (courses.flatMap(\.course).map(\.x).max() ?? 0) > 20
    if isLong {
      for index in courses.indices {
        let start = courses[index].course.filter { $0.x == 0 }
        levels += start.map { ReferenceLine("\(courses[index].method), epoch 0", at: $0.values.mean) }
        courses[index].course.removeAll { $0.x == 0 }
      }
    }
    let amount = rows.first.map { " \(StudyWords.with([$0]))" } ?? ""
    return accuracyChart(
      "Accuracy by epoch\(amount)", Axis("epoch", scale: isLong ? .logarithmic : .linear),
      courses.map { line($0.method, $0.course) }, levels)
  }

  // MARK: - Parts

  static let labelAxis = Axis("labelled images per class", scale: .logarithmic)

  private func accuracyChart(
    _ title: String, _ xAxis: Axis, _ series: [Series], _ references: [ReferenceLine] = []
  ) -> LineChart {
    LineChart(
      title: title, subtitle: subtitle, xAxis: xAxis,
      yAxis: Axis(
        "accuracy on test images / %", range: StudyCharts.range(series, references, possible: 0...100)),
      series: series, references: references)
  }

  /// A line of means over seeds with their 95 % intervals. A method keeps its colour in all figures of a pair; the control steps back.
  func line(_ method: TransferMethod, _ course: Course) -> Series {
    line(
      method, points: course.map { ($0.x, $0.values.mean) },
      band: course.compactMap { point in
        point.values.meanInterval().map { Series.Interval(x: point.x, low: $0.low, high: $0.high) }
      })
  }

  private func line(_ method: TransferMethod, points: [(Double, Double)], band: [Series.Interval]) -> Series {
    let place = pair.methods.filter { $0 != .scratch }.firstIndex(of: method)
    return Series(method.description, points: points, band: band, color: place.map { .series($0) } ?? .muted)
  }

  /// The accuracies after each epoch that was measured in every seed.
  private static func course(_ row: StudyRow) -> Course {
    let histories = row.records.map(\.outcome.history)
    guard let first = histories.first else { return [] }
    return first.map(\.epoch).compactMap { epoch in
      let correct = histories.compactMap { history in history.first { $0.epoch == epoch }?.correct }
      guard correct.count == histories.count else { return nil }
      return (Double(epoch), Sample(correct.map { 100 * Double($0) / Double(max(row.images, 1)) }))
    }
  }

  /// The range that cuts bands if they leave no room for the lines or go beyond the possible values; nil if they do neither.
  ///
  /// Two seeds make an interval nearly thirteen times as wide as their difference.
  static func range(
    _ series: [Series], _ references: [ReferenceLine], possible: ClosedRange<Double>
  ) -> ClosedRange<Double>? {
    let values = series.flatMap { $0.points.map(\.y) } + references.map(\.value)
    let ends = series.flatMap { $0.band.flatMap { [$0.low, $0.high] } }
    guard let low = values.min(), let high = values.max(), let bandLow = ends.min(), let bandHigh = ends.max() else {
      return nil
    }
    let room = max((high - low) / 2, 1)
    let limits = max(low - room, possible.lowerBound)...min(high + room, possible.upperBound)
    if limits.lowerBound <= bandLow && bandHigh <= limits.upperBound { return nil }
    let start = max(limits.lowerBound, min(low, bandLow)).rounded(.down)
    let end = min(limits.upperBound, max(high, bandHigh)).rounded(.up)
    return start < end ? start...end : nil
  }

  var subtitle: String { subtitle(hasBands: true) }

  func subtitle(hasBands: Bool) -> String {
    let isSynthetic = [pair.source, pair.target].contains(where: StudyResult.isSynthetic)
    let seeds = StudyWords.count(study.seeds.count, "seed")
    let bands = study.seeds.count == 1 ? "one seed" : hasBands ? "bands: 95 % over \(seeds)" : seeds
    let source = pair.hasFixedSource ? ", one source for all" : ""
    return
      "\(isSynthetic ? "SYNTHETIC DIGITS: " : "")\(StudyWords.title(pair).replacing("->", with: "→")), \(study.architecture), recipe "
      + "\(study.recipe.description), \(bands)\(source)"
  }
}
