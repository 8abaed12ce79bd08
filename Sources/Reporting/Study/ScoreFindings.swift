import Files
import Studies
import Training

/// What a study's scores come to, in plain words.
struct ScoreFindings {
  private let agreements: [ScoreAgreement]
  private let picks: [SourcePicks]
  private let missing: [TransferScore]
  private let hasGroups: Bool

  init(_ result: StudyResult) {
    let settings = result.scoredSettings
    let groups = SourceGroup.all(in: settings)
    agreements = TransferScore.allCases.map { ScoreAgreement($0, over: settings) }
    picks = TransferScore.allCases.compactMap { SourcePicks($0, in: groups) }
    missing = TransferScore.allCases.filter { score in settings.contains { $0.scores[score] == nil } }
    hasGroups = !groups.isEmpty
  }

  var sentences: [String] {
    var sentences = [sentence("Over all settings", \.overall)].compactMap { $0 }
    if hasGroups {
      sentences += [sentence("Where only the source differs", \.amongSources)].compactMap { $0 }
    }
    if let best = picks.max(by: { (-$0.meanRegret, $0.hits) < (-$1.meanRegret, $1.hits) }) {
      let regret = percent(best.meanRegret)
      sentences.append(
        "\(best.score.name) is the safest guide to a source: its pick is the best one in \(best.hits) of \(best.groups) choices "
          + "(blind picks: \(decimals(best.hitsByChance, 1))), and \(regret) points behind the best on average (blind picks: "
          + "\(percent(best.regretByChance))).")
    }
    sentences += missing.map { "\($0.name) is missing where it \($0.need)." }
    return sentences
  }

  /// Which scores order settings better than chance, and which the other way round.
  private func sentence(_ place: String, _ tau: (ScoreAgreement) -> KendallTau) -> String? {
    let known = agreements.compactMap { own -> (name: String, value: Double, interval: (Double, Double))? in
      let tau = tau(own)
      guard let value = tau.value, let interval = tau.interval() else { return nil }
      return (own.score.name, value, (interval.low, interval.high))
    }
    if known.isEmpty { return nil }
    func names(_ list: [(name: String, value: Double, interval: (Double, Double))]) -> String {
      StudyWords.list(list.map { "\($0.name) (\(StudyWords.signed($0.value)))" })
    }
    let agree = known.filter { $0.interval.0 > 0 }.sorted { $0.value > $1.value }
    let oppose = known.filter { $0.interval.1 < 0 }.sorted { $0.value < $1.value }
    let open = known.filter { $0.interval.0 <= 0 && $0.interval.1 >= 0 }
    var parts: [String] = []
    if !agree.isEmpty { parts.append("a higher gain goes with a higher \(names(agree))") }
    if !oppose.isEmpty { parts.append("a higher gain goes with a LOWER \(names(oppose))") }
    if !open.isEmpty { parts.append("nothing is shown of \(names(open))") }
    return "\(place) (tau): \(parts.joined(separator: "; "))."
  }
}
