import GraftData
import GraftStatistics
import GraftTraining

/// The similarity of a pair's models at one number of labels, layer by layer, over all seeds.
package struct ModelSimilarity: Sendable {
  /// The share of the target's training data.
  package let share: Share
  /// Trials of kind `similarity`, one per seed in the order of the seeds.
  package let records: [TrialRecord]

  /// Names of the two models of each comparison, in the order of the records.
  package var comparisons: [(one: String, other: String)] {
    (records.first?.outcome.diagnosis.similarities ?? []).filter { $0.layer == 1 }.map { ($0.one, $0.other) }
  }

  /// Hidden layers that were compared, from the input on.
  package var layers: [Int] {
    Set(records.first?.outcome.diagnosis.similarities.map(\.layer) ?? []).sorted()
  }

  /// Linear CKA of two models in one layer, one for each seed that compared them; nil if one of these has no value.
  package func sample(_ one: String, _ other: String, layer: Int) -> Sample? {
    let found = records.compactMap { record in
      record.outcome.diagnosis.similarities.first { ($0.one, $0.other) == (one, other) && $0.layer == layer }
    }
    let values = found.compactMap(\.value)
    return values.isEmpty || values.count < found.count ? nil : Sample(values)
  }
}
