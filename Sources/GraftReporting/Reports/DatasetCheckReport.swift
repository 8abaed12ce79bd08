import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices

/// The report that `graft data check` prints: counts, pixels, and the findings with examples.
package struct DatasetCheckReport: Sendable {
  private let check: DatasetCheck

  package init(_ check: DatasetCheck) { self.check = check }

  /// The most classes that have a row each; of more the extremes are named.
  private static let mostRows = 12

  /// The most examples of a finding in the text; JSON has all.
  private static let mostExamples = 3

  private var parts: [DatasetCheck.Part] { [check.train, check.test] }

  // MARK: Text

  /// The report for a person, about one screen.
  package var document: TextDocument {
    var blocks: [TextDocument.Block] = [
      .paragraph("\(singleLine(check.name)): images of \(check.shape), from \(singleLine(check.source))")
    ]
    if !facts.isEmpty { blocks.append(.list(facts)) }
    blocks.append(classes)
    blocks.append(.table(pixels))
    blocks += check.findings.map { finding in
      let examples = finding.examples.prefix(Self.mostExamples)
      let rest = finding.count - examples.count
      let more = rest > 0 && !examples.isEmpty ? ["and \(grouped(rest)) more"] : []
      return .entry(
        verdict: finding.severity.rawValue, statement: finding.sentence,
        evidence: (examples + more).joined(separator: "; "))
    }
    return TextDocument(blocks + [.paragraph(verdict)])
  }

  /// `2 warnings, 1 note`.
  package var verdict: String {
    if check.findings.isEmpty { return "nothing wrong was found" }
    func counted(_ count: Int, _ word: String) -> [String] {
      count == 0 ? [] : ["\(grouped(count)) \(word)\(count == 1 ? "" : "s")"]
    }
    let notes = check.findings.count - check.warningCount
    return (counted(check.warningCount, "warning") + counted(notes, "note")).joined(separator: ", ")
  }

  private var facts: [String] {
    // The notes say how the pictures were read.
    guard let pictures = check.pictures, pictures.grey > 0, pictures.colored > 0 else { return check.notes }
    return check.notes + ["\(grouped(pictures.colored)) of the files are in colour, \(grouped(pictures.grey)) in grey"]
  }

  private var classes: TextDocument.Block {
    let (train, test) = (check.train.countsPerClass, check.test.countsPerClass)
    let names = check.classNames
    if names.count <= Self.mostRows {
      let rows = names.indices.map { [names[$0], grouped(train[$0]), grouped(test[$0])] }
      return .table(
        TextTable(
          [.init("class", .leading), .init("training"), .init("test")],
          rows: rows + [["all", grouped(check.train.count), grouped(check.test.count)]]))
    }
    return .paragraph(
      "\(grouped(names.count)) classes; " + parts.map { spread($0) }.joined(separator: "; "))
  }

  /// `60,000 training images, 500 ("a") to 600 ("b") of a class, 580 in the middle`.
  private func spread(_ part: DatasetCheck.Part) -> String {
    let counts = part.countsPerClass
    let ranked = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
    guard let first = ranked.first, let last = ranked.last else { return "no \(part.name) images" }
    func named(_ label: Int) -> String { "\(grouped(counts[label])) (\(quoted(check.classNames[label])))" }
    return "\(grouped(part.count)) \(part.name) images, of a class \(named(first)) to \(named(last)), "
      + "\(grouped(counts[ranked[ranked.count / 2]])) in the middle"
  }

  private var pixels: TextTable {
    let channels = check.shape.channels
    let names = channels == 3 ? ["red", "green", "blue"] : channels == 1 ? [""] : (1...channels).map(String.init)
    func titles(_ title: String) -> [TextTable.Column] {
      names.enumerated().map { index, name in
        .init(index == 0 ? "\(title) \(name)".trimmed : name)
      }
    }
    let columns: [TextTable.Column] =
      [.init("pixels", .leading), .init("smallest"), .init("largest")] + titles("mean") + titles("deviation")
    return TextTable(
      columns,
      rows: parts.map { part in
        [part.name] + [part.range?.lowerBound, part.range?.upperBound].map { $0.map { "\($0)" } ?? "-" }
          + (part.means + part.deviations).map { decimals($0, 4) }
      })
  }

  // MARK: JSON

  package var json: JSON {
    [
      "schema_version": 1, "name": .string(check.name), "source": .string(check.source),
      "shape": .string(check.shape.description), "classes": .array(check.classNames.map(JSON.string)),
      "parts": .array(
        parts.map { part in
          [
            "part": .string(part.name), "images": .integer(part.count),
            "counts": .array(part.countsPerClass.map(JSON.integer)),
            "smallest": part.range.map { .integer(Int($0.lowerBound)) } ?? .null,
            "largest": part.range.map { .integer(Int($0.upperBound)) } ?? .null,
            "means": .array(part.means.map(JSON.number)), "deviations": .array(part.deviations.map(JSON.number)),
          ]
        }),
      "pictures": check.pictures.map { pictures in
        [
          "files": .integer(pictures.count), "readable": .integer(pictures.readable), "sizes": .string(pictures.sizes),
          "grey": .integer(pictures.grey), "colour": .integer(pictures.colored),
          "transparent": .integer(pictures.transparent),
        ]
      } ?? .null,
      "notes": .array(check.notes.map(JSON.string)), "warnings": .integer(check.warningCount),
      "findings": .array(
        check.findings.map { finding in
          [
            "kind": .string(finding.kind.rawValue), "severity": .string(finding.severity.rawValue),
            "count": .integer(finding.count), "sentence": .string(finding.sentence),
            "examples": .array(finding.examples.map(JSON.string)),
          ]
        }),
    ]
  }
}

extension String {
  /// The text without spaces at its end.
  fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
