import GraftData
import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@testable import GraftReporting

/// What is printed of a study that was really run, with digits that were never written.
@Suite struct RealStudyTests {
  private static let result = Result {
    let digits = DatasetPair.syntheticDigits(train: 600, test: 200, threads: 2)
    let pair = StudyPair(
      .trained(try StudyDomain(digits, selecting: .even)), try StudyDomain(digits, selecting: .odd))
    let options = StudyOptions(
      methods: [.scratch, .fineTune, TransferMethod(.biasOnly)], shares: [.perClass(1), .perClass(20)], seeds: [0, 1],
      architecture: Architecture(hiddenUnits: [16]), threads: 2, version: "0.0.0", machine: "some")
    return try TransferStudy(options, on: [pair]).run(in: MemoryStore())
  }

  @Test func everyFormatHasEveryRow() throws {
    let result = try Self.result.get()
    let markdown = TextDocument(result).markdown()
    let terminal = TextDocument(result).terminal()
    let json = try JSON(parsing: result.json.text(.pretty))
    #expect(result.rows.count == 6)
    #expect(json["rows"]?.array?.count == 6)
    #expect(result.studyCSV.split(separator: "\n").count == 7)
    #expect(result.trialsCSV.split(separator: "\n").count == 13)
    for row in result.rows {
      let labels = StudyWords.labels(row.share)
      let accuracy = percent(row.accuracy.mean)
      #expect(markdown.contains("| \(labels) | \(row.method) | \(accuracy) |"))
      #expect(terminal.split(separator: "\n").contains { $0.hasPrefix("\(labels) ") && $0.contains(" \(accuracy) ") })
      #expect(result.studyTeX.contains("\(row.method) & \(accuracy) &"))
      #expect(result.studyCSV.contains(",\(row.method),\(labels),"))
      for record in row.records { #expect(result.trialsCSV.contains("\(record.id),")) }
    }
  }

  @Test func nothingIsNoNumber() throws {
    let result = try Self.result.get()
    let texts =
      [
        TextDocument(result).markdown(), TextDocument(result).terminal(), result.studyTeX, result.studyCSV,
        result.trialsCSV, result.json.text(),
      ] + result.figures.map(\.svg)
    for text in texts {
      let words = text.lowercased().split { !$0.isLetter }
      #expect(!words.contains("nan") && !words.contains("inf") && !words.contains("infinity"))
    }
  }

  @Test func figuresAreWellFormed() throws {
    let figures = try Self.result.get().figures
    // Efficiency, gain, two of epochs, forgetting, calibration, two of reliability, four scores of two settings or more.
    #expect(figures.count == 12)
    for figure in figures { #expect(PageTests.isBalanced(figure.svg) && figure.svg.contains("SYNTHETIC DIGITS")) }
  }

  @Test func settingsComeFromRehearsalAndValidation() throws {
    let tuning = try #require(try Self.result.get().json["tuning"]?.array)
    #expect(tuning.map { $0["origin"]?.string } == ["rehearsal", "validation"].flatMap { [$0, $0, $0] })
    for row in tuning {
      let candidates = try #require(row["candidates"]?.array)
      #expect(candidates.count == 6)
      #expect(candidates.reduce(0) { $0 + ($1["chosen_by_seeds"]?.int ?? 0) } == 2)
    }
  }
}
