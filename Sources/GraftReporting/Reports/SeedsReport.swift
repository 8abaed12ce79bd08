import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// A report of several seeds of one training: each seed, and their mean with its interval.
package struct SeedsReport: Sendable {
  private struct Entry: Sendable {
    let seed: UInt64
    let path: String
    let evaluation: Evaluation
    /// The seconds of training; nil if it was finished before.
    let seconds: Double?
    let json: JSON.Object
  }

  private let title: String
  private var entries: [Entry] = []

  /// An empty report.
  ///
  /// - Parameter title: The model that was trained, and its data.
  package init(title: String) { self.title = title }

  package mutating func add(
    seed: UInt64, path: String, _ evaluation: Evaluation, seconds: Double?, _ json: JSON.Object
  ) {
    entries.append(Entry(seed: seed, path: path, evaluation: evaluation, seconds: seconds, json: json))
  }

  /// The path of the file of one seed: `digits-seed-3.safetensors` for `digits.safetensors`.
  package static func path(_ path: String, seed: UInt64) -> String {
    let ending = ".safetensors"
    return path.hasSuffix(ending) ? "\(path.dropLast(ending.count))-seed-\(seed)\(ending)" : "\(path)-seed-\(seed)"
  }

  private var accuracies: Sample { Sample(entries.map { $0.evaluation.accuracy.percent }) }

  package var document: TextDocument {
    let rows = entries.map { entry in
      [
        "\(entry.seed)", "\(percent(entry.evaluation.accuracy.percent)) %", decimals(entry.evaluation.loss, 4),
        entry.seconds.map { "\(decimals($0, 1)) s" } ?? "finished before", entry.path,
      ]
    }
    let table = TextTable(
      [.init("seed"), .init("accuracy"), .init("loss"), .init("training"), .init("checkpoint", .leading)], rows: rows)
    let sample = accuracies
    var text = "\(title), \(entries.count) seeds: \(percent(sample.mean)) %"
    if let deviation = sample.deviation { text += ", deviation \(percent(deviation))" }
    if let interval = sample.meanInterval() {
      text += " (95 % interval of the mean \(percent(interval.low)) to \(percent(interval.high)))"
    }
    return TextDocument([
      .table(table), .paragraph(text + "."),
      .paragraph(
        "together: graft evaluate \(ShellText.quoted(entries.first?.path ?? "")) --with "
          + entries.dropFirst().map { ShellText.quoted($0.path) }.joined(separator: " ")),
    ])
  }

  package var json: JSON {
    let sample = accuracies
    var accuracy = JSON.Object()
    accuracy["mean"] = .number(sample.mean)
    if let deviation = sample.deviation { accuracy["deviation"] = .number(deviation) }
    if let interval = sample.meanInterval() {
      accuracy["low"] = .number(interval.low)
      accuracy["high"] = .number(interval.high)
    }
    accuracy["values"] = .array(sample.values.map(JSON.number))
    return ["schema_version": 1, "accuracy": .object(accuracy), "runs": .array(entries.map { .object($0.json) })]
  }
}
