import Datasets
import Files

/// How a study's amounts are called in tables.
package enum StudyWords {
  /// `10`, `20 %` or `all`.
  package static func labels(_ share: Share) -> String {
    switch share {
    case .all: "all"
    case .fraction(let fraction): "\(decimals(100 * fraction, fraction * 100 == (fraction * 100).rounded() ? 0 : 1)) %"
    case .perClass(let count): grouped(count)
    }
  }
}
