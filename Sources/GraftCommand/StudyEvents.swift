import GraftData
import GraftExports
import GraftFiles
import GraftReporting
import GraftTraining
import GraftWorkbench

/// A study for TensorBoard: a folder for each training, from what the store keeps. Written anew at each call, so that a study that was
/// stopped and went on has each training once.
enum StudyEvents {
  /// - Parameter folder: Gets `METHOD/LABELS/seed-S`, below the names of source and target if the study has several pairs.
  static func write(_ result: StudyResult, to folder: String) throws {
    for pair in result.pairs {
      let place = result.pairs.count == 1 ? folder : "\(folder)/\(name("\(pair.source) to \(pair.target)"))"
      for row in pair.rows {
        for record in row.records {
          let labels = name(StudyWords.labels(row.share))
          try write(record, row, to: "\(place)/\(name("\(row.method)"))/\(labels)/seed-\(record.trial.seed)")
        }
      }
    }
  }

  private static func write(_ record: TrialRecord, _ row: StudyRow, to folder: String) throws {
    let outcome = record.outcome
    let file = try EventFile(in: folder, keepingUpTo: nil) { record.created }
    var settings = JSON.Object()
    settings["method"] = .string("\(row.method)")
    settings["labels_per_class"] = .number(row.labelsPerClass)
    settings["seed"] = .string("\(record.trial.seed)")
    settings["source"] = .string(row.source)
    settings["target"] = .string(row.target)
    try file.add([.hyperparameters(settings, began: record.created - outcome.seconds)], step: 0)
    for point in outcome.history {
      var values: [EventValue] = [
        .scalar("accuracy/test", Double(point.correct) / Double(max(outcome.images, 1))),
        .scalar("seconds", point.seconds),
      ]
      if let loss = point.trainLoss { values.append(.scalar("loss/training", loss)) }
      try file.add(values, step: point.epoch)
    }
    try file.add([.scalar("loss/test", outcome.loss), .ended(record.created)], step: outcome.history.last?.epoch ?? 0)
    try file.finish()
  }

  /// A text as one part of a path.
  private static func name(_ text: String) -> String { text.replacing("/", with: "_").replacing(" ", with: "-") }
}
