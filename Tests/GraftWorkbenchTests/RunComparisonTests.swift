import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Two runs on the same images")
struct RunComparisonTests {
  static let labels: [Int] = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3]
  static let testSet = TestSet(digest: "abc", labels: labels, classNames: (0..<4).map { "class \($0)" })

  private func run(
    _ name: String, _ answers: [Int], _ settings: JSON = [:], digest: String = "abc"
  ) -> ComparedRun {
    ComparedRun(name: name, settings: settings.object ?? JSON.Object(), testDigest: digest, answers: answers)
  }

  /// Right about all but the images that are named, which get the other class.
  private func answers(wrong: [Int], as answer: Int? = nil) -> [Int] {
    Self.labels.enumerated().map { wrong.contains($0) ? answer ?? 4 - $1 : $1 }
  }

  @Test("images that both answer differently, and which of them only one gets right")
  func flips() throws {
    // Image 0: only the second is right. 1, 2, 3: only the first. 4: both wrong, differently. 5: both wrong, alike.
    var second = answers(wrong: [1, 2, 3, 4, 5])
    second[4] = 0
    let found = try RunComparison(
      run("a", answers(wrong: [0, 4, 5])), run("b", second), on: Self.testSet)
    #expect(found.images == 10 && found.firstCorrect == 7 && found.secondCorrect == 5)
    #expect(found.firstAccuracy.percent == 70 && found.secondAccuracy.percent == 50)
    #expect(found.test == McNemar(firstOnly: 3, secondOnly: 1))
    #expect(found.flips.map(\.image) == [0, 1, 2, 3, 4])
    #expect(
      found.flips.map { [$0.label, $0.first, $0.second] } == [
        [1, 3, 1], [3, 3, 1], [1, 1, 3], [3, 3, 1], [1, 3, 0],
      ])
    #expect(!found.flips[0].isFirstRight && found.flips[0].isSecondRight)
    #expect(!found.flips[4].isFirstRight && !found.flips[4].isSecondRight)
    #expect(found.flips.count { $0.isFirstRight } == 3 && found.classNames.count == 4)
    #expect(found.gainOverImages.contains(-20) && found.gainOverImages.low < -30 && found.gainOverImages.high > 0)
    #expect(found.words.hasPrefix("no difference that these images could show (-20.00 points, 95 % over images -"))
    #expect(found.words.hasSuffix("; exact McNemar p = 0.6250: 3 images only the first gets right, 1 only the second)"))
  }

  @Test("turned round, everything has the other sign")
  func mirrored() throws {
    let (one, other) = (run("a", answers(wrong: [0, 1, 2])), run("b", answers(wrong: [2])))
    let there = try RunComparison(one, other, on: Self.testSet)
    let back = try RunComparison(other, one, on: Self.testSet)
    #expect(there.test == McNemar(firstOnly: 0, secondOnly: 2) && back.test == McNemar(firstOnly: 2, secondOnly: 0))
    #expect(there.gainOverImages.low == -back.gainOverImages.high && there.flips.count == back.flips.count)
  }

  @Test("a difference that the images show is said to be one")
  func difference() throws {
    let labels = [Int](repeating: 2, count: 100)
    let testSet = TestSet(digest: "abc", labels: labels, classNames: (0..<4).map { "class \($0)" })
    let good = run("good", labels)
    let bad = run("bad", labels.indices.map { $0 < 20 ? 1 : 2 })
    let better = try RunComparison(bad, good, on: testSet)
    #expect(better.words.hasPrefix("the second is better (+20.00 points, 95 % over images +"))
    #expect(try RunComparison(good, bad, on: testSet).words.hasPrefix("the first is better (-20.00 points"))
    let same = try RunComparison(good, good, on: testSet)
    #expect(same.flips.isEmpty && same.differences.isEmpty && same.test.pValue == 1)
    #expect(same.words.hasPrefix("no difference"))
  }

  @Test("the settings that differ, by their paths, those of one run only too")
  func settings() throws {
    let all = answers(wrong: [])
    let found = try RunComparison(
      run("a", all, ["method": "frozen", "settings": ["rate": 0.1, "epochs": 8], "layers": [784, 5], "only": true]),
      run("b", all, ["method": "frozen", "settings": ["rate": 0.2, "epochs": 8, "decay": 0.5], "layers": [784, 6]]),
      on: Self.testSet)
    #expect(found.differences.map(\.key) == ["settings.rate", "layers", "only", "settings.decay"])
    #expect(found.differences.map(\.first) == ["0.1", "[784,5]", "true", nil])
    #expect(found.differences.map(\.second) == ["0.2", "[784,6]", nil, "0.5"])
  }

  @Test("runs on other test images are not compared")
  func otherTestSet() throws {
    let all = answers(wrong: [])
    for (one, two) in [("abc", "xyz"), ("xyz", "abc"), ("xyz", "xyz")] {
      let error = try #require(throws: GraftFailure.self) {
        try RunComparison(run("a", all, digest: one), run("b", all, digest: two), on: Self.testSet)
      }
      #expect(error.kind == .usage && error.description == "a and b were not measured on the same test images")
    }
  }

  @Test("a run that does not answer every image is not compared")
  func missingAnswers() throws {
    let all = answers(wrong: [])
    for (one, two) in [(all, all.dropLast()), (all.dropLast(), all), ([], []), (all + [1], all)] {
      let error = try #require(throws: GraftFailure.self) {
        try RunComparison(run("a", Array(one)), run("b", Array(two)), on: Self.testSet)
      }
      #expect(error.kind == .badData)
      #expect(error.description == "a or b has no answer for each of the 10 test images")
    }
    let empty = TestSet(digest: "abc", labels: [], classNames: [])
    #expect(throws: GraftFailure.self) { try RunComparison(run("a", []), run("b", []), on: empty) }
  }

  @Test("a trial is compared by everything that decided it, under the beginning of its id")
  func trials() throws {
    let rows = try StudyRunTests.whole().rows
    let records = rows.filter { $0.method == .frozen || $0.method == .fineTune }.map { $0.records[0] }
    let runs = records.map(ComparedRun.init)
    #expect(runs[0].name == records[0].id.prefix(12) && runs[0].answers == records[0].outcome.answers)
    let found = try RunComparison(runs[0], runs[1], on: SmallStudy.domain("odd").testSet)
    #expect(found.differences.map { [$0.key, $0.first, $0.second] } == [["method", "frozen", "fine-tune"]])
    #expect(found.firstCorrect == records[0].outcome.correct && found.secondCorrect == records[1].outcome.correct)
  }
}
