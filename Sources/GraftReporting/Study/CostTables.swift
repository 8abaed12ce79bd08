import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The tables of the costs of one pair's transfers: the source's task, and the calibration of probabilities.
struct CostTables {
  let pair: StudyResult.Pair

  /// A table of the accuracy kept on the source's task; nil if no trained source was transferred.
  var retention: TextTable? {
    let rows = pair.risingRows.filter { $0.retention != nil || $0.forwardTransfer != nil }
    guard rows.contains(where: { $0.retention != nil }) else { return nil }
    return TextTable(
      [
        .init("labels", .leading), .init("method", .leading), .init("before"), .init("after"), .init("forgotten"),
        .init("± seeds"), .init("forward transfer"), .init("± seeds"),
      ],
      rows: rows.map { row in
        var cells = [StudyWords.labels(row), "\(row.method)"]
        if let retention = row.retention {
          cells += [
            percent(retention.accuracyBefore.mean), percent(retention.accuracyAfter.mean),
            signed(retention.forgetting.mean), CostTables.half(retention.forgetting),
          ]
        } else {
          cells += ["-", "-", "-", "-"]
        }
        if let transfer = row.forwardTransfer {
          cells += [signed(transfer.mean), CostTables.half(transfer)]
        } else {
          cells += ["-", "-"]
        }
        return cells
      })
  }

  static let retentionLegend =
    "before, after: accuracy in percent on the source's own test images, with the source's own head, before and after the "
    + "transfer. forgotten: their difference in points. forward transfer: area between the method's accuracy curve over the epochs and "
    + "scratch's, as a share of the area above scratch's (Wolczyk et al., 2021); a solved head has no curve."

  /// A table of calibration errors; nil if no probabilities were measured.
  var calibration: TextTable? {
    let rows = pair.risingRows.filter { !$0.calibrations.isEmpty }
    if rows.isEmpty { return nil }
    return TextTable(
      [
        .init("labels", .leading), .init("method", .leading), .init("ECE"), .init("± seeds"), .init("T"),
        .init("ECE, scaled"), .init("± seeds"), .init("loss"), .init("loss, scaled"),
      ],
      rows: rows.map { row in
        let before = row.calibrationError(isScaled: false)
        let after = row.calibrationError(isScaled: true)
        func loss(_ isScaled: Bool) -> String {
          row.reliability(isScaled: isScaled).map { decimals($0.meanLoss, 3) } ?? "-"
        }
        return [
          StudyWords.labels(row), "\(row.method)", before.map { percent($0.mean) } ?? "-",
          before.map { CostTables.half($0) } ?? "-", row.temperatures.map { decimals($0.mean, 2) } ?? "-",
          after.map { percent($0.mean) } ?? "-", after.map { CostTables.half($0) } ?? "-", loss(false),
          loss(true),
        ]
      })
  }

  static let calibrationLegend =
    "ECE: expected calibration error, by how much confidence and accuracy differ on average, in points, in 15 bins (Guo et "
    + "al., 2017). T: the temperature, fitted where settings were chosen and never on test images; above 1 the model was too "
    + "sure. scaled: after dividing the logits by T. loss: mean negative log likelihood on the test images."

  private static func half(_ sample: Sample) -> String { StudyRow.halfWidth(sample).map(percent) ?? "-" }
}

extension StudyResult {
  /// The mean ECE over all rows, before and after temperature scaling; nil if nothing was measured.
  package var meanCalibrationError: (before: Double, after: Double, rows: Int, improved: Int)? {
    // A control that several pairs share counts once.
    var known: Set<[String]> = []
    let rows = rows.filter { row in
      !row.calibrations.isEmpty && known.insert(row.records.map(\.id)).inserted
    }
    let pairs = rows.compactMap { row in
      row.calibrationError(isScaled: false).flatMap { before in
        row.calibrationError(isScaled: true).map { (before.mean, $0.mean) }
      }
    }
    if pairs.isEmpty { return nil }
    let count = Double(pairs.count)
    return (
      pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count, pairs.count,
      pairs.count { $0.1 <= $0.0 }
    )
  }
}
