import Foundation
import GRDB
import GraftData
import GraftFiles
import GraftStatistics
import GraftWorkbench

/// The columns of a record; `TrialRow` reads them back.
enum TrialColumns {
  /// The columns of a `TrialSummary`.
  static let summary = [
    "id", "kind", "source", "target", "method", "labels_per_class", "fraction", "seed", "test_sha256", "correct",
    "images", "loss", "seconds", "choosing_seconds", "checkpoint_sha256", "created", "version", "machine", "identity",
  ]
  /// The columns of a `TrialRecord`.
  static let record = summary + ["choices", "history", "answers", "diagnosis"]
  /// The same columns in a store of version 1, which is only read.
  static let recordOfVersion1 = summary + ["choices", "history", "answers", "NULL AS diagnosis"]
}

extension TrialRecord {
  /// The values of `TrialColumns.record`, by name.
  var columns: [String: DatabaseValue] {
    let (labelsPerClass, fraction): (Int?, Double?) =
      switch trial.share {
      case .all: (nil, nil)
      case .fraction(let fraction): (nil, fraction)
      case .perClass(let count): (count, nil)
      }
    return [
      "id": trial.id.databaseValue,
      "kind": trial.kind.rawValue.databaseValue,
      "source": trial.source.databaseValue,
      "target": trial.target.databaseValue,
      "method": trial.method.databaseValue,
      "labels_per_class": labelsPerClass.databaseValue,
      "fraction": fraction.databaseValue,
      "seed": String(trial.seed).databaseValue,
      "test_sha256": trial.testDigest.databaseValue,
      "correct": outcome.correct.databaseValue,
      "images": outcome.images.databaseValue,
      "loss": outcome.loss.databaseValue,
      "seconds": outcome.seconds.databaseValue,
      "choosing_seconds": outcome.choosingSeconds.databaseValue,
      "checkpoint_sha256": outcome.checkpointDigest.databaseValue,
      "created": created.databaseValue,
      "version": version.databaseValue,
      "machine": machine.databaseValue,
      "identity": JSON.object(trial.identity).text().databaseValue,
      "choices": JSON.array(outcome.choices.map(\.json)).text().databaseValue,
      "history": JSON.array(outcome.history.map(\.json)).text().databaseValue,
      "answers": ClassBytes.data(outcome.answers, isWide: outcome.answers.contains { $0 > 255 }).databaseValue,
      "diagnosis": (outcome.diagnosis == .none ? nil : outcome.diagnosis.json.text()).databaseValue,
    ]
  }
}
