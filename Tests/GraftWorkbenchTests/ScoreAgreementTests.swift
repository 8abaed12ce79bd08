import GraftData
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@Suite("Whether scores say which transfers gain more")
struct ScoreAgreementTests {
  /// A setting with a score and a gain of fine-tuning.
  private func setting(
    _ source: String, _ target: String = "odd", _ labels: Int = 10, score: Double?, gain: Double,
    others: [TransferMethod: Double] = [:], classes: Int = 2
  ) -> ScoredSetting {
    ScoredSetting(
      source: source, target: target, share: .perClass(labels), labelsPerClass: Double(labels),
      sourceClasses: classes, scores: score.map { [.logME: $0] } ?? [:],
      gains: others.merging([.fineTune: gain]) { one, _ in one })
  }

  @Test("over all settings a score may agree that is wrong about every two sources")
  func simpson() {
    let all = (1...3).flatMap { number in
      [(10, 0.0), (50, 10.0)].map { labels, more in
        setting("source \(number)", "odd", labels, score: more + Double(number), gain: more - Double(number))
      }
    }
    let found = ScoreAgreement(.logME, over: all)
    // Nine pairs of two numbers of labels agree, three within each do not.
    #expect(found.overall.value == 3.0 / 15 && found.amongSources.value == -1)
    #expect(found.settings == 6 && found.score == .logME && found.method == nil)
  }

  @Test("a method's own gains, or those of the best method of each setting")
  func methods() {
    let settings = [(1.0, 3.0, 1.0), (2, 2, 9), (3, 1, 2)].map { (score: Double, tuned: Double, frozen: Double) in
      setting("source \(score)", score: score, gain: tuned, others: [.frozen: frozen])
    }
    #expect(settings.map(\.gain) == [3, 9, 2])
    #expect(ScoreAgreement(.logME, method: .fineTune, over: settings).overall.value == -1)
    #expect(ScoreAgreement(.logME, method: .frozen, over: settings).overall.value == 1.0 / 3)
    #expect(ScoreAgreement(.logME, over: settings).overall.value == -1.0 / 3)
    #expect(ScoreAgreement(.logME, method: .frozen, over: settings).method == .frozen)
  }

  @Test("settings without a value of the score are left out, and of none nothing is said")
  func missing() {
    let settings = [
      setting("a", score: 1, gain: 1), setting("b", score: nil, gain: 100), setting("c", score: 2, gain: 2),
    ]
    let found = ScoreAgreement(.logME, over: settings)
    #expect(found.settings == 2 && found.overall.value == 1 && found.amongSources.value == 1)
    let none = ScoreAgreement(.leep, over: settings)
    #expect(none.settings == 0 && none.overall.value == nil && none.amongSources.value == nil)
    #expect(ScoreAgreement(.logME, over: []).overall.value == nil)
  }

  @Test("ties in the score or the gain count for neither side; all tied, nothing is said")
  func ties() {
    func tau(_ points: [(Double, Double)]) -> Double? {
      ScoreAgreement(
        .logME, over: points.enumerated().map { setting("source \($0)", score: $1.0, gain: $1.1) }
      ).overall.value
    }
    // Pairs: one tied in x, one agreed upon, one tied in y.
    #expect(tau([(1, 1), (1, 2), (2, 2)]) == 0.5)
    #expect(tau([(1, 1), (1, 2), (1, 3)]) == nil && tau([(1, 5), (2, 5)]) == nil)
  }

  @Test("no two settings of one group: nothing is said of sources")
  func noGroup() {
    let settings = [
      setting("a", "odd", 10, score: 1, gain: 1), setting("a", "odd", 20, score: 2, gain: 2),
      setting("a", "even", 10, score: 3, gain: 3),
    ]
    let found = ScoreAgreement(.logME, over: settings)
    #expect(found.overall.value == 1 && found.amongSources.value == nil)
    #expect(SourceGroup.all(in: settings).isEmpty)
  }

  @Test("with one label per class a score sees no labels, and the setting is in no tau")
  func hiddenLabels() {
    let settings = [1, 10].flatMap { labels in
      (0..<6).map { number in
        setting("\(number)", "odd", labels, score: Double(number), gain: Double(labels == 1 ? -number : number))
      }
    }
    let found = ScoreAgreement(.logME, over: settings + [setting("6", "odd", 1, score: nil, gain: 0)])
    #expect(found.settings == 6 && found.settingsLeftOut == 6)
    #expect(found.overall.value == 1 && found.amongSources.value == 1)
    #expect(settings.map(\.hidesLabels) == (0..<12).map { $0 < 6 })
  }

  @Test("a source that stands in several groups is one source, of another target another")
  func units() {
    func settings(_ targets: [String], _ sources: Int) -> [ScoredSetting] {
      targets.flatMap { target in
        [5, 10, 20, 50].flatMap { labels in
          (0..<sources).map { setting("\($0)", target, labels, score: Double($0), gain: Double($0)) }
        }
      }
    }
    let four = ScoreAgreement(.logME, over: settings(["odd"], 4))
    #expect(four.amongSources.value == 1 && four.amongSources.interval() == nil && four.overall.interval() == nil)
    let both = ScoreAgreement(.logME, over: settings(["odd", "even"], 4))
    #expect(both.amongSources.interval()?.low == 1 && both.overall.interval() != nil)
  }

  // MARK: Groups

  @Test("groups have one target and one number of labels, in the order of the settings")
  func groups() {
    let settings = [
      setting("a", "odd", 50, score: 1, gain: 1), setting("a", "odd", 10, score: 1, gain: 1),
      setting("b", "odd", 10, score: 2, gain: 2), setting("b", "odd", 50, score: 2, gain: 2),
      setting("c", "even", 10, score: 3, gain: 3), setting("c", "odd", 50, score: 3, gain: 3),
    ]
    let groups = SourceGroup.all(in: settings)
    #expect(groups.map { $0.settings.map(\.source) } == [["a", "b", "c"], ["a", "b"]])
    #expect(groups.map { Set($0.settings.map(\.share)) } == [[.perClass(50)], [.perClass(10)]])
    #expect(groups.allSatisfy { $0.settings.allSatisfy { $0.target == "odd" } })
    #expect(SourceGroup.all(in: []).isEmpty)
  }

  @Test("a group says how many classes its sources know")
  func sourceClasses() throws {
    let settings = [("a", 2), ("b", 10), ("c", 5)].map { setting($0, score: 1, gain: 1, classes: $1) }
    #expect(try #require(SourceGroup.all(in: settings).first).sourceClasses == 2...10)
  }

  @Test("the best and the picked source, of equals the first; no pick where a source has no value")
  func picked() throws {
    func group(_ sources: [(score: Double?, gain: Double)]) throws -> SourceGroup {
      try #require(
        SourceGroup.all(
          in: sources.enumerated().map { setting("\($0)", score: $1.score, gain: $1.gain) }
        ).first)
    }
    let clear = try group([(-5, 1), (-4, 0), (-6, 2)])
    #expect(clear.best.source == "2" && clear.picked(by: .logME)?.source == "1")
    #expect(clear.picked(by: .leep) == nil)
    let tied = try group([(1, 0), (3, 7), (3, 7), (2, 7)])
    #expect(tied.best.source == "1" && tied.picked(by: .logME)?.source == "1")
    let lacking = try group([(1, 0), (nil, 5)])
    #expect(lacking.best.source == "1" && lacking.picked(by: .logME) == nil)
  }

  // MARK: Picks

  @Test("hits, what picks cost, and what blind ones would")
  func picks() throws {
    let settings =
      // Picks b, the best.
      [setting("a", "odd", 10, score: 1, gain: 0), setting("b", "odd", 10, score: 2, gain: 4)]
      // Picks a, three points behind; blindly 3 of (3 + 0 + 6) / 3.
      + [
        setting("a", "odd", 50, score: 9, gain: 3), setting("b", "odd", 50, score: 8, gain: 6),
        setting("c", "odd", 50, score: 7, gain: 0),
      ]
      // Not counted.
      + [setting("a", "even", 10, score: nil, gain: 50), setting("b", "even", 10, score: 2, gain: 0)]
    let found = try #require(SourcePicks(.logME, in: SourceGroup.all(in: settings)))
    #expect(found.score == .logME && found.groups == 2 && found.hits == 1)
    #expect(found.regrets == [0, 3] && found.meanRegret == 1.5)
    #expect(found.hitsByChance == 1.0 / 2 + 1.0 / 3)
    #expect(found.regretByChance == (2.0 + 3.0) / 2)
    #expect(SourcePicks(.leep, in: SourceGroup.all(in: settings)) == nil && SourcePicks(.logME, in: []) == nil)
  }

  @Test("a pick that gains as much as the best is a hit, by chance too")
  func tiedGains() throws {
    let settings = [
      setting("a", score: 1, gain: 5), setting("b", score: 3, gain: 5), setting("c", score: 2, gain: 1),
      setting("d", score: 0, gain: 1),
    ]
    let found = try #require(SourcePicks(.logME, in: SourceGroup.all(in: settings)))
    #expect(found.hits == 1 && found.regrets == [0] && found.hitsByChance == 0.5 && found.regretByChance == 2)
  }

  @Test("with all gains equal no pick can miss")
  func allEqual() throws {
    let settings = ["a", "b", "c"].map { setting($0, score: 1, gain: -2) }
    let found = try #require(SourcePicks(.logME, in: SourceGroup.all(in: settings)))
    #expect(found.hits == 1 && found.hitsByChance == 1 && found.meanRegret == 0 && found.regretByChance == 0)
  }

  // MARK: Of a study

  @Test("a study's settings: a pair at a number of labels each, with means over the seeds")
  func study() throws {
    let target = try SmallStudy.domain("odd")
    let pairs = try ["even", "0,2,4"].map { StudyPair(.trained(try SmallStudy.domain($0)), target) }
    let shares: [Share] = [.perClass(20), .perClass(40)]
    let study = try TransferStudy(SmallStudy.options([.frozen, .fineTune], shares: shares), on: pairs)
    let labels = target.data.test.labels
    let result = try SmallStudy.result(of: study) { trial in
      let base = trial.source == "synthetic:even" ? 4.0 : 1.0
      let value = base + Double(trial.seed)
      let right = trial.method == "scratch" ? 50 : trial.method == "frozen" ? 60 : 55
      // The second source lacks one score in one seed.
      let isLacking = trial.source != "synthetic:even" && trial.seed == 1
      var scores: [TransferScore: Double] = [.logME: value]
      if !isLacking { scores[.leep] = -value }
      return TrialOutcome(
        answers: labels.enumerated().map { $0 < right ? $1 : ($1 + 2) % 10 }, correct: right, loss: 1, history: [],
        choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil,
        diagnosis: Diagnosis(scores: trial.kind == .score ? TransferScores(values: scores) : nil))
    }
    let settings = result.scoredSettings
    #expect(settings.map(\.source) == ["synthetic:even", "synthetic:even", "synthetic:0,2,4", "synthetic:0,2,4"])
    #expect(settings.map(\.share) == shares + shares && settings.map(\.labelsPerClass) == [20, 40, 20, 40])
    #expect(settings.map(\.sourceClasses) == [5, 5, 3, 3])
    #expect(settings.map { $0.scores[.logME] } == [4.5, 4.5, 1.5, 1.5])
    #expect(settings.map { $0.scores[.leep] } == [-4.5, -4.5, nil, nil])
    #expect(settings.allSatisfy { $0.scores.count <= 2 && Set($0.gains.keys) == [.frozen, .fineTune] })
    #expect(settings.allSatisfy { $0.gain == $0.gains[.frozen] && $0.gain > ($0.gains[.fineTune] ?? 0) })
    let groups = SourceGroup.all(in: settings)
    #expect(groups.map(\.settings.count) == [2, 2])
    #expect(groups.map { $0.picked(by: .logME)?.source } == ["synthetic:even", "synthetic:even"])
    #expect(groups.allSatisfy { $0.picked(by: .leep) == nil })
  }
}
