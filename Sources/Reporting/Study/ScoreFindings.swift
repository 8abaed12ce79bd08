import Files
import Studies
import Training

/// What a study's scores come to, in plain words.
struct ScoreFindings {
  private let agreements: [ScoreAgreement]
  /// All sources, then without the best, then without the two best.
  private let rounds: [[SourceGroup]]
  private let missing: [TransferScore]
  private let hasGroups: Bool
  private let settings: Int

  /// Fewer settings agree or disagree by chance, and their bootstrap knows nothing else.
  private static let fewest = 6

  init(_ result: StudyResult) {
    let settings = result.scoredSettings
    let groups = SourceGroup.all(in: settings)
    agreements = TransferScore.allCases.map { ScoreAgreement($0, over: settings) }
    rounds = (0...2).map { count in groups.compactMap { $0.droppingBest(count) } }
    missing = TransferScore.allCases.filter { score in settings.contains { $0.scores[score] == nil } }
    hasGroups = !groups.isEmpty
    self.settings = settings.count
  }

  var sentences: [String] {
    if settings < ScoreFindings.fewest {
      return [
        "\(StudyWords.count(settings, "setting")) are too few to say how scores and gains go together; more sources, targets or "
          + "numbers of labels (graft study --sources auto) would tell."
      ]
    }
    // One source and one target: settings differ in their labels alone.
    let place = hasGroups ? "Over all settings" : "From few labels to many, with the same sources"
    var sentences = [sentence(place, \.overall)].compactMap { $0 }
    if hasGroups {
      sentences += [sentence("Where only the source differs", \.amongSources)].compactMap { $0 }
    }
    for (groups, place) in zip(rounds, ["", " without the best source", " without the two best"]) {
      let picks = TransferScore.allCases.compactMap { SourcePicks($0, in: groups) }
      // One that cannot choose everywhere is compared on other choices than the others.
      let most = picks.map(\.groups).max() ?? 0
      let whole = picks.filter { $0.groups == most }
      guard let best = whole.map(\.meanRegret).min(), let blind = whole.first?.regretByChance else { continue }
      let names = whole.filter { $0.meanRegret == best }.map { "\($0.score.name) (\($0.hits) of \(most) right)" }
      sentences.append(
        "The safest picks\(place) are those of \(StudyWords.list(names)): \(percent(best)) points behind the best on average, blind "
          + "picks \(percent(blind)).")
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
