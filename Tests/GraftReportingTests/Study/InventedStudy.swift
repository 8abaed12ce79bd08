import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Synchronization

/// A study whose every figure is made up, so that what is printed of it is the same on every machine: nothing is trained.
enum InventedStudy {
  static let methods: [TransferMethod] = [.scratch, .fineTune, .frozen, .linearProbeThenFineTuning]
  static let shares: [Share] = [.perClass(1), .perClass(20), .all]

  /// - Parameters:
  ///   - name: Of the data set of both ends.
  ///   - diverges: Whether a trial ends with a divergence.
  static func result(
    name: String = "mnist", methods: [TransferMethod] = methods, shares: [Share] = shares, seeds: Int = 4,
    bothWays: Bool = false, hasFixedSource: Bool = false, diverges: @escaping @Sendable (Trial) -> Bool = { _ in false }
  ) throws -> StudyResult {
    try study(
      name: name, methods: methods, shares: shares, seeds: seeds, bothWays: bothWays, hasFixedSource: hasFixedSource
    )
    .run(in: MemoryStore(), exchange: InventingExchange(diverges: diverges))
  }

  /// A layer study of two hidden layers.
  static func layers(shares: [Share] = [.perClass(20), .all], seeds: Int = 4) throws -> LayerStudy {
    let data = DatasetPair(train: dataset("mnist", perClass: 40), test: dataset("mnist", perClass: 100))
    let options = StudyOptions(
      methods: [], shares: shares, seeds: (0..<UInt64(seeds)).map { $0 },
      architecture: Architecture(hiddenUnits: [8, 6]))
    let study = try LayerStudy.plan(
      options, from: StudyDomain(data, selecting: .even), to: StudyDomain(data, selecting: .odd))
    return LayerStudy(try study.run(in: MemoryStore(), exchange: InventingExchange()))
  }

  /// Every pair of even digits as a source of the odd ones, as `--sources auto` asks for.
  static func ranking(shares: [Share] = [.perClass(1), .perClass(20)], seeds: Int = 2) throws -> StudyResult {
    let data = DatasetPair(train: dataset("mnist", perClass: 40), test: dataset("mnist", perClass: 100))
    let odd = try StudyDomain(data, selecting: .odd)
    let pairs = try SourceCandidates.classes(besides: .odd).map { classes in
      StudyPair(.trained(try StudyDomain(data, selecting: ClassSelection(parsing: classes, of: 10))), odd)
    }
    let options = StudyOptions(
      methods: methods, shares: shares, seeds: (0..<UInt64(seeds)).map { $0 },
      architecture: Architecture(hiddenUnits: [8]))
    var result = try TransferStudy(options, on: pairs).run(in: MemoryStore(), exchange: InventingExchange())
    result.ranksSources = true
    return result
  }

  static func study(
    name: String = "mnist", methods: [TransferMethod] = methods, shares: [Share] = shares, seeds: Int = 4,
    bothWays: Bool = false, hasFixedSource: Bool = false
  ) throws -> TransferStudy {
    let data = DatasetPair(train: dataset(name, perClass: 40), test: dataset(name, perClass: 100))
    let even = try StudyDomain(data, selecting: .even)
    let odd = try StudyDomain(data, selecting: .odd)
    let options = StudyOptions(
      methods: methods, shares: shares, seeds: (0..<UInt64(seeds)).map { $0 },
      architecture: Architecture(hiddenUnits: [8]), version: "0.0.0", machine: "none, but \"quoted\"")
    let model = Model(options.architecture, inputShape: data.train.shape, classCount: 5, seed: 0)
    let file = Checkpoint(model: model, normalization: .unit, outputs: even.outputs, record: JSON.Object())
    let source =
      hasFixedSource ? StudySource.checkpoint(file, name: "models/even.safetensors", digest: "0") : .trained(even)
    let pairs = [StudyPair(source, odd)] + (bothWays ? [StudyPair(.trained(odd), even)] : [])
    return try TransferStudy(options, on: pairs)
  }

  /// Ten classes of images of four pixels.
  private static func dataset(_ name: String, perClass: Int) -> Dataset {
    let labels = (0..<10 * perClass).map { $0 % 10 }
    let shape = ImageShape(height: 2, width: 2)
    return Dataset(
      name: name, shape: shape, classNames: (0...9).map(String.init),
      pixels: labels.flatMap { label in [UInt8](repeating: UInt8(20 * label), count: shape.count) }, labels: labels)
  }

  /// Right answers of 500: fine-tuning helps with few labels, frozen features hurt with all.
  static func correct(_ method: String, _ share: Share, seed: UInt64) -> Int {
    let jitter = [0, 3, -2, 1, 2][Int(seed % 5)]
    let own = method == "scratch" ? 0 : [1, 0, 2, 1, 0][Int(seed % 5)]
    switch (method, share) {
    case ("scratch", .perClass(1)): return 300 + 4 * jitter
    case ("scratch", .perClass): return 440 + jitter
    case ("scratch", _): return 490 + jitter / 2
    case (_, .perClass(1)): return 380 + 4 * jitter + own
    case (_, .perClass): return 460 + jitter + own
    case ("frozen", _): return 450 + jitter / 2 + own
    case (_, _): return 490 + jitter / 2 + own % 2
    }
  }
}

/// Hands out no trial and says at once what became of all of them.
private final class InventingExchange: TrialExchange {
  private let diverges: @Sendable (Trial) -> Bool

  init(diverges: @escaping @Sendable (Trial) -> Bool = { _ in false }) { self.diverges = diverges }

  func take(from trials: [Trial]) -> Int? { nil }

  func finish(_ record: TrialRecord) {}

  func collect(_ trials: [Trial]) -> [String: TrialRecord] {
    var records: [String: TrialRecord] = [:]
    for trial in trials {
      records[trial.id] = TrialRecord(
        trial: trial, outcome: outcome(trial), created: 0, version: "0.0.0", machine: "none, but \"quoted\"")
    }
    return records
  }

  private func outcome(_ trial: Trial) -> TrialOutcome {
    let isValidated = if case .perClass(1) = trial.share { false } else { true }
    switch trial.kind {
    case .measurement:
      if diverges(trial) { return TrialOutcome(diverged: GraftFailure(.diverged, "the loss is inf")) }
    case .score: return score(trial)
    case .similarity: return similarity(trial)
    case .source:
      return TrialOutcome(
        answers: [Int](repeating: 0, count: 500), correct: 495, loss: 0, history: [], choices: [], seconds: 1,
        choosingSeconds: 0, checkpointDigest: nil)
    case .rehearsal, .single:
      return TrialOutcome(
        answers: [], correct: 0, loss: 0, history: [], choices: choices(trial), seconds: 0, choosingSeconds: 1,
        checkpointDigest: nil)
    }
    let first: Int = trial.target.hasSuffix("odd") ? 1 : 0
    let correct = InventedStudy.correct(trial.method, trial.share, seed: trial.seed)
    // The same images are hard for all methods; a wrong answer is another class of the target.
    let answers = (0..<500).map { index -> Int in
      let label = first + 2 * (index % 5)
      return index < correct ? label : first + (label - first + 2) % 10
    }
    var history: [TrialOutcome.Point] = []
    if trial.method == "frozen" {
      history = [TrialOutcome.Point(epoch: 17, seconds: 0.25, trainLoss: nil, correct: correct)]
    } else {
      if trial.method == "lp-ft" {
        history.append(TrialOutcome.Point(epoch: 0, seconds: 0.25, trainLoss: nil, correct: correct - 20))
      }
      for epoch in isValidated ? [1, 2, 4, 8] : [1, 3, 9, 40] {
        history.append(
          TrialOutcome.Point(
            epoch: epoch, seconds: 0.5 * Double(epoch), trainLoss: 1 / Double(epoch),
            correct: correct - (isValidated ? 8 : 40) / epoch + (isValidated ? 1 : 1)))
      }
      let last = history.removeLast()
      history.append(
        TrialOutcome.Point(epoch: last.epoch, seconds: last.seconds, trainLoss: last.trainLoss, correct: correct))
    }
    return TrialOutcome(
      answers: answers, correct: correct, loss: 0.125, history: history, choices: isValidated ? choices(trial) : [],
      seconds: history.last?.seconds ?? 0, choosingSeconds: isValidated ? 1 : 0, checkpointDigest: nil,
      diagnosis: diagnosis(trial, correct: correct))
  }

  /// A model that is too sure by 16 points until it is scaled, and that forgets a point for each label per class up to 20.
  private func diagnosis(_ trial: Trial, correct: Int) -> Diagnosis {
    func reliability(_ confidence: Double, loss: Double) -> Reliability {
      var bins = [Reliability.Bin](repeating: Reliability.Bin(), count: Reliability.binCount)
      bins[Reliability.bin(of: confidence)] = Reliability.Bin(
        images: 500, confidence: 500 * confidence, correct: correct)
      return Reliability(bins: bins, totalLoss: 500 * loss)
    }
    let accuracy = Double(correct) / 500
    var diagnosis = Diagnosis(
      calibration: Calibration(
        before: reliability(min(accuracy + 0.16, 1), loss: 0.25), temperature: 2,
        after: reliability(accuracy, loss: 0.125)))
    if trial.source != nil, trial.method != "frozen" {
      let forgotten = if case .perClass(1) = trial.share { 5 } else { 100 }
      diagnosis.sourceTask = Tally(correct: 495 - forgotten - Int(trial.seed % 2), images: 500)
    } else if trial.source != nil {
      diagnosis.sourceTask = Tally(correct: 495, images: 500)
    }
    return diagnosis
  }

  /// LEEP falls with the labels as gains do; the nearest mean of one image cannot leave one out.
  private func score(_ trial: Trial) -> TrialOutcome {
    let place =
      switch trial.share {
      case .perClass(1): 0.0
      case .perClass: 1.0
      default: 2.0
      }
    var values: [TransferScore: Double] = [
      .leep: -1 - place, .nce: -1.5 - place, .logME: place - 0.5, .hScore: 3 + place * (place - 1.5),
    ]
    if place > 0 { values[.nearestMean] = 0.75 + place / 100 }
    return TrialOutcome(
      answers: [Int](repeating: trial.target.hasSuffix("odd") ? 1 : 0, count: 500), correct: 100, loss: 0,
      history: [],
      choices: [], seconds: 0.125, choosingSeconds: 0, checkpointDigest: nil,
      diagnosis: Diagnosis(scores: TransferScores(values: values)))
  }

  /// What the trial compares stands in its identity; the further apart two are there, the less alike.
  private func similarity(_ trial: Trial) -> TrialOutcome {
    let names = (trial.identity["models"]?.array ?? []).compactMap { $0.array?.first?.string }
    var similarities: [LayerSimilarity] = []
    for layer in 1...2 {
      for one in names.indices {
        for other in names.indices where other > one {
          similarities.append(
            LayerSimilarity(
              one: names[one], other: names[other], layer: layer,
              value: layer == 2 && other == 1 ? nil : 1 - Double(other - one) / 4 + Double(trial.seed) / 100))
        }
      }
    }
    return TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: 0.125, choosingSeconds: 0,
      checkpointDigest: nil, diagnosis: Diagnosis(similarities: similarities))
  }

  private func choices(_ trial: Trial) -> [TrialOutcome.Choice] {
    let candidates: [Candidate] =
      trial.method == "frozen"
      ? [1, 0.1, 0.01].map { Candidate(.strength($0)) }
      : [0.2, 0.06, 0.02].map { Candidate(.rate($0, weightDecay: 0)) }
    // Seeds choose one of the first two; the last one diverged.
    let best = Int(trial.seed % 2)
    return candidates.enumerated().map { index, candidate in
      TrialOutcome.Choice(
        setting: candidate.description, correct: index == best ? 19 : 18 - index, images: 20,
        loss: index == 2 ? .greatestFiniteMagnitude : 0.5, isChosen: index == best)
    }
  }
}
