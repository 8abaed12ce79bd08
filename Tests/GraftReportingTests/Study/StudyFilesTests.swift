import Foundation
import GraftData
import GraftFiles
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@testable import GraftReporting

@Suite struct StudyFilesTests {
  private let strange = "/data/50%_of #1 & {more}, \"quoted\""

  /// Fields of each line; enough of RFC 4180 for a check.
  private func fields(_ csv: String) -> [[String]] {
    csv.split(separator: "\n").map { line in
      var fields = [""]
      var isQuoted = false
      for character in line {
        if character == "\"" { isQuoted.toggle() }
        if character == "," && !isQuoted { fields.append("") } else { fields[fields.count - 1].append(character) }
      }
      return fields
    }
  }

  @Test func theTablesAsCommaSeparatedValues() throws {
    for name in ["mnist", strange] {
      let result = try InventedStudy.result(name: name, bothWays: true)
      let rows = fields(result.studyCSV)
      #expect(rows.count == 1 + 24)
      #expect(Set(rows.map(\.count)).count == 1)
      let trials = fields(result.trialsCSV)
      #expect(trials.count == 1 + 24 * 4)
      #expect(Set(trials.map(\.count)).count == 1)
      #expect(Set(trials.dropFirst().map { $0[0] }).count == 96)
      let setting = try #require(trials[0].firstIndex(of: "setting"))
      #expect(trials.dropFirst().allSatisfy { !$0[setting].isEmpty })
    }
    let rows = fields(try InventedStudy.result().studyCSV)
    let frozen = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[11]))
    #expect(frozen["method"] == "frozen" && frozen["labels_per_class"] == "all" && frozen["gain"] == "-7.8000")
    #expect(frozen["verdict"] == "hurts" && frozen["seeds_reached"] == "0" && frozen["median_epoch"] == "")
    #expect(CSVText.field("a\"b") == "\"a\"\"b\"" && CSVText.number(.infinity) == "" && CSVText.exact(.nan) == "")
  }

  @Test func theTablesForLaTeX() throws {
    let text = try InventedStudy.result(name: strange, bothWays: true).studyTeX
    #expect(text.components(separatedBy: "\\begin{tabular}").count == 3)
    #expect(text.components(separatedBy: "\\end{table}").count == 3)
    let name = "/data/50\\%\\_of \\#1 \\& \\{more\\}, \\textquotedbl{}quoted\\textquotedbl{}:even"
    #expect(text.contains(name))
    let rows = text.split(separator: "\n").filter { $0.hasSuffix("\\\\") }
    #expect(rows.count == 2 * (1 + 12))
    for row in rows {
      #expect(row.replacing("\\&", with: "").count { $0 == "&" } == 7)
      // Every per cent sign is one that is printed.
      #expect(!row.replacing("\\%", with: "").contains("%"))
    }
    #expect(text.contains("\\textbf{hurts}") && text.contains("$-7.80$") && text.contains("$+16.20$"))
    #expect(
      LaTeXText.escaped("\\~^<|>日é\n") == "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}"
        + "\\textless{}\\textbar{}\\textgreater{}?é?")
  }

  @Test func everythingIsWritten() throws {
    let folder = try ScratchFolder()
    let names = try InventedStudy.result().write(to: "\(folder.path)/new/study")
    #expect(
      names == [
        "efficiency-mnist-even-to-mnist-odd.svg", "gain-mnist-even-to-mnist-odd.svg",
        "epochs-mnist-even-to-mnist-odd-1.svg", "epochs-mnist-even-to-mnist-odd-20.svg",
        "epochs-mnist-even-to-mnist-odd-all.svg", "forgetting-mnist-even-to-mnist-odd.svg",
        "calibration-mnist-even-to-mnist-odd.svg", "reliability-mnist-even-to-mnist-odd-1.svg",
        "reliability-mnist-even-to-mnist-odd-20.svg", "reliability-mnist-even-to-mnist-odd-all.svg",
        "scores-leep.svg", "scores-nce.svg", "scores-logme.svg", "scores-h-score.svg", "scores-nearest-mean.svg",
        "study.md", "study.tex", "study.csv", "trials.csv", "study.json",
      ])
    let found = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/new/study")
    #expect(found.sorted() == names.sorted())
    let markdown = try String(contentsOfFile: "\(folder.path)/new/study/study.md", encoding: .utf8)
    #expect(markdown.hasPrefix("# Transfer study\n\n## mnist:even -> mnist:odd\n"))
    #expect(markdown.contains("| all (40) | frozen | 90.20 |"))
    let json = try String(contentsOfFile: "\(folder.path)/new/study/study.json", encoding: .utf8)
    let parsed = try JSON(parsing: json)
    #expect(parsed["rows"]?.array?.count == 12)
  }

  @Test func namesOfFilesAreSafe() throws {
    let names = try InventedStudy.result(name: "../../etc/a b:c\u{0}é", bothWays: true).figures.map(\.name)
    #expect(names.first == "efficiency-etc-a-b-c-even-to-etc-a-b-c-odd.svg")
    #expect(Set(names).count == names.count)
    let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    #expect(names.allSatisfy { allowed.isSuperset(of: $0) && !$0.hasPrefix(".") && !$0.contains("..") })
    #expect(FileNames.safe("") == "data" && FileNames.safe("/..:/") == "data")
    #expect(FileNames.safe(String(repeating: "x", count: 500)).count == 60)
    for (share, text) in [
      (0.07, "7 %"), (0.1, "10 %"), (0.0004, "0.04 %"), (0.0011, "0.11 %"), (0.0014, "0.14 %"), (1.0 / 3, "33.33 %"),
      (0.29, "29 %"), (0.57, "57 %"), (0.999, "99.9 %"),
    ] {
      #expect(StudyWords.labels(.fraction(share)) == text)
    }
    #expect(FileNames.labels(.fraction(0.125)) == "12.5-percent" && FileNames.labels(.perClass(5_000)) == "5000")
    var taken = FileNames()
    #expect(["a", "A", "a", "b"].map { taken.unique($0) } == ["a", "A-2", "a-3", "b"])
  }
}
