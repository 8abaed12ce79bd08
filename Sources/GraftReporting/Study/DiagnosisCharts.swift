import GraftCharts
import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension StudyCharts {
  /// A chart of forgetting on the source's task by labels, for every method; nil if no trained source was transferred.
  var forgetting: LineChart? {
    let series = pair.methods.filter(\.usesSource).map { method in
      line(
        method,
        pair.rising(method).compactMap { row in row.retention.map { (row.labelsPerClass, $0.forgetting) } })
    }.filter { !$0.points.isEmpty }
    if series.isEmpty { return nil }
    let zero = ReferenceLine("nothing", at: 0)
    return LineChart(
      title: "Forgotten of the source's task", subtitle: subtitle, xAxis: StudyCharts.labelAxis,
      yAxis: Axis(
        "accuracy lost on the source's test images / points",
        range: StudyCharts.range(series, [zero], possible: -100...100)), series: series, references: [zero])
  }

  /// A chart of expected calibration error by labels, as trained (dashed) and after temperature scaling; nil if nothing was measured.
  var calibration: LineChart? {
    let series = pair.methods.flatMap { method in
      [false, true].map { isScaled in
        var own = line(
          method,
          pair.rising(method).compactMap { row in
            row.calibrationError(isScaled: isScaled).map { (row.labelsPerClass, $0) }
          })
        own.name += isScaled ? ", scaled" : ""
        own.dashed = !isScaled
        own.band = []
        return own
      }
    }.filter { !$0.points.isEmpty }
    if series.isEmpty { return nil }
    return LineChart(
      title: "Expected calibration error, before and after temperature scaling",
      subtitle: "dashed: as trained; \(subtitle(hasBands: false))",
      xAxis: StudyCharts.labelAxis,
      yAxis: Axis("ECE / points", scale: .logarithmic), series: series)
  }

  /// A chart of accuracy by confidence at one number of labels (Guo et al., figure 1, as lines): scratch and the best method, as
  /// trained (dashed) and scaled. Bins of fewer than ten images are left out.
  func reliability(_ share: Share) -> LineChart? {
    let rows = pair.rows.filter { $0.share == share && !$0.calibrations.isEmpty }
    let best = rows.filter { !$0.isControl }.max { $0.accuracy.mean < $1.accuracy.mean }
    let shown = rows.filter(\.isControl) + [best].compactMap { $0 }
    let series = shown.flatMap { row in
      [false, true].compactMap { isScaled -> Series? in
        guard let bins = row.reliability(isScaled: isScaled)?.bins else { return nil }
        var own = line(row.method, [])
        own.name += isScaled ? ", scaled" : ""
        own.dashed = !isScaled
        own.points = bins.filter { $0.images >= 10 }.compactMap { bin in
          bin.meanConfidence.flatMap { x in bin.correctShare.map { Series.Point(x: x, y: $0) } }
        }
        return own
      }
    }
    guard let first = rows.first, !series.isEmpty else { return nil }
    let truth = Series("as sure as right", points: [(0, 0), (1, 1)], color: .muted, dashed: true)
    return LineChart(
      title: "Reliability \(StudyWords.with([first]))",
      subtitle: "dashed: as trained; \(subtitle(hasBands: false))",
      xAxis: Axis("confidence", range: 0...1),
      yAxis: Axis("accuracy", range: 0...1), series: series + [truth], labels: .legend)
  }
}

extension StudyResult {
  /// Charts of gain against each score: one dot for each setting, one colour for each number of labels; none for a score with fewer
  /// than two settings.
  var scoreFigures: [(name: String, chart: LineChart)] {
    let settings = scoredSettings
    return TransferScore.allCases.compactMap { score in
      let known = settings.filter { $0.scores[score] != nil }
      if known.count < 2 { return nil }
      var shares: [Share] = []
      for setting in known.sorted(by: { $0.labelsPerClass < $1.labelsPerClass }) where !shares.contains(setting.share) {
        shares.append(setting.share)
      }
      let series = shares.enumerated().map { index, share in
        let own = known.filter { $0.share == share }
        let amount = StudyWords.labels(share)
        return Series(
          share == .perClass(1) ? "1 label" : "\(amount) labels",
          dots: own.map { ($0.scores[score] ?? 0, $0.gain) }, color: .series(index))
      }
      let agreement = ScoreAgreement(score, over: settings)
      let tau = agreement.overall
      let text = tau.value.map { value in
        "Kendall's tau \(agreement.settings < known.count ? "of \(agreement.settings) " : "")\(signed(value))"
          + (tau.interval().map { " (\(signed($0.low)) to \(signed($0.high)))" } ?? "")
      }
      return (
        "scores-\(score.rawValue)",
        LineChart(
          title: "Gain of the best method against \(score.name)",
          subtitle:
            "\(banner == nil ? "" : "SYNTHETIC DIGITS AMONG THEM: ")\(known.count) settings; \(text ?? "no tau")",
          xAxis: Axis("\(score.name), before any training"), yAxis: Axis("gain over scratch / points"),
          series: series, references: [ReferenceLine("scratch", at: 0)], labels: .legend)
      )
    }
  }
}

extension LayerStudy {
  /// Charts of accuracy by copied layers (Yosinski et al., figure 2) and of similarity by layer, at each number of labels.
  var figures: [(name: String, chart: LineChart)] {
    shares.flatMap { share in
      let labels = FileNames.labels(share)
      return [("layers-\(labels)", depthChart(share))]
        + (similarityChart(share).map { [("similarity-\(labels)", $0)] } ?? [])
    }.map { (name: "\($0.0).svg", chart: $0.1) }
  }

  private func depthChart(_ share: Share) -> LineChart {
    let depths = depths(share)
    func line(_ name: String, _ index: Int, dashed: Bool, _ row: (Depth) -> StudyRow) -> Series {
      let samples = depths.map { (x: Double($0.layers), values: row($0).accuracy) }
      return Series(
        name, points: samples.map { ($0.x, $0.values.mean) },
        band: samples.compactMap { sample in
          sample.values.meanInterval().map { Series.Interval(x: sample.x, low: $0.low, high: $0.high) }
        },
        color: .series(index), dashed: dashed)
    }
    let series = [
      line("BnB", 0, dashed: true, \.selffer), line("BnB+", 0, dashed: false, \.selfferTuned),
      line("AnB", 1, dashed: true, \.transfer), line("AnB+", 1, dashed: false, \.transferTuned),
    ]
    let scratch = transfer.row(.scratch, share).map { [ReferenceLine("scratch", at: $0.accuracy.mean)] } ?? []
    return LineChart(
      title: "Accuracy by number of copied layers\(amount(share))",
      subtitle: "\(subtitle); A: \(singleLine(transfer.source)), B: \(singleLine(transfer.target))",
      xAxis: Axis("copied layers n"),
      yAxis: Axis(
        "accuracy on test images / %", range: StudyCharts.range(series, scratch, possible: 0...100)),
      series: series, references: scratch)
  }

  private func similarityChart(_ share: Share) -> LineChart? {
    guard let own = transfer.similarities.first(where: { $0.share == share }) else { return nil }
    let series = LayerTables.shown(of: own).enumerated().map { index, pair in
      let samples = own.layers.compactMap { layer in
        own.sample(pair.one, pair.other, layer: layer).map { (x: Double(layer), values: $0) }
      }
      return Series(
        "\(LayerTables.name(pair.one)) - \(LayerTables.name(pair.other))",
        points: samples.map { ($0.x, $0.values.mean) },
        band: samples.compactMap { sample in
          sample.values.meanInterval().map { Series.Interval(x: sample.x, low: $0.low, high: $0.high) }
        },
        color: .series(index))
    }
    return LineChart(
      title: "Similarity by layer\(amount(share))", subtitle: subtitle, xAxis: Axis("hidden layer"),
      yAxis: Axis("linear CKA", range: 0...1), series: series)
  }

  private func amount(_ share: Share) -> String {
    transfer.row(.scratch, share).map { " \(StudyWords.with([$0]))" } ?? ""
  }

  private var subtitle: String {
    let bands = result.seeds.count > 1 ? "bands: 95 % over \(result.seeds.count) seeds" : "one seed"
    return "\(result.banner == nil ? "" : "SYNTHETIC DIGITS: ")\(result.architecture), recipe "
      + "\(result.recipe.description), \(bands)"
  }
}
