import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@testable import GraftReporting

@Suite struct PageTests {
  static let hostile = "</script><img src=x onerror=alert(1)>\"'&"
  static let harmless = "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"

  /// Four classes of images of 28 x 28, each a bar at a height of its own.
  private static let test: Dataset = {
    var pixels: [UInt8] = []
    let labels = (0..<40).map { $0 % 4 }
    for (index, label) in labels.enumerated() {
      for row in 0..<28 {
        for column in 0..<28 { pixels.append(row / 7 == label ? 200 : UInt8((index * column) % 9)) }
      }
    }
    return Dataset(
      name: "bars", shape: .mnist, classNames: ["a", "b", "<c>", PageTests.hostile], pixels: pixels, labels: labels)
  }()

  private static func checkpoint(_ text: String, seed: UInt64 = 1) throws -> Checkpoint {
    let outputs = ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: test.classNames)
    return Checkpoint(
      model: Model(try Architecture(parsing: text), inputShape: .mnist, classCount: 4, seed: seed),
      normalization: Normalization(mean: 0.1, deviation: 0.3), outputs: outputs, record: JSON.Object())
  }

  private static func page(_ text: String = "mlp:12") throws -> Page {
    var page = try RunPage(
      title: PageTests.hostile, try checkpoint(text), test: test, classes: [0, 1, 2, 3], threads: 1)
    page.source = ("before", try checkpoint(text, seed: 2))
    page.verdict = PageTests.hostile
    page.facts = [(PageTests.hostile, PageTests.hostile)]
    return page.page
  }

  /// Every element is closed in order; void ones are not.
  static func isBalanced(_ source: String) -> Bool {
    let void: Set<Substring> = ["br", "hr", "img", "input", "meta", "!doctype"]
    var open: [Substring] = []
    var rest = source[...]
    while let start = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: start)...]
      if let last = open.last, last == "script" || last == "style", !rest.hasPrefix("/\(last)") { continue }
      guard let end = rest.firstIndex(of: ">") else { return false }
      let tag = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
        if !void.contains(name), !tag.hasSuffix("/") { open.append(name) }
      }
    }
    return open.isEmpty
  }

  @Test func isOneWholeFileThatAsksForNothing() throws {
    let source = try Self.page().source
    #expect(source.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
    #expect(Self.isBalanced(source))
    // The name space of SVG is no address that anybody opens.
    let addresses = source.replacing("http://www.w3.org/2000/svg", with: "")
    #expect(!addresses.contains("http:") && !addresses.contains("https:") && !addresses.contains("@import"))
    #expect(source.contains("default-src &#39;none&#39;"))
    #expect(try Self.page().source == source)
  }

  @Test func namesFromUsersShowAsText() throws {
    let source = try Self.page().source
    #expect(!source.contains("<img src=x") && !source.contains("<c>"))
    #expect(source.contains("<h1>\(PageTests.harmless)</h1>"))
    // Data sets have them too: in buttons, images and the data of the scripts.
    #expect(source.components(separatedBy: PageTests.harmless).count > 8)
    #expect(source.contains("\\u003c/script\\u003e"))
  }

  @Test("a study's page has its charts, and says where its figures come from", arguments: [false, true])
  func studies(bothWays: Bool) throws {
    let result = try InventedStudy.result(bothWays: bothWays)
    let source = StudyPage(result, sources: [], test: nil, version: "1", threads: 1).page.source
    #expect(Self.isBalanced(source))
    for title in ["Accuracy by number of labels", "Gain over training from scratch", "Worth in labels", "All "] {
      #expect(source.contains(title))
    }
    #expect(!source.contains("id=\"draw-digit\""))
    let synthetic = try InventedStudy.result(name: "synthetic")
    #expect(
      StudyPage(synthetic, sources: [], test: nil, version: "1", threads: 1).page.source.contains("class=\"banner\""))
  }

  @Test func rankings() throws {
    let source = StudyPage(try InventedStudy.ranking(), sources: [], test: nil, version: "1", threads: 1).page.source
    #expect(Self.isBalanced(source) && source.contains("Which source for"))
  }

  // MARK: - Matrices

  @Test("every wrong answer is in its cell, and of the right ones a sample")
  func matrices() throws {
    let images = PageTestImages(dataset: Self.test)
    let answers = try images.answers(of: try Self.checkpoint("softmax"), classes: [0, 1, 2, 3], threads: 1)
    var assets = PageAssets()
    let matrix = PageMatrix(title: "t", answers, also: [0, 1, 2, 3])
    let html = matrix.html(showing: images, in: &assets).source
    let data = try #require(assets.json["matrices"]?.array?.first)
    var shown: Set<Int> = []
    for row in 0..<4 {
      for column in 0..<4 {
        let count = answers.confusion.counts[row][column]
        let entries = data["cells"]?["\(row),\(column)"]?.array ?? []
        #expect(entries.count == (row == column ? min(count, PageMatrix.sampleSize) : count))
        #expect(html.contains("data-cell=\"0,\(row),\(column)\"") == (count > 0))
        for entry in entries {
          let number = try #require(entry.array?.first?.int)
          shown.insert(number)
          #expect(Int(Self.test.labels[number]) == row && answers.predictions[number] == column)
          let probability = try #require(entry.array?.last?.double)
          #expect(abs(probability - Double(answers.sureness(number) ?? 0)) < 1e-4)
        }
      }
    }
    #expect(assets.json["images"]?.array?.count == shown.count)
  }

  @Test func somebodyElsesMatrixHasNoButtons() {
    let html = PageMatrix(title: "t", subtitle: "", counts: [[5, 1], [0, 7]], classNames: ["x", "y"]).html.source
    #expect(!html.contains("<button") && html.contains(">5<") && html.contains("<td>0</td>"))
  }

  // MARK: - Models

  @Test("weights are rounded to halves, what that changes is measured, and equal ones are there once")
  func embedding() throws {
    let checkpoint = try Self.checkpoint("cnn:4c3p1b-p2-6")
    let model = try #require(EmbeddedModel(checkpoint, name: "m"))
    let values = model.rounded.model.parameters.slices.flatMap(model.rounded.model.parameters.values)
    #expect(values.allSatisfy { HalfPrecision.single(HalfPrecision.bits(of: $0)) == $0 })
    let difference = model.difference(on: Self.test.pixels, threads: 1)
    #expect(difference.images == 40 && difference.largest > 0 && difference.largest < 2e-3)
    var assets = PageAssets()
    #expect(model.embed(in: &assets) == 0)
    let bytes = assets.weightBytes
    #expect(model.embed(in: &assets) == 1 && assets.weightBytes == bytes)
    #expect(bytes >= 2 * values.count * 4 / 3 && bytes < 2 * values.count * 4 / 3 + 100)
    let layers = try #require(assets.json["models"]?.array?.first?["layers"]?.array)
    #expect(layers.map { $0["kind"]?.string } == ["convolution", "linear", "linear"])
    #expect(
      layers[0]["pool"]?["size"]?.int == 2 && layers[0]["padding"]?.int == 1
        && layers[2]["function"]?.string == "identity")
  }

  @Test func theMistakesComeSurestFirst() throws {
    let images = PageTestImages(dataset: Self.test)
    let answers = try images.answers(of: try Self.checkpoint("mlp:6"), classes: [0, 1, 2, 3], threads: 1)
    let mistakes = answers.mistakes
    #expect(mistakes.count == 40 - answers.confusion.correct)
    #expect(zip(mistakes, mistakes.dropFirst()).allSatisfy { $0.sureness >= $1.sureness })
  }
}
