import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Sources scored before anything is trained on the target")
struct ScoreTrialTests {
  private func expectClose(_ found: TransferScores?, _ expected: TransferScores) {
    #expect(found?.values.keys.map(\.rawValue).sorted() == expected.values.keys.map(\.rawValue).sorted())
    for score in TransferScore.allCases {
      let pair = [found, expected].map { $0?[score].map { [$0] } ?? [] }
      #expect(mismatch(pair[0], pair[1], within: 1e-6) == nil, "\(score.name)")
    }
  }

  @Test(
    "all five scores are those of the trial's own images and source, the answers those of the nearest class mean",
    arguments: [[12], [12, 8], []] as [[Int]])
  func byHand(units: [Int]) throws {
    let target = try SmallStudy.domain("odd")
    let shares: [Share] = [.perClass(2), .fraction(0.25), .all]
    let trials = try ScoreTrials(
      shares: shares, architecture: Architecture(hiddenUnits: units), on: [SmallStudy.pair()])
    #expect(trials.records.count == 6)
    for record in trials.records {
      let (trial, outcome) = (record.trial, record.outcome)
      #expect(trial.source == "synthetic:even" && trial.target == "synthetic:odd" && trial.method == "nearest-mean")
      #expect(shares.contains(trial.share) && trial.testDigest == target.testDigest)
      let source = try trials.source(of: record)
      let drawn = try target.data.train.share(trial.share, seed: trial.seed)
      let view = try ScoreTrials.view(of: source, on: drawn, target: target, outputs: Array(0..<5))
      let expected = TransferScores(view)
      #expect(expected.values.count == 5)
      expectClose(outcome.diagnosis.scores, expected)
      let test = Normalization.unit.rows(target.data.test.pixels, columns: target.shape.count)
      let answers = NearestMean(features: view.features, labels: view.labels, classCount: 5)
        .answers(try ScoreTrials.features(of: source.model, test)).map { target.selection.classes[$0] }
      #expect(outcome.answers == answers)
      #expect(outcome.correct == zip(answers, target.data.test.labels).count { $0 == $1 })
      #expect(outcome.history.isEmpty && outcome.choices.isEmpty && outcome.checkpointDigest == nil)
      #expect(outcome.diagnosis == Diagnosis(scores: outcome.diagnosis.scores))
    }
  }

  @Test("from one image per class the nearest mean says nothing of itself, and nothing else is missing")
  func oneImage() throws {
    let records = try ScoreTrials(shares: [.perClass(1)], on: [SmallStudy.pair()]).records
    #expect(records.count == 2)
    for record in records {
      let scores = try #require(record.outcome.diagnosis.scores)
      #expect(Set(scores.values.keys) == [.leep, .nce, .logME, .hScore])
      #expect(scores.values.values.allSatisfy { $0.isFinite })
      // Its answers on test images need no second image.
      #expect(Set(record.outcome.answers).count > 1 && record.outcome.images > 100)
    }
  }

  // MARK: Sources from files

  private func checkpoint(_ numbering: ClassOutputs.Numbering, _ model: Model) -> Checkpoint {
    Checkpoint(
      model: model, normalization: .unit,
      outputs: ClassOutputs(numbering, choosing: [0, 2, 4, 6, 8], of: SmallStudy.digits.train.classNames),
      record: JSON.Object())
  }

  private func pair(_ checkpoint: Checkpoint, _ target: StudyDomain, digest: String = "d1") -> StudyPair {
    StudyPair(.checkpoint(checkpoint, name: "a file", digest: digest), target)
  }

  @Test("outputs that no class was trained for take no part in what the source says")
  func untrainedOutputs() throws {
    let target = try SmallStudy.domain("odd")
    let ten = Model(SmallStudy.architecture, inputShape: .mnist, classCount: 10, seed: 4)
    let even = [0, 2, 4, 6, 8]
    let five = ten.replacingHead(classCount: 5, seed: 0, keeping: even.enumerated().map { (old: $1, new: $0) })
    let found = try [(ClassOutputs.Numbering.original, ten), (.compact, five)].map { numbering, model in
      try ScoreTrials(shares: [.perClass(5)], seeds: [3], on: [pair(checkpoint(numbering, model), target)]).records
    }
    let scored = try #require(found[0].first)
    #expect(found[0].count == 1 && found[1].map(\.outcome.timeless) == [scored.outcome.timeless])
    let drawn = try target.data.train.share(.perClass(5), seed: 3)
    let source = checkpoint(.original, ten)
    let known = TransferScores(try ScoreTrials.view(of: source, on: drawn, target: target, outputs: even))
    let all = TransferScores(try ScoreTrials.view(of: source, on: drawn, target: target, outputs: Array(0..<10)))
    expectClose(scored.outcome.diagnosis.scores, known)
    #expect(all[.leep] != known[.leep] && all[.logME] == known[.logME])
  }

  @Test("a source from a file has the scores that it has as a trained one")
  func file() throws {
    let trained = try ScoreTrials(shares: [.perClass(3)], seeds: [0], on: [SmallStudy.pair()])
    let record = try #require(trained.records.first)
    let source = try trained.source(of: record)
    let found = try ScoreTrials(shares: [.perClass(3)], seeds: [0], on: [pair(source, SmallStudy.domain("odd"))])
    #expect(found.records.map(\.outcome.timeless) == trained.records.map(\.outcome.timeless))
    #expect(found.records.allSatisfy { $0.trial.source == "a file" && $0.id != record.id })
  }

  // MARK: Ill cases

  /// `dataset` with all images of a class replaced by its first one.
  private func repeated(_ dataset: Dataset) -> Dataset {
    dataset.selecting(
      images: dataset.labels.map { label in dataset.labels.firstIndex(of: label) ?? 0 })
  }

  @Test("images of a class that are all the same, all images the same, and features that are all dead")
  func ill() throws {
    let digits = SmallStudy.digits
    let same = DatasetPair(train: repeated(digits.train), test: digits.test)
    let blank = Dataset(
      name: "synthetic", shape: digits.train.shape, classNames: digits.train.classNames,
      pixels: [UInt8](repeating: 0, count: digits.train.pixels.count), labels: digits.train.labels)
    var dead = Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: 4)
    for name in ["fc1.weight", "fc1.bias"] {
      let slice = try #require(dead.parameters.slice(named: name))
      dead.parameters.setValues(of: slice, to: [Float](repeating: -1, count: slice.count))
    }
    let alive = Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: 4)
    for train in [digits.train, same.train, blank] {
      let target = try SmallStudy.domain("odd", of: DatasetPair(train: train, test: digits.test))
      for model in [alive, dead] {
        let source = pair(checkpoint(.compact, model), target)
        let records = try ScoreTrials(shares: [.perClass(1), .perClass(2), .all], seeds: [0], on: [source]).records
        #expect(records.count == 3)
        for record in records {
          let scores = try #require(record.outcome.diagnosis.scores)
          let isOne = record.trial.share == .perClass(1)
          #expect(scores.values.count == (isOne ? 4 : 5) && (scores[.nearestMean] == nil) == isOne)
          #expect(scores.values.values.allSatisfy { $0.isFinite }, "\(scores.values)")
          if model == dead {
            // Every mean is as near: the lowest class is answered.
            #expect(Set(record.outcome.answers) == [1] && scores[.hScore] == 0)
          }
          if train == same.train, model == alive, !isOne { #expect(scores[.nearestMean] == 1) }
        }
      }
    }
  }

  // MARK: Which trials there are

  private func ids(
    _ methods: [TransferMethod] = [.fineTune], share: Share = .perClass(20), seeds: [UInt64] = [0, 1],
    head: HeadPolicy? = nil, source: String = "even", target: String = "odd"
  ) throws -> Set<String> {
    let study = try TransferStudy(
      SmallStudy.options(methods, shares: [share], seeds: seeds, head: head), on: [SmallStudy.pair(source, target)])
    return Set(try SmallStudy.trials(of: study).filter { $0.kind == .score }.map(\.id))
  }

  @Test("source, target, number of labels and seed make another score; methods and heads do not")
  func identity() throws {
    let usual = try ids()
    #expect(usual.count == 2)
    for other in [
      try ids(source: "0,2"), try ids(target: "1,3"), try ids(share: .perClass(21)), try ids(share: .all),
      try ids(seeds: [5, 6]),
    ] { #expect(other.count == 2 && other.isDisjoint(with: usual)) }
    #expect(try ids(seeds: [1, 2]).intersection(usual).count == 1)
    #expect(
      try ids([.frozen, .linearProbeThenFineTuning]) == usual && ids([TransferMethod(.copy)]) == usual
        && ids(head: .reset) == usual)
    let alive = checkpoint(.compact, Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: 4))
    let files = try ["d1", "d1", "d2"].map { digest in
      try ScoreTrials(
        shares: [.perClass(20)], seeds: [0], on: [pair(alive, SmallStudy.domain("odd"), digest: digest)]
      ).records.map(\.id)
    }
    #expect(files[0] == files[1] && files[0] != files[2])
  }

  @Test("where no method uses a source none is scored, and none trained for it")
  func noSource() throws {
    let log = EventLog()
    let options = SmallStudy.options([TransferMethod(.randomFrozen)], seeds: [0])
    let result = try SmallStudy.study(options).run(in: MemoryStore(), report: log.note)
    #expect(
      log.phases == [
        "rehearsals 0 of 0 known", "sources 0 of 0 known", "scores 0 of 0 known", "measurements 0 of 2 known",
      ])
    #expect(result.pairs[0].scores.isEmpty && result.scoredSettings.isEmpty)
  }

  @Test("two pairs with the same source and target, or a source that two targets share, are scored once each")
  func shared() throws {
    let pairs = try [("even", "odd"), ("even", "odd"), ("even", "1,3")].map { try SmallStudy.pair($0, $1) }
    let trials = try SmallStudy.trials(of: TransferStudy(SmallStudy.options(seeds: [0]), on: pairs))
    #expect(trials.count { $0.kind == .score } == 2 && trials.count { $0.kind == .source } == 1)
  }

  // MARK: What a study says of them

  @Test("a study's result has the scores of each pair and number of labels, one per seed, and the gains beside them")
  func result() throws {
    let result = try StudyRunTests.whole()
    let pair = result.pairs[0]
    let scores = try #require(pair.scores.first)
    #expect(pair.scores.count == 1 && scores.share == .perClass(20) && scores.labelsPerClass == 20)
    let records = scores.records
    #expect(records.map(\.trial.seed) == [0, 1] && records.allSatisfy { $0.trial.kind == .score })
    #expect(scores.nearestMeanAccuracy.values == records.map(\.outcome.accuracy.percent))
    let setting = try #require(result.scoredSettings.first)
    #expect(result.scoredSettings.count == 1 && setting.source == pair.source && setting.target == pair.target)
    #expect(Set(setting.gains.keys) == Set(StudyRunTests.methods) && setting.scores.count == 5)
    for score in TransferScore.allCases {
      let sample = try #require(scores[score])
      #expect(sample.values == records.compactMap { $0.outcome.diagnosis.scores?[score] } && sample.count == 2)
      #expect(setting.scores[score] == sample.mean)
    }
    for row in pair.rows where row.method != .scratch {
      #expect(setting.gains[row.method] == row.comparison?.gain.mean)
    }
    #expect(setting.gain == setting.gains.values.max())
  }
}
