import GRDB
import GraftData
import GraftStatistics
import GraftWorkbench

/// A filter for lists of trials; without any setting, all trials pass.
package struct TrialFilter: Sendable, Hashable {
  /// The origin of a trial's first weights.
  package enum Source: Sendable, Hashable {
    case any
    /// Nothing was transferred.
    case nothing
    /// `mnist:even`, as in `Trial.source`.
    case named(String)
  }

  /// The kinds that pass; empty for every kind.
  package var kinds: Set<Trial.Kind> = []
  /// The source of the weights.
  package var source: Source = .any
  /// The target classes, such as `mnist:odd`; nil for any.
  package var target: String?
  /// The method; nil for any.
  package var method: String?
  /// The share of the training data: `.all` for the trials that used all of it, nil for any.
  package var share: Share?
  /// The seed; nil for any.
  package var seed: UInt64?
  /// The beginning of the id, in either case.
  package var idPrefix: String?
  /// The most trials that are listed, the newest first.
  package var limit: Int?

  /// A filter that lets all trials pass.
  package init() {}
}

extension TrialFilter {
  /// The `WHERE …` clause, or nothing, and the values for its question marks.
  var condition: (sql: String, arguments: StatementArguments) {
    var terms: [String] = []
    var arguments: StatementArguments = []
    func require(_ term: String, _ values: any DatabaseValueConvertible...) {
      terms.append(term)
      arguments += StatementArguments(values)
    }

    let kinds = Trial.Kind.allCases.filter(kinds.contains)
    if !kinds.isEmpty {
      terms.append("kind IN (\(questionMarks(kinds.count)))")
      arguments += StatementArguments(kinds.map(\.rawValue))
    }
    switch source {
    case .any: break
    case .nothing: require("source IS NULL")
    case .named(let name): require("source = ?", name)
    }
    if let target { require("target = ?", target) }
    if let method { require("method = ?", method) }
    switch share {
    case nil: break
    case .all: require("labels_per_class IS NULL AND fraction IS NULL")
    case .fraction(let fraction): require("fraction = ?", fraction)
    case .perClass(let count): require("labels_per_class = ?", count)
    }
    if let seed { require("seed = ?", String(seed)) }
    if let idPrefix {
      let range = IDPrefix.range(of: idPrefix.lowercased())
      require("id >= ? AND id < ?", range.lowerBound, range.upperBound)
    }
    return (terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND "), arguments)
  }
}

/// Writes `count` question marks for a statement: `?, ?, ?`.
func questionMarks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
