import GRDB
import GraftData
import GraftWorkbench

/// Which trials a list shows; without any setting, all of them.
public struct TrialFilter: Sendable, Hashable {
  /// Where a trial's first weights came from.
  public enum Source: Sendable, Hashable {
    case any
    /// Nothing was transferred.
    case nothing
    /// `mnist:even`, as in ``Trial/source``.
    case named(String)
  }

  /// Empty: of every kind.
  public var kinds: Set<Trial.Kind> = []
  public var source: Source = .any
  public var target: String?
  public var method: String?
  /// `.all` means the trials that used all training data, nil those of any share.
  public var share: Share?
  public var seed: UInt64?
  /// How the id begins, in either case.
  public var idPrefix: String?
  /// The most trials, the newest of them.
  public var limit: Int?

  public init() {}
}

extension TrialFilter {
  /// `WHERE …`, or nothing, and what stands for its question marks.
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

/// `?, ?, ?`
func questionMarks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
