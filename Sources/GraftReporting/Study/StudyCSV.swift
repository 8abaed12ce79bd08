import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension StudyResult {
  /// A table with one line per row of the study's tables.
  package var studyCSV: String {
    let head = [
      "source", "target", "method", "labels_per_class", "fraction", "mean_labels_per_class", "seeds", "images",
      "accuracy",
      "accuracy_low", "accuracy_high", "accuracy_images_low", "accuracy_images_high", "gain", "gain_low", "gain_high",
      "p", "p_unadjusted", "seeds_better", "seeds_worse", "could_show", "verdict",
      "label_worth_relation", "label_worth", "label_worth_low_relation", "label_worth_low", "label_worth_high_relation",
      "label_worth_high", "seeds_reached", "median_epoch", "median_seconds", "diverged_seeds",
    ]
    return CSVText.document(head, pairs.flatMap { pair in pair.rows.map(pair.csv) })
  }

  /// A table with one line per training behind the tables.
  package var trialsCSV: String {
    let head = [
      "id", "source", "target", "method", "labels_per_class", "fraction", "seed", "images", "correct", "accuracy",
      "loss",
      "seconds", "choosing_seconds", "setting", "chosen_by", "version", "machine", "diverged",
    ]
    var known: Set<String> = []
    var lines: [[String]] = []
    for pair in pairs {
      for row in pair.rows {
        for record in row.records + row.diverged where known.insert(record.id).inserted {
          lines.append(pair.csv(of: record, row))
        }
      }
    }
    return CSVText.document(head, lines)
  }
}

extension StudyResult.Pair {
  fileprivate func csv(of row: StudyRow) -> [String] {
    let accuracy = row.accuracy.meanInterval()
    let images = row.accuracyOverImages
    return [source, target] + amount(of: row) + [
      CSVText.number(row.labelsPerClass), "\(row.records.count)", "\(row.images)",
      CSVText.number(row.records.isEmpty ? nil : row.accuracy.mean),
      CSVText.number(accuracy?.low), CSVText.number(accuracy?.high),
      CSVText.number(row.records.isEmpty ? nil : images.low), CSVText.number(row.records.isEmpty ? nil : images.high),
    ] + gain(of: row) + [row.verdict?.rawValue ?? ""] + worth(of: row) + ["\(row.diverged.count)"]
  }

  /// The method, the whole number of labels (or `all`), and the share if one was asked for.
  private func amount(of row: StudyRow) -> [String] {
    [
      row.method.description, row.askedPerClass.map(String.init) ?? (row.share == .all ? "all" : ""),
      CSVText.exact(fraction(of: row.share)),
    ]
  }

  private func gain(of row: StudyRow) -> [String] {
    guard let judged = row.judged else { return Array(repeating: "", count: 8) }
    let comparison = judged.comparison
    return [
      CSVText.number(comparison.gain.mean), CSVText.number(comparison.interval.low),
      CSVText.number(comparison.interval.high), CSVText.exact(judged.adjustedP), CSVText.exact(comparison.pValue),
      "\(comparison.seedsBetter)", "\(comparison.seedsWorse)", CSVText.number(judged.detectable),
    ]
  }

  private func worth(of row: StudyRow) -> [String] {
    func fields(_ amount: LabelAmount?) -> [String] {
      amount.map { [$0.parts.relation, CSVText.number($0.parts.value)] } ?? ["", ""]
    }
    let worth = labelWorth(of: row)
    return fields(worth?.factor) + fields(worth?.factorInterval?.low) + fields(worth?.factorInterval?.high) + [
      "\(row.timeWorth.count)", CSVText.number(row.timeWorth.medianEpoch, 1),
      CSVText.number(row.timeWorth.medianSeconds, 6),
    ]
  }

  fileprivate func csv(of record: TrialRecord, _ row: StudyRow) -> [String] {
    let outcome = record.outcome
    let tuning = tuning(of: row)
    let rehearsed = tuning?.origin == .rehearsal ? tuning?.figures.first(where: \.isChosen)?.setting : nil
    let chosen = outcome.choices.first(where: \.isChosen)?.setting
    return [record.id, record.trial.source ?? "", target] + amount(of: row) + [
      "\(record.trial.seed)", "\(outcome.images)", "\(outcome.correct)",
      CSVText.number(outcome.isDiverged ? nil : outcome.accuracy.percent),
      CSVText.number(outcome.isDiverged || !outcome.loss.isFinite ? nil : outcome.loss, 6),
      CSVText.number(outcome.seconds, 6), CSVText.number(outcome.choosingSeconds, 6),
      chosen ?? rehearsed ?? "", tuning?.origin.rawValue ?? "", record.version, record.machine,
      outcome.isDiverged ? "1" : "0",
    ]
  }
}
