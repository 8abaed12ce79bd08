import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// An evaluation as `graft evaluate` prints it, in words and as JSON.
package struct EvaluationReport: Sendable {
  package let evaluation: Evaluation
  /// The class name of each output that occurs, as true class or as answer.
  package let classNames: [String]
  /// The confusion matrix over those outputs.
  package let confusion: ConfusionMatrix
  /// The reliability of the model's probabilities; nil if nobody asked.
  package let reliability: Reliability?

  package init(_ evaluation: Evaluation, reliability: Reliability? = nil, outputs: ClassOutputs) {
    self.evaluation = evaluation
    self.reliability = reliability
    let occurring = evaluation.confusion.occurring
    classNames = occurring.map { outputs.names[$0] }
    confusion = evaluation.confusion.restricted(to: occurring)
  }

  private var wilson: Interval {
    let interval = Interval.wilson(successes: evaluation.correct, trials: evaluation.count)
    return Interval(low: 100 * interval.low, high: 100 * interval.high)
  }

  /// The headline: "98.56 % of 4,926 images (95 % interval over images 98.19 to 98.86)", then the loss.
  package var headline: String {
    "\(percent(evaluation.accuracy.percent)) % of \(grouped(evaluation.count)) images "
      + "(95 % interval over images \(percent(wilson.low)) to \(percent(wilson.high))), loss \(decimals(evaluation.loss, 4))"
  }

  /// The means over classes: "Balanced accuracy 71.25 %, macro F1 0.7480"; nil if all classes have about as many images.
  package var balance: String? {
    guard confusion.isImbalanced, let recall = confusion.balancedAccuracy, let f1 = confusion.macroF1 else {
      return nil
    }
    return "Balanced accuracy \(percent(100 * recall)) %, macro F1 \(decimals(f1, 4))"
  }

  /// The calibration: "Mean confidence 99.02 %, expected calibration error 0.46 points".
  private var calibration: String? {
    reliability.map {
      "Mean confidence \(percent(100 * $0.meanConfidence)) %, expected calibration error "
        + "\(percent(100 * $0.expectedCalibrationError)) points"
    }
  }

  package var document: TextDocument {
    var blocks: [TextDocument.Block] = [.paragraph("Accuracy \(headline)")]
    if let balance { blocks.append(.paragraph(balance)) }
    if let calibration { blocks.append(.paragraph(calibration)) }
    blocks.append(.table(confusionTable))
    blocks.append(.table(metricsTable))
    let pairs = confusion.mostConfused(5).map { pair in
      "\(classNames[pair.actual]) taken for \(classNames[pair.predicted]): \(pair.count)"
    }
    if !pairs.isEmpty { blocks += [.paragraph("Most confused:"), .list(pairs)] }
    return TextDocument(blocks)
  }

  private var confusionTable: TextTable {
    TextTable(
      [.init("true \\ predicted", .leading)] + classNames.map { .init($0) },
      rows: confusion.counts.enumerated().map { row, counts in [classNames[row]] + counts.map(grouped) })
  }

  private var metricsTable: TextTable { EvaluationReport.metricsTable(confusion, classNames) }

  /// A table of the counts, precision, recall and F1 of every class.
  static func metricsTable(_ confusion: ConfusionMatrix, _ classNames: [String]) -> TextTable {
    let columns: [TextTable.Column] = [
      .init("class", .leading), .init("TP"), .init("FP"), .init("TN"), .init("FN"), .init("precision"), .init("recall"),
      .init("F1"),
    ]
    func share(_ value: Double?) -> String { value.map { decimals($0, 4) } ?? "-" }
    let measured = confusion.measured.count
    let meanTitle = measured == classNames.count ? "mean of classes" : "mean of the \(measured) with images"
    var rows = classNames.indices.map { index -> [String] in
      let metrics = confusion.metrics(of: index)
      return [
        classNames[index], grouped(metrics.truePositives), grouped(metrics.falsePositives),
        grouped(metrics.trueNegatives), grouped(metrics.falseNegatives), share(metrics.precision),
        share(metrics.recall), share(metrics.f1),
      ]
    }
    rows.append(
      [meanTitle, "", "", "", ""]
        + [\ClassMetrics.precision, \.recall, \.f1].map { measure in
          share(confusion.macro { $0[keyPath: measure] })
        })
    return TextTable(columns, rows: rows)
  }

  package var json: JSON {
    var document = JSON.Object()
    document["schema_version"] = 1
    document["accuracy"] = .number(evaluation.accuracy.percent)
    document["wilson"] = ["low": .number(wilson.low), "high": .number(wilson.high)]
    document["balanced_accuracy"] = number(confusion.balancedAccuracy.map { 100 * $0 })
    document["macro_f1"] = number(confusion.macroF1)
    document["images"] = .integer(evaluation.count)
    document["correct"] = .integer(evaluation.correct)
    document["loss"] = .number(evaluation.loss)
    if let reliability {
      document["calibration"] = [
        "mean_confidence": .number(100 * reliability.meanConfidence),
        "ece": .number(100 * reliability.expectedCalibrationError), "bins": reliability.json,
      ]
    }
    document["confusion"] = .array(confusion.counts.map { .array($0.map(JSON.integer)) })
    document["classes"] = .array(classNames.map(JSON.string))
    document["per_class"] = .array(classNames.indices.map { metricsJSON(confusion.metrics(of: $0), classNames[$0]) })
    document["macro"] = [
      "precision": number(confusion.macro(\.precision)), "recall": number(confusion.macro(\.recall)),
      "f1": number(confusion.macro(\.f1)),
    ]
    document["most_confused"] = .array(
      confusion.mostConfused(5).map { pair in
        [
          "true": .string(classNames[pair.actual]), "predicted": .string(classNames[pair.predicted]),
          "count": .integer(pair.count),
        ]
      })
    return .object(document)
  }

  private func metricsJSON(_ metrics: ClassMetrics, _ name: String) -> JSON {
    [
      "class": .string(name), "true_positives": .integer(metrics.truePositives),
      "false_positives": .integer(metrics.falsePositives), "true_negatives": .integer(metrics.trueNegatives),
      "false_negatives": .integer(metrics.falseNegatives), "precision": number(metrics.precision),
      "recall": number(metrics.recall), "f1": number(metrics.f1),
    ]
  }

  private func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
}
