import GraftStatistics
import GraftTraining

/// The agreement of a score, known before any training, with the gains of the settings: Kendall's rank correlation of
/// the two over a study's settings, as in You et al. (ICML 2021, §5) and Ibrahim et al. (2022).
package struct ScoreAgreement: Sendable {
  /// The score.
  package let score: TransferScore
  /// The method whose gains are ranked; if nil, the best method of each setting.
  package let method: TransferMethod?
  /// The number of settings with a value of the score that sees their labels.
  package let settings: Int
  /// The number of settings with a value that the labels have no part in: one labelled image per class
  /// (`ScoredSetting.hidesLabels`).
  package let settingsLeftOut: Int
  /// The correlation over all pairs of settings. Much of it is the number of labels, which moves scores and gains
  /// alike.
  package let overall: KendallTau
  /// The correlation over pairs of settings with the same target and the same number of labels: what is left when only
  /// the source differs, the question that somebody who chooses a source asks.
  package let amongSources: KendallTau

  /// Ranks the settings by the score and by the gains.
  package init(_ score: TransferScore, method: TransferMethod? = nil, over settings: [ScoredSetting]) {
    self.score = score
    self.method = method
    let valued = settings.filter { $0.scores[score] != nil }
    let known = valued.filter { !$0.hidesLabels }
    func ranked(_ settings: [ScoredSetting]) -> [KendallTau.Setting] {
      settings.map { own in
        KendallTau.Setting(
          source: own.source, target: own.target, x: own.scores[score] ?? 0,
          y: method.map { own.gains[$0] ?? 0 } ?? own.gain)
      }
    }
    self.settings = known.count
    settingsLeftOut = valued.count - known.count
    overall = KendallTau(groups: [ranked(known)])
    amongSources = KendallTau(groups: SourceGroup.all(in: known).map { ranked($0.settings) })
  }
}

/// Settings that differ in nothing but the source.
package struct SourceGroup: Sendable {
  /// The settings, one per source.
  package let settings: [ScoredSetting]

  /// The groups of every target at every number of labels that has two sources or more, in the order of the settings.
  package static func all(in settings: [ScoredSetting]) -> [SourceGroup] {
    var groups: [[ScoredSetting]] = []
    for setting in settings {
      let index = groups.firstIndex { $0[0].target == setting.target && $0[0].share == setting.share }
      if let index { groups[index].append(setting) } else { groups.append([setting]) }
    }
    return groups.filter { $0.count > 1 }.map(SourceGroup.init)
  }

  /// The numbers of classes that its sources know, from the fewest to the most.
  ///
  /// A source of many classes divides images more finely, so LEEP and NCE are higher for it even if its classes have
  /// nothing to do with the target's. Sources are not ranked apart by it: whoever chooses one sees all of them, and
  /// most numbers of classes have a single source.
  package var sourceClasses: ClosedRange<Int> {
    let counts = settings.map(\.sourceClasses)
    return (counts.min() ?? 0)...(counts.max() ?? 0)
  }

  /// The group without its `count` best sources; nil if fewer than two would be left. If one source is far ahead, any
  /// score finds it, and the worth of a score shows among the others.
  package func droppingBest(_ count: Int) -> SourceGroup? {
    let dropped = Set(settings.indices.sorted { (-settings[$0].gain, $0) < (-settings[$1].gain, $1) }.prefix(count))
    let rest = settings.indices.filter { !dropped.contains($0) }.map { settings[$0] }
    return rest.count < 2 ? nil : SourceGroup(settings: rest)
  }

  /// The source with the largest gain, the best by truth; of equals the first.
  package var best: ScoredSetting { settings.dropFirst().reduce(settings[0]) { $1.gain > $0.gain ? $1 : $0 } }

  /// The source that a score would pick; of equals the first, nil if a source has no value.
  package func picked(by score: TransferScore) -> ScoredSetting? {
    guard settings.allSatisfy({ $0.scores[score] != nil }) else { return nil }
    return settings.dropFirst().reduce(settings[0]) { ($1.scores[score] ?? 0) > ($0.scores[score] ?? 0) ? $1 : $0 }
  }
}

/// The picks of a score among several sources: how often it picks the best, and what its picks cost.
package struct SourcePicks: Sendable {
  /// The score.
  package let score: TransferScore
  /// The number of groups in which the score has a value for every source.
  package let groups: Int
  /// The number of groups in which its pick gained most.
  package let hits: Int
  /// The points of gain by which its picks are behind the best source, one per group.
  package let regrets: [Double]
  /// The expected hits of picking blindly over the same groups.
  package let hitsByChance: Double
  /// The points by which picking blindly is behind the best on average.
  package let regretByChance: Double

  /// Picks in every group; nil if in no group the score has a value for every source.
  package init?(_ score: TransferScore, in groups: [SourceGroup]) {
    let picks = groups.compactMap { group in group.picked(by: score).map { (group: group, pick: $0) } }
    if picks.isEmpty { return nil }
    self.score = score
    self.groups = picks.count
    hits = picks.count { $0.pick.gain == $0.group.best.gain }
    regrets = picks.map { $0.group.best.gain - $0.pick.gain }
    hitsByChance = picks.reduce(0) { sum, pick in
      let best = pick.group.settings.count { $0.gain == pick.group.best.gain }
      return sum + Double(best) / Double(pick.group.settings.count)
    }
    regretByChance =
      picks.reduce(0) { sum, pick in
        let mean = pick.group.settings.reduce(0) { $0 + $1.gain } / Double(pick.group.settings.count)
        return sum + pick.group.best.gain - mean
      } / Double(picks.count)
  }

  /// The mean of the regrets, in points of gain.
  package var meanRegret: Double { regrets.reduce(0, +) / Double(regrets.count) }
}
