import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import Testing

@testable import GraftReporting

@Suite("The report of a data set's health")
struct DatasetCheckReportTests {
  /// Images of 2 × 2; each number is an image of its own.
  private func dataset(_ numbers: [Int], _ labels: [Int], classes: Int, channels: Int = 1) -> Dataset {
    Dataset(
      name: "own", shape: ImageShape(channels: channels, height: 2, width: 2),
      classNames: (0..<classes).map { "class \($0)" },
      pixels: numbers.flatMap { number in
        (0..<4 * channels).map { UInt8(truncatingIfNeeded: $0 == 0 ? 255 : number >> ($0 & 1 * 8) &+ $0) }
      }, labels: labels)
  }

  private func report(_ train: Dataset, _ test: Dataset) -> DatasetCheckReport {
    DatasetCheckReport(
      DatasetCheck(
        LoadedData(
          pair: DatasetPair(train: train, test: test), source: "here", fileDigests: [], notes: ["read with care"])))
  }

  @Test("a row for each of few classes, and findings with their examples")
  func text() {
    let train = dataset(Array(0..<20), (0..<20).map { $0 % 2 }, classes: 2)
    let report = report(train, dataset([100, 3, 5, 7, 9, 11, 13], [0, 1, 1, 1, 1, 1, 1], classes: 2))
    let text = report.document.terminal(width: 1000)
    #expect(text.hasPrefix("own: images of 1x2x2, from here\n\n- read with care\n\nclass    training  test\n"))
    #expect(text.contains("\nclass 1        10     6\nall            20     7\n"))
    #expect(text.contains("\ntraining         1      255"))
    #expect(
      text.contains("\n[warning] 6 of the 7 test images are training images too\n    test image 1 = training image 3;"))
    #expect(text.contains("= training image 7; and 3 more\n") && text.hasSuffix("\n1 warning\n"))
    #expect(report.verdict == "1 warning")
  }

  @Test("many classes are told by their extremes, and channels by their colours")
  func manyClasses() {
    let labels = (0..<300).map { $0 % 20 } + [0]
    let train = dataset(Array(0..<301), labels, classes: 20, channels: 3)
    let report = report(train, dataset(Array(500..<520), Array(0..<20), classes: 20, channels: 3))
    let text = report.document.terminal(width: 1000)
    #expect(
      text.contains(
        "20 classes; 301 training images, of a class 15 (\"class 1\") to 16 (\"class 0\"), 15 in the middle; "
          + "20 test images, of a class 1 (\"class 0\") to 1 (\"class 19\"), 1 in the middle\n"))
    #expect(text.contains("mean red") && text.contains("deviation red") && text.contains("blue"))
    #expect(text.hasSuffix("\nnothing wrong was found\n"))
  }

  @Test("one JSON document has all of it")
  func json() throws {
    let train = dataset(Array(0..<20), (0..<20).map { $0 % 2 }, classes: 3)
    let json = report(train, dataset([100, 3], [0, 1], classes: 3)).json
    #expect(try JSON(parsing: json.text(.pretty)) == json)
    #expect(json["schema_version"] == 1 && json["warnings"] == 1 && json["pictures"] == .null)
    let findings = try #require(json["findings"]?.array)
    #expect(findings.map { $0["kind"] } == ["shared_images", "no_images"])
    #expect(findings.map { $0["severity"] } == ["warning", "note"])
    #expect(findings[0]["examples"] == ["test image 1 = training image 3"] && findings[0]["count"] == 1)
    let parts = try #require(json["parts"]?.array)
    #expect(parts.map { $0["counts"] } == [[10, 10, 0], [1, 1, 0]] && parts[0]["largest"] == 255)
  }
}
