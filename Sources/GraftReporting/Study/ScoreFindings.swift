import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// Sentences about a study's scores. A sentence about a tau rests only on its interval, which is widened for the number of judged
/// taus.
struct ScoreFindings {
  private let agreements: [ScoreAgreement]
  /// The groups with all sources, then without the best, then without the two best.
  private let rounds: [[SourceGroup]]
  private let missing: [TransferScore]
  private let settings: [ScoredSetting]

  init(_ result: StudyResult) { self.init(over: result.scoredSettings) }

  init(over settings: [ScoredSetting]) {
    let groups = SourceGroup.all(in: settings)
    agreements = TransferScore.allCases.map { ScoreAgreement($0, over: settings) }
    rounds = (0...2).map { count in groups.compactMap { $0.droppingBest(count) } }
    missing = TransferScore.allCases.filter { score in settings.contains { $0.scores[score] == nil } }
    self.settings = settings
  }

  /// The number of taus that the sentences judge: for every score, over all settings and among sources.
  var judged: Int { agreements.flatMap { [$0.overall, $0.amongSources] }.count { $0.value != nil } }

  /// The Bonferroni level: all intervals hold at once in 95 of 100 studies.
  var confidence: Double { 1 - 0.05 / Double(max(judged, 1)) }

  var sentences: [String] {
    let taus =
      [sentence("Over all settings", \.overall), sentence("Where only the source differs", \.amongSources)].compactMap {
        $0
      }
    if taus.isEmpty, let tooFew { return [tooFew] + [blind].compactMap { $0 } }
    return taus + picks + [classes, blind].compactMap { $0 }
      + missing.map { "\($0.name) is missing where it \($0.need)." }
  }

  /// A sentence if there are too few sources. Sources are the unit: more numbers of labels tell nothing new about them.
  private var tooFew: String? {
    let seen = settings.filter { !$0.hidesLabels }
    if seen.isEmpty || agreements.contains(where: { $0.overall.hasEnoughSources(confidence: confidence) }) {
      return nil
    }
    let counts = seen.map(\.target).firstOccurrences.map { target in
      seen.filter { $0.target == target }.map(\.source).firstOccurrences.count
    }
    let most = counts.max() ?? 0
    let sources = "\(counts.allSatisfy { $0 == most } ? "" : "at most ")\(StudyWords.count(most, "source"))"
    let text =
      "\(sources) for \(counts.count == 1 ? "one target" : "each of \(StudyWords.count(counts.count, "target"))") "
      + "\(most == 1 ? "is" : "are") too few to say how scores and gains go together; more sources or targets "
      + "(graft study --sources auto) would tell, more numbers of labels would not."
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private var picks: [String] {
    var sentences: [String] = []
    for (groups, place) in zip(rounds, ["", " without the best source", " without the two best"]) {
      let picks = TransferScore.allCases.compactMap { SourcePicks($0, in: groups) }
      // A score that cannot choose everywhere is left out: it would be compared on other choices than the others.
      let most = picks.map(\.groups).max() ?? 0
      let whole = picks.filter { $0.groups == most }
      guard let best = whole.map(\.meanRegret).min(), let blind = whole.first?.regretByChance else { continue }
      let names = whole.filter { $0.meanRegret == best }.map { "\($0.score.name) (\($0.hits) of \(most) right)" }
      sentences.append(
        "The safest picks\(place) are those of \(StudyWords.list(names)): \(percent(best)) points behind the best on average, blind "
          + "picks \(percent(blind)).")
    }
    return sentences
  }

  private var blind: String? {
    let count = settings.count { $0.hidesLabels }
    if count == 0 { return nil }
    return
      "With one label per class no score sees which image is of which class (any other assignment of the labels gives the "
      + "same score): \(StudyWords.count(count, "such setting is", "such settings are")) in no tau."
  }

  /// A sentence on the sources' numbers of classes, by which they are not ranked apart, see `SourceGroup.sourceClasses`.
  private var classes: String? {
    let ranges = SourceGroup.all(in: settings).map(\.sourceClasses).filter { $0.count > 1 }
    guard let fewest = ranges.map(\.lowerBound).min(), let most = ranges.map(\.upperBound).max() else { return nil }
    return "The sources that are compared know from \(fewest) to \(most) classes: \(TransferScore.leep.name) and "
      + "\(TransferScore.nce.name) rise with that number whatever the classes are, so it may be a part of what they agree about."
  }

  /// A sentence on the scores that order settings better than chance, and on scores that order them the other way round.
  private func sentence(_ place: String, _ tau: (ScoreAgreement) -> KendallTau) -> String? {
    let known = agreements.compactMap { own -> (name: String, value: Double, interval: (Double, Double))? in
      let tau = tau(own)
      guard let value = tau.value, let interval = tau.interval(confidence: confidence) else { return nil }
      return (own.score.name, value, (interval.low, interval.high))
    }
    if known.isEmpty { return nil }
    func names(_ list: [(name: String, value: Double, interval: (Double, Double))]) -> String {
      StudyWords.list(list.map { "\($0.name) (\(signed($0.value)))" })
    }
    let agree = known.filter { $0.interval.0 > 0 }.sorted { $0.value > $1.value }
    let oppose = known.filter { $0.interval.1 < 0 }.sorted { $0.value < $1.value }
    let open = known.filter { $0.interval.0 <= 0 && $0.interval.1 >= 0 }
    var parts: [String] = []
    if !agree.isEmpty { parts.append("a higher gain goes with a higher \(names(agree))") }
    if !oppose.isEmpty { parts.append("a higher gain goes with a LOWER \(names(oppose))") }
    if !open.isEmpty { parts.append("nothing is shown of \(names(open))") }
    return "\(place) (tau, 95 % for all \(judged) judged): \(parts.joined(separator: "; "))."
  }
}
