import GraftData
import GraftStatistics
import GraftTraining

/// The scores of a source at one number of labels before anything was trained on them, over all seeds.
package struct SettingScores: Sendable {
  /// The share of the target's training data.
  package let share: Share
  /// Labelled images per class; a mean if the classes have unequal numbers of images.
  package let labelsPerClass: Double
  /// Trials of kind `score`, one per seed in the order of the seeds.
  package let records: [TrialRecord]

  /// The values of a score, one per seed; nil if a seed has no value, for which `TransferScore.need` gives the
  /// reason.
  package subscript(score: TransferScore) -> Sample? {
    let values = records.compactMap { $0.outcome.diagnosis.scores?[score] }
    return values.isEmpty || values.count < records.count ? nil : Sample(values)
  }

  /// The accuracies of the nearest class mean on the test images, in percent, one per seed: what the source gives
  /// without any training.
  package var nearestMeanAccuracy: Sample {
    Sample(records.filter { !$0.outcome.isDiverged }.map(\.outcome.accuracy.percent))
  }
}

/// A pair of source and target at one number of labels, with its scores and the gains of training.
package struct ScoredSetting: Sendable {
  /// The source's name.
  package let source: String
  /// The target's name.
  package let target: String
  /// The share of the target's training data.
  package let share: Share
  /// Labelled images per class.
  package let labelsPerClass: Double
  /// The number of classes that the source knows.
  package let sourceClasses: Int
  /// The means over seeds of the scores that have a value.
  package let scores: [TransferScore: Double]
  /// The means over seeds of the gains, in points, of every method that uses the source.
  package let gains: [TransferMethod: Double]

  package init(
    source: String, target: String, share: Share, labelsPerClass: Double, sourceClasses: Int,
    scores: [TransferScore: Double], gains: [TransferMethod: Double]
  ) {
    self.source = source
    self.target = target
    self.share = share
    self.labelsPerClass = labelsPerClass
    self.sourceClasses = sourceClasses
    self.scores = scores
    self.gains = gains
  }

  /// The gain of the best of the methods, in points: the worth of the source.
  package var gain: Double { gains.values.max() ?? 0 }

  /// Whether no score can see which image is of which class: with one labelled image of each, another assignment of the labels
  /// is another naming of the classes, and no score heeds names.
  ///
  /// LEEP, NCE, LogME and the H-score (for which the covariance between classes is then the whole) say how unlike the
  /// images look to the source, and the nearest mean has no value at all. Every class has an image, so a mean of one is one
  /// of each.
  package var hidesLabels: Bool { labelsPerClass == 1 }
}

extension StudyResult {
  /// Every setting that has scores and gains, in the order of the tables.
  package var scoredSettings: [ScoredSetting] {
    pairs.flatMap { pair in
      pair.scores.compactMap { scores in
        let rows = pair.rows.filter { $0.share == scores.share && $0.method.usesSource && $0.method != .untouched }
        let gains = rows.compactMap { row in row.comparison.map { (row.method, $0.gain.mean) } }
        if gains.isEmpty { return nil }
        let means = TransferScore.allCases.compactMap { score in scores[score].map { (score, $0.mean) } }
        return ScoredSetting(
          source: pair.source, target: pair.target, share: scores.share, labelsPerClass: scores.labelsPerClass,
          sourceClasses: pair.sourceClasses, scores: Dictionary(uniqueKeysWithValues: means),
          gains: Dictionary(uniqueKeysWithValues: gains))
      }
    }
  }
}
