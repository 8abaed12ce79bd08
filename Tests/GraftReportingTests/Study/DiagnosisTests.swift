import Foundation
import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@testable import GraftReporting

/// What is printed of scores, forgetting, calibration and layers.
@Suite struct DiagnosisTests {
  private func lines(_ document: TextDocument) -> [String] {
    document.terminal().split(separator: "\n").map(String.init)
  }

  /// The words of the first line below a heading that starts with these.
  private func words(_ document: TextDocument, _ start: String, after heading: String) -> [String] {
    let lines = lines(document)
    guard let place = lines.firstIndex(where: { $0.hasPrefix(heading) }) else { return [] }
    let wanted = start.split(separator: " ")
    return lines[place...].map { $0.split(separator: " ") }.first { $0.starts(with: wanted) }?.map(String.init) ?? []
  }

  @Test func scoresStandBesideTheGainThatFollowed() throws {
    let document = TextDocument(try InventedStudy.result())
    let heading = "Would it have been known before?"
    let row = words(document, "mnist:even -> mnist:odd 1", after: heading)
    #expect(row.dropFirst(3) == ["1", "-1.000", "-1.500", "-0.500", "3.000", "-", "20.00", "+16.20"])
    #expect(words(document, "LEEP", after: heading).prefix(3) == ["LEEP", "2", "+1.00"])
    #expect(words(document, "LogME", after: heading).prefix(3) == ["LogME", "2", "-1.00"])
    // Of one source nothing is said, whatever the number of its settings.
    let text = document.markdown()
    #expect(text.contains("1 source for one target is too few to say how scores and gains go together"))
    #expect(text.contains("1 such setting is in no tau"))
  }

  @Test func aRankingComesFirstAndIsBrief() throws {
    let result = try InventedStudy.ranking()
    let document = TextDocument(result)
    let text = document.terminal()
    #expect(text.hasPrefix("Which source for mnist:odd?"))
    #expect(!text.contains("Test accuracy in percent"))
    #expect(TextDocument(result, isWhole: true).terminal().contains("Test accuracy in percent"))
    // All sources are invented alike: every score ties, every pick is as good as the best.
    let row = words(document, "mnist:0,2", after: "Which source")
    #expect(row == ["mnist:0,2", "+16.10", "+4.10", "6.0", "6.0", "6.0", "6.0", "6.0"])
    #expect(
      words(document, "LEEP", after: "How often") == [
        "LEEP", "2", "of", "2", "0.00", "2", "of", "2", "0.00", "2", "of", "2", "0.00",
      ])
    #expect(words(document, "nearest mean", after: "How often").prefix(5) == ["nearest", "mean", "1", "of", "1"])
    #expect(words(document, "blind", after: "How often").prefix(4) == ["blind", "2.0", "of", "2"])
    let names = result.figures.map(\.name)
    #expect(
      names == [
        "scores-leep.svg", "scores-nce.svg", "scores-logme.svg", "scores-h-score.svg", "scores-nearest-mean.svg",
      ])
  }

  @Test func costsAreTold() throws {
    let document = TextDocument(try InventedStudy.result())
    let cost = words(document, "20 fine-tune", after: "What it cost the source")
    #expect(cost.prefix(5) == ["20", "fine-tune", "99.00", "78.90", "+20.10"])
    let frozen = words(document, "20 frozen", after: "What it cost the source")
    #expect(frozen.prefix(6) == ["20", "frozen", "99.00", "99.00", "0.00", "0.00"] && frozen.suffix(2) == ["-", "-"])
    let sure = words(document, "1 scratch", after: "Can its confidence")
    #expect(sure == ["1", "scratch", "16.00", "0.00", "2.00", "0.00", "0.00", "0.250", "0.125"])
    #expect(document.markdown().contains("it is not higher afterwards in 12 of them"))
    // A file's source task is not known.
    #expect(
      !TextDocument(try InventedStudy.result(hasFixedSource: true)).terminal().contains("What it cost the source"))
  }

  @Test func layersAreAStudyOfTheirOwn() throws {
    let study = try InventedStudy.layers()
    let document = TextDocument(study)
    let heading = "Accuracy in percent with 20 labels per class"
    #expect(words(document, "0  scratch", after: heading).prefix(3) == ["0", "scratch", "88.10"])
    for name in ["1  B1B ", "1  B1B+", "1  A1B ", "1  A1B+", "2  B2B ", "2  B2B+", "2  A2B ", "2  A2B+"] {
      #expect(words(document, name, after: heading).count == 10, "\(name)")
    }
    #expect(document.markdown().contains("with fewer labels BnB is what the best source"))
    let alike = words(document, "source - transferred", after: "How alike")
    #expect(alike == ["source", "-", "transferred", "0.515", "0.021", "0.515", "0.021"])
    // A layer that says the same of every image has no likeness.
    #expect(words(document, "source - scratch", after: "How alike").suffix(2) == ["-", "-"])
    #expect(words(document, "transferred - other scratch", after: "How alike").isEmpty)
    let figures = study.figures
    #expect(figures.map(\.name) == ["layers-20.svg", "similarity-20.svg", "layers-all.svg", "similarity-all.svg"])
    for figure in figures { #expect(PageTests.isBalanced(figure.chart.svg())) }
    let json = try JSON(parsing: study.json.text())
    #expect(
      json["depths"]?.array?.count == 4 && percent(json["depths"]?.array?[0]["AnB+"]?["mean"]?.double ?? 0) == "92.30")
    #expect(json["similarities"]?.array?.count == 2 * 2 * 6)
    #expect(json["rows"]?.array?.count == 2 * 2 * 5)
  }

  @Test func everyFigureIsWellFormedAndNamed() throws {
    let figures = try InventedStudy.result().figures
    #expect(Set(figures.map(\.name)).count == figures.count)
    for stem in ["forgetting", "calibration", "reliability", "scores"] {
      #expect(figures.contains { $0.name.hasPrefix(stem) }, "\(stem)")
    }
    for figure in figures { #expect(PageTests.isBalanced(figure.svg), "\(figure.name)") }
  }

  @Test func dotsAreNotJoined() {
    let chart = LineChart(
      title: "Dots", xAxis: Axis("x"), yAxis: Axis("y"),
      series: [
        Series("a", dots: [(0, 0), (1, 2), (0.5, 1)], color: .series(0)),
        Series("b", dots: [(0.25, 1.5)], color: .series(1)),
      ], labels: .legend)
    let svg = chart.svg()
    // Four dots and two keys; no line but those of the axes.
    #expect(svg.components(separatedBy: "<circle").count == 7 && !svg.contains("<path"))
  }
}
