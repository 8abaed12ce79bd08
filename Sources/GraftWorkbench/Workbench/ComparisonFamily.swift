import GraftData
import GraftStatistics
import GraftTraining

/// Two rows that are to be compared.
struct ComparisonDraft {
  let first: RowDraft
  let second: RowDraft

  init(_ first: RowDraft, _ second: RowDraft) {
    self.first = first
    self.second = second
  }

  /// The ids of both rows' trials, by which the comparison is known: a method that uses no source has a row for every
  /// source, with the same trials in all of them.
  var trials: [String] { (first.records + second.records).map(\.id) }

  var comparison: MethodComparison {
    MethodComparison(
      answers: first.records.map(\.outcome.answers), control: second.records.map(\.outcome.answers),
      labels: first.pair.target.testSet.labels)
  }
}

/// The comparisons of a study that Holm's correction counts: each once, however many rows show it.
struct ComparisonFamily {
  private let judged: [[String]: JudgedComparison]

  init(_ drafts: [ComparisonDraft], margin: Double) {
    var single: [ComparisonDraft] = []
    var known: Set<[String]> = []
    for draft in drafts where known.insert(draft.trials).inserted { single.append(draft) }
    judged = Dictionary(
      uniqueKeysWithValues: zip(
        single.map(\.trials), JudgedComparison.family(single.map(\.comparison), margin: margin)
      ).map { ($0, $1) })
  }

  var count: Int { judged.count }

  subscript(draft: ComparisonDraft) -> JudgedComparison? { judged[draft.trials] }
}
