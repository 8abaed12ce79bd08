import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@testable import GraftReporting

@Suite struct StudyDocumentTests {
  @Test func negativeTransferIsSaidFirstAndBluntly() throws {
    let points = StudySummary(pair: try InventedStudy.result().pairs[0]).points
    #expect(
      points[0].hasPrefix("NEGATIVE TRANSFER: with all 40 labels per class frozen HURTS: -7.80 points (95 % -")
    )
    #expect(points.dropFirst().allSatisfy { !$0.contains("HURTS") })
  }

  @Test func theSummarySaysWhereAndHowSure() throws {
    let points = StudySummary(pair: try InventedStudy.result().pairs[0]).points
    let tuned = try #require(points.first { $0.hasPrefix("fine-tune: ") })
    #expect(
      tuned.hasPrefix("fine-tune: helps wherever a difference is shown, from 1 to 20 labels per class; most with 1 "))
    #expect(tuned.contains("where it helps: +16.20 points (95 % +"))
    #expect(tuned.hasSuffix("with all 40 labels per class (+0.10 points)."))
    #expect(tuned.contains("equal to scratch within 0.5 points"))
    let frozen = try #require(points.first { $0.hasPrefix("frozen: ") })
    #expect(frozen.contains("helps up to 20 labels per class and hurts from 40 on; the sign turns near"))
    let best = try #require(points.first { $0.hasPrefix("Highest mean accuracy, ") })
    #expect(
      best.hasPrefix(
        "Highest mean accuracy, not tested against the next (--compare does): fine-tune with 1, 20 and all 40 labels per class ("
      ))
    #expect(points.contains { $0.hasPrefix("In labels of scratch, fine-tune is worth ") })
  }

  @Test func timeIsCountedInEpochsOrForASolvedHeadInSeconds() throws {
    let points = StudySummary(pair: try InventedStudy.result().pairs[0]).points
    let frozen = try #require(points.first { $0.hasPrefix("In time, frozen") })
    #expect(
      frozen
        == "In time, frozen gets to scratch's final accuracy sooner than scratch itself with 1 and 20 labels per class "
        + "(with 1 label per class after 0.25 s, scratch after 40 epochs and 20.00 s); never with all 40 labels per class "
        + "(not reached in 4 of 4 seeds).")
    let probed = try #require(points.first { $0.hasPrefix("In epochs, lp-ft") })
    #expect(probed.contains("after 0 epochs and 0.25 s"))
  }

  @Test func theTableHasARowForEveryMethodAndAmount() throws {
    let pair = try InventedStudy.result().pairs[0]
    let table = StudyTables(pair: pair).main
    #expect(table.rows.count == InventedStudy.methods.count * InventedStudy.shares.count)
    #expect(table.rows.map { $0[0] } == ["1", "20", "all (40)"].flatMap { Array(repeating: $0, count: 4) })
    #expect(table.rows.count { $0.last == "control" } == 3)
    let frozen = try #require(table.rows.last { $0[1] == "frozen" })
    #expect(frozen[2] == "90.20" && frozen[4] == "-7.80" && frozen[7] == "0 of 4" && frozen[9] == "HURTS")
    let lines = table.terminal().split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 112 })
  }

  @Test func settingsShowEveryCandidateAndWhoChoseIt() throws {
    let text = TextDocument(try InventedStudy.result()).terminal()
    #expect(text.contains("test images were never asked"))
    // Summed over the rehearsals' ten seeds: five chose the first, which is the first of two equals.
    #expect(text.contains("* 92.50     90.00     80.00"))
    // Each of four seeds chose for itself.
    #expect(text.contains("2x 92.50  2x 90.00     80.00"))
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("corrected for the 9 comparisons of this study"))
    #expect(text.contains("Each seed has its own source model"))
  }

  @Test func aSettingThatPairsShareStandsOnce() throws {
    let text = TextDocument(try InventedStudy.result(bothWays: true)).terminal()
    let rehearsed = text.split(separator: "\n").filter { $0.hasPrefix("1 ") && $0.contains("* 92.50") }
    #expect(rehearsed.count == InventedStudy.methods.count)
    #expect(text.contains("mnist:odd -> mnist:even"))
  }

  @Test func aFixedSourceIsSaid() throws {
    let result = try InventedStudy.result(hasFixedSource: true)
    let note = "ll seeds share one source; intervals leave out its variance."
    #expect(TextDocument(result).markdown().contains(note))
    #expect(!TextDocument(result).terminal().contains("its own source model"))
    #expect(result.studyTeX.contains(note))
    #expect(result.json["pairs"]?.array?.first?["fixed_source"]?.bool == true)
    #expect(result.figures.first?.name == "efficiency-models-even.safetensors-to-mnist-odd.svg")
    let charts = StudyCharts(pair: result.pairs[0], study: result)
    #expect(charts.gain.subtitle.hasSuffix("over 4 seeds, one source for all"))
  }

  @Test func syntheticDigitsAreSaidAboveEverything() throws {
    let result = try InventedStudy.result(name: "synthetic")
    let text = TextDocument(result).terminal()
    #expect(text.contains("* BUILT-IN SYNTHETIC DIGITS, NOT MNIST"))
    #expect(text.hasPrefix("****"))
    #expect(text.contains("Test accuracy in percent: synthetic:even -> synthetic:odd (synthetic digits)"))
    #expect(result.json["banner"]?.string?.contains("NOT MNIST") == true)
    #expect(result.studyTeX.contains("NOT MNIST"))
    #expect(result.figures.allSatisfy { $0.svg.contains("SYNTHETIC DIGITS") })
    let other = try InventedStudy.result()
    #expect(other.banner == nil)
  }

  @Test func oneSeedHasNoIntervalsOverSeeds() throws {
    let result = try InventedStudy.result(seeds: 1)
    let text = TextDocument(result).terminal()
    #expect(text.contains("One seed trains one model of each method"))
    #expect(
      !text.contains("by the larger p of two t-tests") && !text.contains("intervals contain the source's variance"))
    #expect(StudyTables(pair: result.pairs[0]).main.rows.allSatisfy { $0[3] == "-" })
  }

  @Test("a row that several pairs share counts once in what is said of all rows")
  func sharedRows() throws {
    let result = try InventedStudy.ranking()
    let own = result.pairs.count * 3 * 2
    #expect(result.pairs.count > 5 && result.meanCalibrationError?.rows == 2 + own)
    let page = StudyPage(result, sources: [], test: nil, version: "1", threads: 1).page.source
    #expect(page.contains("All \(grouped((2 + own) * 2)) runs"))
  }

  @Test func theControlAloneIsATableToo() throws {
    let result = try InventedStudy.result(methods: [.scratch])
    #expect(StudySummary(pair: result.pairs[0]).points.isEmpty)
    #expect(StudyTables(pair: result.pairs[0]).worth == nil)
    #expect(!TextDocument(result).terminal().lowercased().contains("nan"))
    #expect(result.figures.allSatisfy { !$0.name.hasPrefix("gain") })
  }

  @Test func sharesSayHowManyLabelsTheyAre() throws {
    let result = try InventedStudy.result(shares: [.perClass(20), .fraction(0.25), .all])
    let rows = StudyTables(pair: result.pairs[0]).main.rows
    // In rising order, whatever was asked first.
    #expect(rows.map { $0[0] }.filter { !$0.isEmpty }.first == "25 % (10)")
    #expect(StudyWords.with(result.pairs[0].rising(.scratch)) == "with 10 (25 %), 20 and all 40 labels per class")
  }

  @Test func aNameWithALineBreakForgesNoLine() throws {
    let text = TextDocument(try InventedStudy.result(name: "a\nb")).terminal()
    #expect(text.hasPrefix("a\\u{a}b:even -> a\\u{a}b:odd\n="))
  }

  // MARK: - Plan

  @Test func thePlanCountsWhatIsLeft() throws {
    let study = try InventedStudy.study()
    let forecast = try StudyForecast(study, in: nil)
    let text = TextDocument(forecast).terminal()
    #expect(text.contains("methods: scratch, fine-tune, frozen, lp-ft"))
    #expect(text.contains("labels per class: 1, 20, all"))
    #expect(text.contains("4 seeds: 0 to 3"))
    #expect(text.contains("Estimated time:") && text.contains(" on 1 core; on the disk: about "))
    let rows = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
    #expect(rows.contains(["rehearsals", "on", "synthetic", "digits", "40", "0", "40"]))
    #expect(rows.contains(["source", "models", "4", "0", "4"]))
    #expect(rows.contains(["scores", "of", "sources", "before", "training", "12", "0", "12"]))
    #expect(rows.contains(["trials", "of", "the", "tables", "48", "0", "48"]))
    let json = try JSON(parsing: forecast.json.text(.pretty))
    #expect(json["schema_version"]?.int == 1)
    #expect(json["phases"]?.array?.count == 4)
    #expect(json["pairs"]?.array?.first?["smallest_class"]?.int == 40)
  }

  @Test(arguments: [
    (0.2, "less than 1 s"), (12.4, "12 s"), (90, "1.5 min"), (120, "2 min"), (1_500, "25 min"), (5_400, "1.5 h"),
    (90_000, "25 h"), (3_590, "1 h"), (59.9, "1 min"),
  ])
  func durations(seconds: Double, words: String) { #expect(StudyWords.duration(seconds) == words) }

  @Test func signs() {
    #expect([1.234, -1.234, 0, 0.001, -0.001].map(signed) == ["+1.23", "-1.23", "0.00", "0.00", "0.00"])
    #expect(StudyWords.setting("rate 0.2, decay 0.0") == ("rate/decay", "0.2/0.0"))
    #expect(StudyWords.setting("odd") == ("setting", "odd"))
  }
}
