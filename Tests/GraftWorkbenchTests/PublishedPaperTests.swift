import GraftData
import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct PublishedStudyTests {
  private let study: PublishedPaper

  init() throws { study = try PublishedPaper.load() }

  @Test(
    "the headline table",
    arguments: [
      (.softmax, 96.02, 95.13), (.network, 98.56, 98.34), (.transfer, 98.21, 98.06),
    ] as [(PaperSystem, Double, Double)])
  func table(system: PaperSystem, even: Double, odd: Double) {
    #expect(study.accuracy(of: PaperTask(system, .even)) == even)
    #expect(study.accuracy(of: PaperTask(system, .odd)) == odd)
  }

  @Test("the controls are ours, not the study's", arguments: PaperSystem.controls)
  func controls(system: PaperSystem) { #expect(study.accuracy(of: PaperTask(system, .even)) == nil) }

  @Test("the second table")
  func shares() {
    let percents = [20, 50, 80]
    func row(_ system: PaperSystem, _ half: Half) -> [Double?] {
      percents.map { study.accuracy(of: PaperTask(system, half), percent: $0) }
    }
    #expect(row(.softmax, .even) == [95.18, 95.86, 96.08] && row(.softmax, .odd) == [94.05, 94.72, 95.17])
    #expect(row(.network, .even) == [95.25, 96.47, 97.2] && row(.network, .odd) == [95.64, 96.33, 97.05])
    #expect(study.accuracy(of: PaperTask(.network, .odd), percent: 60) == nil)
  }

  @Test("test images of each digit and half")
  func testImages() {
    #expect(study.testImages == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    #expect(study.testImages(of: .even) == 4926 && study.testImages(of: .odd) == 5074)
  }

  @Test("every matrix counts the images of its half, digit by digit", arguments: PublishedPaper.Publication.allCases)
  func matrices(publication: PublishedPaper.Publication) throws {
    for system in PaperSystem.reported {
      for half in Half.allCases {
        let matrix = try #require(study.matrix(of: PaperTask(system, half), in: publication))
        #expect(matrix.counts.map { $0.reduce(0, +) } == half.selection.classes.map { study.testImages[$0] })
      }
    }
  }

  @Test("the matrices contradict the table")
  func sums() throws {
    func accuracy(_ half: Half, _ publication: PublishedPaper.Publication) throws -> String {
      percent((try #require(study.matrix(of: PaperTask(.transfer, half), in: publication))).accuracy.percent)
    }
    #expect(try accuracy(.even, .report) == "98.25" && accuracy(.odd, .report) == "97.30")
    #expect(try accuracy(.even, .repository) == "97.99" && accuracy(.odd, .repository) == "97.36")
  }

  @Test("undone, the pooled figures are 98.07 and 97.58")
  func unpooled() throws {
    let even = try #require(study.unpooled(.even))
    #expect(even.pooledCorrect == 9821 && even.sourceCorrect == 4990 && even.images == 4926)
    #expect(percent(even.accuracy.percent) == "98.07" && even.correct == 4831)
    let odd = try #require(study.unpooled(.odd))
    #expect(odd.pooledCorrect == 9806 && odd.sourceCorrect == 4855 && odd.images == 5074)
    #expect(percent(odd.accuracy.percent) == "97.58" && odd.correct == 4951)
  }

  @Test("every claim has a name, a text and a place")
  func claims() {
    #expect(study.claims.count == 8 && Set(study.claims.map(\.id)).count == 8)
    #expect(study.claims.allSatisfy { !$0.claim.isEmpty && !$0.place.isEmpty })
  }

  @Test(
    "a file that lacks something is named",
    arguments: [
      ("{}", "published.json: no test_images, table, table_by_share, matrices or claims"),
      (
        #"{"test_images":{},"table":{},"table_by_share":{},"matrices":{"report":{"x":[[1]]}},"claims":[]}"#,
        "published.json: no 5 x 5 matrix x"
      ),
    ])
  func broken(text: String, error: String) throws {
    let json = try JSON(parsing: text)
    #expect(errorText { try PublishedPaper(json) } == error)
  }
}
