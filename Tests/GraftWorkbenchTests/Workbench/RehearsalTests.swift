import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Settings fixed beforehand on digits that were never written")
struct RehearsalTests {
  static let methods = [TransferMethod.frozen, .fineTune]
  static let few = Share.perClass(2)

  private func study(
    _ threads: Int = 1, seeds: [UInt64] = [0, 1], shares: [Share] = [RehearsalTests.few]
  ) throws -> TransferStudy {
    try SmallStudy.study(SmallStudy.options(Self.methods, shares: shares, seeds: seeds, threads: threads))
  }

  @Test("each method is rehearsed once for all seeds, and its trials take what was best there")
  func real() throws {
    let (store, log, again) = (MemoryStore(), EventLog(), EventLog())
    let result = try study(2).run(in: store, report: log.note)
    #expect(
      log.phases == [
        "rehearsals 0 of 30 known", "sources 0 of 2 known", "scores 0 of 2 known", "measurements 0 of 6 known",
      ])
    let rehearsals = log.ended.filter { $0.trial.kind == .rehearsal }
    #expect(rehearsals.count == 30 && Set(rehearsals.map(\.trial.seed)).isDisjoint(with: [0, 1]))
    for record in rehearsals {
      #expect(record.outcome.choices.count == 6 && record.outcome.choices.count(where: \.isChosen) == 1)
      #expect(record.outcome.choices.allSatisfy { $0.temperature.map(Temperature.range.contains) ?? false })
      #expect(record.trial.share == Self.few && record.trial.target == "synthetic:1,3,5,7,9")
      #expect(record.trial.source == (record.trial.method == "scratch" ? nil : "synthetic:0,2,4,6,8"))
      #expect(record.outcome.answers.isEmpty && record.outcome.choices.allSatisfy { $0.images > 1_500 })
    }
    let pair = result.pairs[0]
    #expect(pair.tunings.map(\.method) == [.scratch, .frozen, .fineTune])
    for (row, tuning) in zip(pair.rows, pair.tunings) {
      let chosen = try #require(tuning.figures.first { $0.isChosen })
      #expect(tuning.origin == .rehearsal && tuning.figures.count == 6 && tuning.share == Self.few)
      #expect(tuning.timesChosen == tuning.figures.map { $0.isChosen ? 2 : 0 })
      // The trials chose nothing themselves: not one image of theirs was held out.
      for record in row.records {
        #expect(record.trial.identity["setting"]?.string == chosen.setting && record.outcome.choices.isEmpty)
      }
      let own = rehearsals.filter { $0.trial.method == tuning.method.description }
      for (index, figure) in tuning.figures.enumerated() {
        #expect(figure.correct == own.reduce(0) { $0 + $1.outcome.choices[index].correct })
        #expect(own.allSatisfy { $0.outcome.choices[index].setting == figure.setting })
      }
      #expect(tuning.figures.allSatisfy { $0.correct <= chosen.correct })
    }
    // Another call rehearses nothing, nor does a study of other seeds or of other classes of as many.
    let second = try study().run(in: store, report: again.note)
    #expect(again.began.isEmpty && second.timeless == result.timeless)
    let more = EventLog()
    _ = try study(seeds: [0, 1, 2]).run(in: store, report: more.note)
    #expect(more.phases[0] == "rehearsals 30 of 30 known" && more.began.map(\.seed).sorted() == [2, 2, 2, 2, 2])
    let turned = EventLog()
    _ = try TransferStudy(
      SmallStudy.options(Self.methods, shares: [Self.few]), on: [SmallStudy.pair("odd", "even")]
    ).run(in: store, report: turned.note)
    #expect(turned.phases[0] == "rehearsals 30 of 30 known" && turned.phases[3] == "measurements 0 of 6 known")
    // One core says the same.
    #expect(try study().run(in: MemoryStore()).timeless == result.timeless)
  }

  @Test("stopped among the rehearsals it goes on from there, with the same exchange too")
  func stopped() throws {
    let (store, log) = (MemoryStore(), EventLog())
    let exchange = LocalExchange(store)
    let study = try SmallStudy.study(SmallStudy.options([], shares: [Self.few], seeds: [0]))
    #expect(throws: StudyStopped.self) {
      try study.run(in: store, exchange: exchange, isStopped: { log.ended.count >= 3 }, report: log.note)
    }
    #expect(log.ended.count == 3)
    let result = try study.run(in: store, exchange: exchange, report: log.note)
    #expect(log.began.count == 11 && Set(log.began.map(\.id)).count == 11 && result.rows[0].records.count == 1)
  }

  // MARK: Made up

  /// An outcome of a rehearsal in which candidate `index` had `correct[index]` right answers and `loss[index]`.
  private func outcome(
    _ settings: [String], _ correct: [Int], _ losses: [Double], temperatures: [Double?] = []
  ) -> TrialOutcome {
    TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [],
      choices: settings.indices.map { index in
        TrialOutcome.Choice(
          setting: settings[index], correct: correct[index], images: 100, loss: losses[index],
          temperature: temperatures.indices.contains(index) ? temperatures[index] : nil, isChosen: index == 0)
      }, seconds: 0, choosingSeconds: 1, checkpointDigest: nil)
  }

  private func candidates(_ method: TransferMethod, images: Int) throws -> [Candidate] {
    let model = Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: 0)
    let settings = Recipe.quick.transferSettings(seed: 0)
    return Candidate.all(for: try method.plan(from: model, settings, solvesHeads: true), images: images)
  }

  @Test("the most right answers over all seeds win, of equals the smallest mean loss")
  func best() throws {
    let store = MemoryStore()
    let study = try study()
    let settings = try Self.methods.map { try candidates($0, images: 10).map(\.description) }
    for trial in try SmallStudy.trials(of: study, in: store).filter({ $0.kind == .rehearsal }) {
      let first = trial.seed < 1_000_002
      let outcome =
        trial.method == "frozen"
        // Best in eight seeds of ten, and yet not in sum.
        ? outcome(settings[0], first ? [10, 90, 0, 0, 0, 0] : [50, 40, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1])
        : outcome(settings[1], [50, 70, 70, 70, 10, 69], first ? [1, 9, 1, 2, 0, 0] : [1, 1, 2, 2, 0, 0])
      store.save(TrialRecord(trial: trial, outcome: outcome, created: 0, version: "", machine: ""))
    }
    let measured = try SmallStudy.trials(of: study, in: store).filter { $0.kind == .measurement }
    func settingsOf(_ method: String) -> [String?] {
      measured.filter { $0.method == method }.map { $0.identity["setting"]?.string }
    }
    // Sums 420 and 500.
    #expect(settingsOf("frozen") == [settings[0][1], settings[0][1]])
    // Mean losses 2.6, 1.8 and 2.
    #expect(settingsOf("fine-tune") == [settings[1][2], settings[1][2]])
  }

  @Test(
    "what is expected of a temperature is the geometric mean of the rehearsals', a part of what a trial is, and 1 where one has none",
    arguments: [Share.perClass(1), RehearsalTests.few])
  func temperature(share: Share) throws {
    /// Candidate 2 is the best; its temperatures are 2 and 8 in turn, the others' no matter.
    func measured(_ last: Double?) throws -> [TrialRecord] {
      let (store, log) = (MemoryStore(), EventLog())
      let study = try study(shares: [share])
      for trial in try SmallStudy.trials(of: study, in: store).filter({ $0.kind == .rehearsal }) {
        let settings = try candidates(TransferMethod(parsing: trial.method), images: share == .perClass(1) ? 5 : 10)
          .map(\.description)
        let own = trial.seed == 1_000_009 ? last : trial.seed % 2 == 0 ? 2 : 8
        let outcome = outcome(
          settings, [0, 1, 9, 1, 1, 1], [1, 1, 1, 1, 1, 1], temperatures: [5, nil, own, 7, 7, 7])
        store.save(TrialRecord(trial: trial, outcome: outcome, created: 0, version: "", machine: ""))
      }
      let result = try study.run(in: store, report: log.note)
      for tuning in result.pairs[0].tunings {
        #expect(tuning.figures[0].temperature.map { abs($0 - 5) < 1e-12 } == true)
        #expect(tuning.figures[1].temperature == nil)
      }
      return log.ended.filter { $0.trial.kind == .measurement }
    }
    let (usual, other, without) = (try measured(8), try measured(16), try measured(nil))
    // One of ten twice as high is the tenth root of that for all.
    for (records, expected) in [(usual, 4), (other, 4 * pow(2, 0.1)), (without, 1)] {
      #expect(records.count == 6)
      for record in records {
        let calibration = try #require(record.outcome.diagnosis.calibration)
        let known = try #require(record.trial.identity["temperature"]?.double)
        // Two labels of a class are two folds, which have their say; nobody knows better of a single one.
        #expect(abs(known / expected - 1) < 0.005)
        #expect((100 * known).rounded() == 100 * known)
        #expect((share == .perClass(1)) == (calibration.temperature == known))
        #expect(calibration.before.images == record.outcome.images && record.outcome.choices.isEmpty)
        #expect(calibration.before.correct == record.outcome.correct)
        #expect(calibration.after.correct == record.outcome.correct)
        if expected == 1, share == .perClass(1) { #expect(calibration.before == calibration.after) }
      }
    }
    let ids = [usual, other, without].map { Set($0.map(\.id)) }
    #expect(ids[0].isDisjoint(with: ids[1]) && ids[0].isDisjoint(with: ids[2]) && ids[1].isDisjoint(with: ids[2]))
    // Nothing else is another training's.
    for (one, two) in zip(usual, without) { #expect(one.outcome.answers == two.outcome.answers) }
  }

  @Test("a rehearsal of five classes recommends a candidate, not a number: of ten classes the penalty is half as large")
  func units() throws {
    let store = MemoryStore()
    let study = try TransferStudy(
      SmallStudy.options([.frozen], shares: [Self.few], seeds: [0]), on: [SmallStudy.pair("even", "all")])
    for trial in try SmallStudy.trials(of: study, in: store).filter({ $0.kind == .rehearsal }) {
      let method = try TransferMethod(parsing: trial.method)
      let settings = try candidates(method, images: 10).map(\.description)
      let outcome = outcome(settings, [0, 0, 0, 9, 0, 0], [1, 1, 1, 1, 1, 1])
      store.save(TrialRecord(trial: trial, outcome: outcome, created: 0, version: "", machine: ""))
    }
    for trial in try SmallStudy.trials(of: study, in: store).filter({ $0.kind == .measurement }) {
      let method = try TransferMethod(parsing: trial.method)
      #expect(trial.identity["setting"]?.string == (try candidates(method, images: 20)[3].description))
      #expect(try candidates(method, images: 20)[3] != candidates(method, images: 10)[3])
    }
  }

  @Test("as many candidates for every method that trains as for one that solves")
  func fairness() throws {
    for rule in TransferMethod.Rule.trained {
      let all = try candidates(TransferMethod(rule), images: 10)
      #expect(all.count == 6 && Set(all).count == 6 && Set(all.map(\.description)).count == 6)
    }
    #expect(
      try candidates(.fineTune, images: 100).map(\.description) == [
        "rate 0.2, decay 0.0", "rate 0.06, decay 0.0", "rate 0.02, decay 0.0", "rate 0.2, decay 0.005",
        "rate 0.06, decay 0.005", "rate 0.02, decay 0.005",
      ])
    #expect(try candidates(.frozen, images: 100).map(\.description).first == "strength 0.01")
  }

  @Test("which amounts are rehearsed: those with fewer than twenty images in the smallest class")
  func amounts() throws {
    func rehearsed(_ shares: [Share], of pair: DatasetPair = SmallStudy.digits) throws -> [Share] {
      let study = try TransferStudy(
        SmallStudy.options([], shares: shares, seeds: [0]),
        on: [StudyPair(.trained(SmallStudy.domain("even")), try SmallStudy.domain("odd", of: pair))])
      var found: [Share] = []
      for trial in try SmallStudy.trials(of: study) where trial.kind == .rehearsal && !found.contains(trial.share) {
        found.append(trial.share)
      }
      return found
    }
    let smallest = try SmallStudy.domain("odd").smallestClass
    #expect(try rehearsed([.perClass(19), .perClass(20), .all]) == [.perClass(19)])
    #expect(try rehearsed([.fraction(19.4 / Double(smallest)), .fraction(19.6 / Double(smallest))]).count == 1)
    // One class is rare and the others are not: more images than the rehearsal's digits have of a class are not asked for.
    let digits = SmallStudy.digits
    let rare = digits.train.labels.indices.filter { digits.train.labels[$0] == 5 }.dropFirst(4)
    let others = digits.train.labels.indices.filter { !rare.contains($0) }
    let many = (0..<40).flatMap { _ in others.filter { digits.train.labels[$0] != 5 } }
    let uneven = DatasetPair(train: digits.train.selecting(images: others + many), test: digits.test)
    #expect(try SmallStudy.domain("odd", of: uneven).smallestClass == 4)
    #expect(try SmallStudy.domain("odd", of: uneven).labelsPerClass(.all) > 2_000)
    #expect(try rehearsed([.all], of: uneven) == [.perClass(1_000)])
  }
}
