import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftPictures
import GraftTraining
import Testing

@testable import GraftReporting

@Suite("Reports of answers to images")
struct PredictionReportTests {
  private static let plain = Terminal(environment: [:], isTerminal: false, columns: nil)
  private static let shape = ImageShape(channels: 3, height: 4, width: 4)

  private func report(
    _ images: [(ImageInput, [Float])], top: Int = 1, shape: ImageShape = shape, isDrawn: Bool = false
  ) -> PredictionReport {
    var report = PredictionReport(classNames: ["a", "b", "=c", "d"], top: top, shape: shape, isDrawn: isDrawn)
    for (image, probabilities) in images { report.add(image, probabilities: probabilities) }
    return report
  }

  private func image(_ name: String, row: Int? = nil, doubts: [ImageDoubt] = []) -> ImageInput {
    ImageInput(name: name, pixels: (0..<48).map { UInt8($0 * 5) }, doubts: doubts, row: row)
  }

  @Test("the most likely classes come first, of equals the first output")
  func ranking() {
    let probabilities: [Float] = [0.2, 0.3, 0.2, 0.3]
    for (top, expected) in [
      (1, "x  b 30.00 %\n"), (2, "x  b 30.00 %  d 30.00 %\n"), (3, "x  b 30.00 %  d 30.00 %  a 20.00 %\n"),
      (9, "x  b 30.00 %  d 30.00 %  a 20.00 %  =c 20.00 %\n"),
    ] {
      #expect(report([(image("x"), probabilities)], top: top).text(for: Self.plain) == expected)
    }
    let nothing = report([(image("x", doubts: [.nothingDrawn]), probabilities)])
    #expect(nothing.text(for: Self.plain) == "x  -\n" && nothing.csv == "file,label,probability\nx,,\n")
  }

  @Test("a table's answers are a submission for Kaggle, others have their files' names")
  func csv() {
    let (first, second): ([Float], [Float]) = ([0.1, 0.7, 0.1, 0.1], [0, 0.25, 0.75, 0])
    let table = report([(image("t[0]", row: 0), first), (image("t[1]", row: 1), second)])
    #expect(table.csv == "ImageId,Label\n1,b\n2,'=c\n")
    // The numbers of a second table begin again.
    let tables = report([(image("t", row: 0), first), (image("u", row: 0), second)])
    #expect(tables.csv == "file,label,probability\nt,b,0.7\nu,'=c,0.75\n")
    let files = report([(image("a,\"b\".png"), first), (image("-x.png"), second), (image("-1"), first)])
    #expect(
      files.csv == "file,label,probability\n\"a,\"\"b\"\".png\",b,0.7\n'-x.png,'=c,0.75\n-1,b,0.7\n")
  }

  @Test("parts come together, with their drawings or without")
  func parts() throws {
    let part = report([(image("x"), [1, 0, 0, 0])], isDrawn: true)
    for keeps in [true, false] {
      var all = report([])
      all.add(part, keepsDrawings: keeps)
      all.add(part, keepsDrawings: keeps)
      let images = try #require(all.json()["images"]?.array)
      #expect(images.count == 2 && images[1]["image"] == "x")
      #expect((images[0]["seen"] != nil) == keeps)
    }
    let seen = try #require(part.json()["images"]?.array?.first?["seen"]?.array)
    #expect(seen.count == 3 && seen[1].array?.count == 4 && seen[1].array?[2].array?[3] == 135)
    let leftOut = part.json(leftOut: [FormatError(path: "y", problem: "bad")])
    #expect(leftOut["left_out"] == ["y: bad"] && part.json()["left_out"] == nil)
  }

  @Test("images are drawn as wide as the terminal has room for, in colour if it shows colours")
  func drawings() {
    let shape = ImageShape(channels: 3, height: 60, width: 200)
    let wide = ImageInput(name: "x", pixels: [UInt8](repeating: 200, count: shape.count))
    let drawn = report([(wide, [1, 0, 0, 0])], shape: shape, isDrawn: true)
    let narrow = Terminal(environment: [:], isTerminal: true, columns: 50)
    let lines = drawn.text(for: narrow).split(separator: "\n")
    #expect(lines.count == 9 && lines[0] == "x  a 100.00 %" && lines.dropFirst().allSatisfy { $0.count == 50 })
    let colors = Terminal(environment: ["COLORTERM": "truecolor"], isTerminal: true, columns: 50)
    #expect(drawn.text(for: colors).contains("\u{1B}[38;2;200;200;200;48;2;200;200;200m▀"))
  }

  @Test("an explanation has three panels, in characters, numbers and a picture", arguments: [1, 3])
  func explanation(channels: Int) throws {
    let shape = ImageShape(channels: channels, height: 20, width: 10)
    let checkpoint = Checkpoint(
      model: Model(Architecture(hiddenUnits: [5]), inputShape: shape, classCount: 4, seed: 3),
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: ["a", "b", "=c", "d"]))
    let pixels = (0..<shape.count).map { UInt8($0 * 7 % 256) }
    let explanation = try Explanation(of: pixels, by: checkpoint)
    var report = PredictionReport(classNames: checkpoint.outputs.names, top: 1, shape: shape)
    for name in ["x", "y"] {
      report.add(
        ImageInput(name: name, pixels: pixels), probabilities: [0.4, 0.3, 0.2, 0.1], explanation: explanation)
    }
    let text = report.text(for: Self.plain)
    #expect(text.contains("\nas the model saw it  gradient x input  occlusion\n"), "\(text)")
    #expect(text.contains("occlusion: "))
    let json = try #require(report.json()["images"]?.array?.first?["explanation"])
    #expect(json["gradient_x_input"]?.array?.count == 20 && json["gradient_x_input"]?.array?[0].array?.count == 10)
    #expect(json["occlusion"]?["side"] == 2 && json["occlusion"]?["falls"]?.array?.count == 19)
    let sheet = try #require(report.explanationSheet)
    // Two rows of three panels, each pixel 11 x 11 times, on white paper of 8 pixels.
    #expect(sheet.width == 8 + 3 * (110 + 8) && sheet.height == 8 + 2 * (220 + 8))
    let picture = try PictureReader(sheet.encoded()).decoded()
    func sample(_ row: Int, _ column: Int) -> [UInt8] {
      Array(picture.samples[(row * sheet.width + column) * 3..<(row * sheet.width + column) * 3 + 3])
    }
    #expect(sample(0, 0) == [255, 255, 255])
    let last = (0..<3).map { pixels[channels == 1 ? 199 : $0 * 200 + 199] }
    #expect(sample(8 + 219, 8 + 109) == last)
    // The glow is red before it is yellow, and yellow before it is white.
    let heat = (0..<220).flatMap { row in stride(from: 0, to: 110, by: 11).map { sample(8 + row, 126 + $0) } }
    #expect(heat.allSatisfy { ($0[2] == 0 || $0[1] == 255) && ($0[1] == 0 || $0[0] == 255) })
    #expect(heat.contains { $0[0] == 255 })
  }

  @Test("a network that averages its last maps has a fourth panel")
  func classActivation() throws {
    let shape = ImageShape(channels: 3, height: 8, width: 12)
    let checkpoint = Checkpoint(
      model: Model(try Architecture(parsing: "cnn:4c3p1-p2-4c3p1b-p2"), inputShape: shape, classCount: 2, seed: 3),
      outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["a", "b"]))
    let averaging = Checkpoint(
      model: Model(
        try Architecture(parsing: "cnn:4c3p1-p2-4c3p1b-a"), inputShape: ImageShape(channels: 3, height: 8, width: 8),
        classCount: 2, seed: 3), outputs: checkpoint.outputs)
    for (checkpoint, panels) in [(checkpoint, 3), (averaging, 4)] {
      let shape = checkpoint.model.inputShape
      let pixels = (0..<shape.count).map { UInt8($0 * 7 % 256) }
      var report = PredictionReport(classNames: ["a", "b"], top: 1, shape: shape)
      report.add(
        ImageInput(name: "x", pixels: pixels), probabilities: [0.6, 0.4],
        explanation: try Explanation(of: pixels, by: checkpoint))
      #expect(report.text(for: Self.plain).contains("class activation") == (panels == 4))
      let explanation = try #require(report.json()["images"]?.array?.first?["explanation"])
      #expect(explanation["class_activation"]?.array?.count == (panels == 4 ? 4 : nil))
      let sheet = try #require(report.explanationSheet)
      let factor = 224 / max(shape.height, shape.width)
      #expect(sheet.width == 8 + panels * (factor * shape.width + 8))
    }
  }

  @Test("a large image is scaled down for the picture")
  func largeImage() throws {
    let shape = ImageShape(height: 16, width: 1000)
    let checkpoint = Checkpoint(
      model: Model(Architecture(hiddenUnits: []), inputShape: shape, classCount: 2, seed: 3),
      outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["a", "b"]))
    let pixels = [UInt8](repeating: 90, count: shape.count)
    var report = PredictionReport(classNames: ["a", "b"], top: 1, shape: shape)
    report.add(
      ImageInput(name: "x", pixels: pixels), probabilities: [1, 0],
      explanation: try Explanation(of: pixels, by: checkpoint))
    let sheet = try #require(report.explanationSheet)
    #expect(sheet.width == 8 + 3 * (384 + 8) && sheet.height == 8 + 6 + 8)
    let nothing = PredictionReport(classNames: ["a"], top: 1, shape: shape)
    #expect(nothing.explanationSheet == nil)
  }
}
