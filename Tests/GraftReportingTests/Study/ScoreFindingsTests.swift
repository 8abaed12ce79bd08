import GraftData
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@testable import GraftReporting

/// What is said of scores, and on what it rests.
@Suite struct ScoreFindingsTests {
  /// Each of the sources at each number of labels; LEEP is the gain's place, NCE the opposite, LogME neither.
  private func settings(
    _ sources: Int, targets: [String] = ["odd"], labels: [Int] = [10], classes: (Int) -> Int = { _ in 2 }
  ) -> [ScoredSetting] {
    var settings: [ScoredSetting] = []
    for target in targets {
      for count in labels {
        for source in 0..<sources {
          let place = Double(source)
          let scores: [TransferScore: Double] = [.leep: place, .nce: -place, .logME: Double(source * 5 % 7)]
          settings.append(
            ScoredSetting(
              source: "source \(source)", target: target, share: .perClass(count), labelsPerClass: Double(count),
              sourceClasses: classes(source), scores: scores, gains: [.fineTune: place]))
        }
      }
    }
    return settings
  }

  @Test func fewSourcesSayNothingHoweverManySettings() throws {
    let found = ScoreFindings(over: settings(4, labels: [5, 10, 20, 50])).sentences
    #expect(
      found == [
        "4 sources for one target are too few to say how scores and gains go together; more sources or targets "
          + "(graft study --sources auto) would tell, more numbers of labels would not."
      ])
    let both = settings(2) + settings(3, targets: ["even"])
    #expect(
      ScoreFindings(over: both).sentences.first?.hasPrefix("At most 3 sources for each of 2 targets are too few")
        == true)
  }

  @Test func theIntervalIsWidenedForAllThatIsJudged() throws {
    // Six taus: three scores, over all settings and among sources.
    let five = ScoreFindings(over: settings(5))
    #expect(five.judged == 6 && abs(five.confidence - (1 - 0.05 / 6)) < 1e-12)
    // Of 120 orders two agree or disagree throughout: enough for one tau, not for six.
    #expect(ScoreAgreement(.leep, over: settings(5)).overall.interval() != nil)
    #expect(five.sentences.first?.contains("too few") == true)
    let six = ScoreFindings(over: settings(6)).sentences
    #expect(
      six[0].hasPrefix(
        "Over all settings (tau, 95 % for all 6 judged): a higher gain goes with a higher LEEP (+1.00); "))
    #expect(
      six[0].contains("a higher gain goes with a LOWER NCE (-1.00)") && six[0].contains("nothing is shown of LogME"))
    #expect(six[1].hasPrefix("Where only the source differs (tau, 95 % for all 6 judged): "))
  }

  /// A tau whose own interval leaves out 0 and whose interval among ten does not.
  @Test func whatOneIntervalShowsManyNeedNot() throws {
    let gains = [1.0, 5, 0, 3, 6, 2, 4, 8, 9, 7]
    let settings = gains.enumerated().map { index, gain in
      let scores = TransferScore.allCases.map { ($0, Double(index)) }
      return ScoredSetting(
        source: "\(index)", target: "odd", share: .perClass(10), labelsPerClass: 10, sourceClasses: 2,
        scores: Dictionary(uniqueKeysWithValues: scores), gains: [.fineTune: gain])
    }
    let tau = ScoreAgreement(.leep, over: settings).overall
    let findings = ScoreFindings(over: settings)
    let own = try #require(tau.interval())
    let widened = try #require(tau.interval(confidence: findings.confidence))
    #expect(findings.judged == 10 && own.low > 0 && widened.low < 0)
    #expect(findings.sentences[0].contains("nothing is shown of LEEP"))
    #expect(!findings.sentences[0].contains("a higher gain goes with"))
  }

  @Test func settingsWithoutLabelsToSeeAreLeftOutAndItIsSaid() throws {
    let found = ScoreFindings(over: settings(6, labels: [1, 10])).sentences
    #expect(
      found.contains(
        "With one label per class no score sees which image is of which class (any other assignment of the labels gives the "
          + "same score): 6 such settings are in no tau."))
    let alone = ScoreFindings(over: settings(6, labels: [1])).sentences
    #expect(!alone.contains { $0.contains("tau,") || $0.contains("too few") })
    #expect(alone.contains { $0.hasSuffix("6 such settings are in no tau.") })
    #expect(!ScoreFindings(over: settings(6)).sentences.contains { $0.contains("in no tau") })
  }

  @Test func unequalNumbersOfClassesAreSaid() throws {
    let found = ScoreFindings(over: settings(6) { $0 == 5 ? 10 : 2 }).sentences
    #expect(
      found.contains { $0.hasPrefix("The sources that are compared know from 2 to 10 classes: LEEP and NCE rise") })
    #expect(!ScoreFindings(over: settings(6)).sentences.contains { $0.contains("classes: LEEP") })
  }
}
