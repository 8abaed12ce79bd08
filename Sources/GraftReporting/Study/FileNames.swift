import GraftData

/// Names for files, made of names of data sets, which may be paths and may be anything.
struct FileNames {
  private var taken: Set<String> = []

  /// `text` with nothing but ASCII letters, digits, `-`, `_` and `.`: `mnist-even` for `mnist:even`, and never a slash. The end of a
  /// long name stays, as it tells most.
  static func safe(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_", ".": result.unicodeScalars.append(scalar)
      default: if !result.hasSuffix("-") { result.append("-") }
      }
    }
    func trimmed(_ text: Substring) -> Substring {
      let start = text.drop { $0 == "-" || $0 == "." }
      return start[..<(start.lastIndex { $0 != "-" && $0 != "." }.map(start.index(after:)) ?? start.startIndex)]
    }
    let name = trimmed(trimmed(result[...]).suffix(60))
    return name.isEmpty ? "data" : String(name)
  }

  /// The labels as `10`, `20-percent`, `12.5-percent` or `all`.
  static func labels(_ share: Share) -> String {
    safe(StudyWords.labels(share).replacing(",", with: "").replacing("%", with: "percent"))
  }

  /// Returns `name`, or `name-2`, `name-3`, … if it is taken; case does not tell two files apart everywhere.
  mutating func unique(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(name)-\(number)"
      number += 1
    }
    return candidate
  }
}
