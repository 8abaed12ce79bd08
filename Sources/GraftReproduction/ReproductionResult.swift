import GraftFiles
import GraftStatistics
import GraftTraining

/// The trainings of a reproduction, beside the study's published figures and the ranges that the reference runs
/// predict.
package struct ReproductionResult: Sendable {
  /// The name of the data set.
  package let dataName: String
  /// Training images per class.
  package let trainCounts: [Int]
  /// Test images per class.
  package let testCounts: [Int]
  /// The outcomes of the trainings.
  package let outcomes: [PaperTraining]
  /// The numbers that the study published.
  package let published: PublishedPaper
  /// The reference runs in PyTorch.
  package let reference: ReferenceRuns
  /// The options of the trainings.
  package let options: Reproduction.Options
  /// SHA-256 of the training images and labels of each half.
  package let trainDigests: (even: String, odd: String)
  /// Wall-clock seconds of the whole.
  package var seconds: Double
  /// The cells of the second table; empty if it was not asked for.
  package var shares: [PaperShareCell] = []
  /// The trainings of the older variant; empty if it was not asked for.
  package var variant: [NumPyOutcome] = []
  /// The outcomes with ten labels per class, scratch against transfer.
  package var fewLabels: [FewLabelsOutcome] = []

  /// Puts the outcomes of a reproduction beside the published figures and the reference runs.
  package init(
    _ outcomes: [PaperTraining], on data: PaperData, options: Reproduction.Options, published: PublishedPaper,
    reference: ReferenceRuns, seconds: Double
  ) {
    dataName = data.name
    trainCounts = data.trainCounts
    testCounts = data.testCounts
    self.options = options
    isStudysData = data.isStudys(published, reference)
    trainDigests = (data.even.trainDigest, data.odd.trainDigest)
    self.outcomes = outcomes
    self.published = published
    self.reference = reference
    self.seconds = seconds
  }

  /// Restores a result from its record.
  init(_ record: Record, published: PublishedPaper, reference: ReferenceRuns) {
    dataName = record.dataName
    trainCounts = record.trainCounts
    testCounts = record.testCounts
    outcomes = record.outcomes
    options = record.options
    isStudysData = record.isStudysData
    trainDigests = (record.evenDigest, record.oddDigest)
    self.published = published
    self.reference = reference
    seconds = record.seconds
    shares = record.shares
    variant = record.variant
    fewLabels = record.fewLabels
  }

  /// Whether the study's own data was used, MNIST to the last pixel, so that its figures may be compared.
  package let isStudysData: Bool
  /// The warning above every table and figure if the data is not the study's; nil if it is.
  package var banner: String? {
    if isStudysData { return nil }
    if dataName == "synthetic" {
      return "BUILT-IN SYNTHETIC DIGITS, NOT MNIST: these figures say nothing about the study"
    }
    return "NOT THE STUDY'S MNIST BUT OTHER DATA (\(dataName)): these figures say nothing about the study"
  }

  /// The seeds of the trainings.
  package var seeds: [UInt64] { options.seeds }
  /// Whether there are fewer epochs than the study's: such figures are shown, never judged.
  package var isRehearsal: Bool { options.isRehearsal }

  /// The name of a half in tables and figures; only MNIST's halves have the study's names.
  package func title(of half: Half) -> String { isStudysData ? half.title : "\(half.rawValue) digits" }

  /// Whether published figures may be judged by these runs.
  package var judges: Bool { isStudysData && !isRehearsal }

  /// The six cells of the study's table, systems first.
  package var cells: [ReproductionCell] {
    PaperSystem.reported.flatMap { system in Half.allCases.compactMap { cell(PaperTask(system, $0)) } }
  }

  /// The cells of the controls, systems first.
  package var controls: [ReproductionCell] {
    PaperSystem.controls.flatMap { system in Half.allCases.compactMap { cell(PaperTask(system, $0)) } }
  }

  /// The cell of one task over all seeds; nil if it was not trained.
  package func cell(_ task: PaperTask) -> ReproductionCell? {
    func runs(_ task: PaperTask) -> [PaperTraining] {
      seeds.compactMap { seed in outcomes.first { $0.task == task && $0.seed == seed } }
    }
    let own = runs(task)
    guard !own.isEmpty else { return nil }
    return ReproductionCell(
      task: task, runs: own, sourceRuns: task.source.map { runs(PaperTask(.network, $0)) },
      published: isStudysData ? published.accuracy(of: task) : nil, reference: isStudysData ? reference[task] : nil,
      judges: judges)
  }

  /// The cells of the table outside the range that the reference predicts for one more run, in words; empty if all lie
  /// inside. The controls are not asked: a run of Adam now and then ends on a spike of its loss (ours as PyTorch's), so
  /// their figures are far from normal and a range of this kind does not fit them.
  package var failedChecks: [String] {
    guard judges else { return [] }
    return cells.flatMap { cell in
      cell.checks.filter { !$0.holds }.map { check in
        "\(cell.task), seed \(check.seed), \(check.counting): \(percent(check.value)) is outside "
          + "\(percent(check.range.low)) to \(percent(check.range.high))"
      }
    }
  }
}

/// One cell of the table: every seed's run, counted both ways.
package struct ReproductionCell: Sendable {
  /// The system and its target.
  package let task: PaperTask
  /// The outcomes, one per seed.
  package let runs: [PaperTraining]
  /// The networks that a transfer came from, in the order of `runs`; nil for the other systems.
  package let sourceRuns: [PaperTraining]?
  /// The study's headline figure, in percent.
  package let published: Double?
  let reference: ReferenceRuns.Cell?
  let judges: Bool

  /// A verdict on a published figure.
  package enum Verdict: String, Sendable {
    case reproduced
    case notReproduced = "not reproduced"
  }

  /// Test images of the target.
  package var images: Int { runs.first?.images ?? 0 }
  /// The accuracies on the target's own test images, in percent, one per seed.
  package var accuracy: Sample { Sample(runs.map(\.accuracy.percent)) }

  /// The accuracies as the study counted, in percent: (source correct + target correct) / all test images, one per
  /// seed.
  package var pooled: Sample? {
    sourceRuns.map { sources in
      Sample(zip(sources, runs).map { 100 * Double($0.correct + $1.correct) / Double($0.images + $1.images) })
    }
  }

  /// The 95 % interval over test images, in percent, for the mean number of right answers.
  package var wilson: Interval {
    let correct = Sample(runs.map { Double($0.correct) }).mean.rounded()
    let interval = Interval.wilson(successes: Int(correct), trials: images)
    return Interval(low: 100 * interval.low, high: 100 * interval.high)
  }

  /// The range of one run's true accuracy in percent, by whichever has more seeds, our runs or the reference's.
  package var verdictRange: (range: Interval, runs: Int)? {
    let samples = [reference?.accuracy, accuracy].compactMap { $0 }
    guard let sample = samples.max(by: { $0.count < $1.count }),
      let range = sample.predictionInterval(confidence: ReferenceRuns.verdictConfidence)
    else { return nil }
    return (range, sample.count)
  }

  /// Whether our own runs lie in the ranges that the reference predicts. If not, something is wrong with them, and they
  /// are no ground to judge others from.
  package var isLikeReference: Bool { checks.allSatisfy(\.holds) }

  /// Whether the published figure is one that the target's own test images give.
  package var verdict: Verdict? {
    guard judges, isLikeReference, let published, let range = verdictRange?.range else { return nil }
    return range.contains(published) ? .reproduced : .notReproduced
  }

  /// A check of one figure of ours against the range that the reference predicts for one more run.
  package struct Check: Sendable {
    /// The seed of the run.
    package let seed: UInt64
    /// The way of counting: true or pooled accuracy.
    package let counting: String
    /// The figure of ours in percent.
    package let value: Double
    /// The predicted range in percent.
    package let range: Interval
    /// Whether the figure lies in the range.
    package var holds: Bool { range.contains(value) }
  }

  /// The checks of every run, in both ways of counting; empty without a reference.
  package var checks: [Check] {
    guard let reference else { return [] }
    let confidence = ReferenceRuns.checkConfidence(runs: runs.count)
    var result: [Check] = []
    if let range = reference.accuracy.predictionInterval(confidence: confidence) {
      result += zip(runs, accuracy.values).map {
        Check(seed: $0.seed, counting: "true accuracy", value: $1, range: range)
      }
    }
    if let pooled, let range = reference.pooled?.predictionInterval(confidence: confidence) {
      result += zip(runs, pooled.values).map {
        Check(seed: $0.seed, counting: "pooled accuracy", value: $1, range: range)
      }
    }
    return result
  }
}
