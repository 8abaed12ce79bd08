import GraftCharts
import GraftDocuments
import GraftFiles

/// The report that `graft bench scaling` prints.
package struct ScalingReport: Sendable {
  let rows: [ScalingBenchmark.Row]
  let threads: Int

  package init(_ rows: [ScalingBenchmark.Row], threads: Int) {
    self.rows = rows
    self.threads = threads
  }

  package var document: TextDocument {
    let columns: [TextTable.Column] = [.init("images"), .init("µs per image"), .init("least to most")]
    return TextDocument([
      .table(
        TextTable(
          columns,
          rows: rows.map { row in
            [
              grouped(row.images), decimals(row.median * 1e6, 2),
              decimals((row.secondsPerImage.min() ?? 0) * 1e6, 2) + " to "
                + decimals((row.secondsPerImage.max() ?? 0) * 1e6, 2),
            ]
          })),
      .paragraph(
        "An epoch of 784-500-10 on synthetic digits, \(threads) thread\(threads == 1 ? "" : "s"). Peak memory "
          + "\(decimals(Double(ScalingBenchmark.peakMemory) / 1e6, 0)) MB."),
    ])
  }

  /// The chart of time per image against the number of images; flat if cost grows linearly.
  package var chart: LineChart {
    let band = rows.map { row in
      Series.Interval(
        x: Double(row.images), low: (row.secondsPerImage.min() ?? 0) * 1e6, high: (row.secondsPerImage.max() ?? 0) * 1e6
      )
    }
    let top = (band.map(\.high).max() ?? 1) * 1.3
    return LineChart(
      title: "Time per image and epoch",
      subtitle: "784-500-10, \(threads) thread\(threads == 1 ? "" : "s"); median, least and most of "
        + "\(rows.first?.secondsPerImage.count ?? 0) rounds",
      xAxis: Axis("images", scale: .logarithmic), yAxis: Axis("µs for each image and epoch", range: 0...top),
      series: [Series("time", points: rows.map { (Double($0.images), $0.median * 1e6) }, band: band)])
  }

  package var json: JSON {
    var document = JSON.Object()
    document["schema_version"] = 1
    document["threads"] = .integer(threads)
    document["rows"] = .array(
      rows.map { row in
        [
          "images": .integer(row.images), "seconds_per_image": .array(row.secondsPerImage.map(JSON.number)),
          "median": .number(row.median),
        ]
      })
    document["peak_memory_bytes"] = .integer(ScalingBenchmark.peakMemory)
    return .object(document)
  }
}
