import Foundation
import GraftFiles
import Testing

@Suite("Images that a model cannot read are named")
struct DoubtTests {
  private let folder: TemporaryFolder
  private var model: String { folder.file("m.safetensors") }

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
    let trained = try Program.run([
      "train", "--data", folder.path, "--model", "softmax", "--epochs", "20", "--quiet", "--out", model,
    ])
    #expect(trained.code == 0 && trained.errors.isEmpty, "\(trained.errors)")
  }

  private func write(_ name: String, _ side: Int, _ pixel: (Int, Int) -> UInt8) throws -> String {
    let pixels = (0..<side * side).map { pixel($0 / side, $0 % side) }
    try AtomicFile.write(PNGImage(width: side, height: side, pixels: pixels).encoded(), to: folder.file(name))
    return folder.file(name)
  }

  /// The bar that is class 3, on paper of another brightness.
  private func bar(_ row: Int, _ column: Int) -> Bool { row / 2 == 5 && (5..<24).contains(column) }

  @Test("dark ink on bright paper is noticed, and --invert turns it around")
  func darkInk() throws {
    defer { folder.remove() }
    let dark = try write("dark.png", 28) { bar($0, $1) ? 30 : 235 }
    let plain = try Program.run(["predict", model, dark])
    #expect(plain.code == 0 && plain.errorLines.count == 1)
    #expect(plain.errors.hasPrefix("warning: \(dark): it looks like dark ink on bright paper"), "\(plain.errors)")
    #expect(plain.errors.contains("--invert") && plain.errors.contains("--fit"))
    let turned = try Program.run(["predict", model, dark, "--invert"])
    #expect(turned.errors.isEmpty && turned.output.contains("dark.png  3 "), "\(turned.output)\(turned.errors)")
    let usual = try write("usual.png", 28) { bar($0, $1) ? 200 : 0 }
    #expect(try Program.run(["predict", model, usual]).errors.isEmpty)
    #expect(try Program.run(["predict", model, usual, "--invert"]).errors.contains("--invert turned it around"))
    let json = try JSON(parsing: Program.run(["predict", model, dark, usual, "--json"]).output)
    let warnings = try #require(json["images"]?.array).map { $0["warnings"]?.array?.map { $0["kind"]?.string } }
    #expect(warnings == [["dark-ink"], []])
  }

  @Test("an empty sheet gets a warning and no answer; what the model saw can be shown")
  func emptySheet() throws {
    defer { folder.remove() }
    let empty = try write("empty.png", 90) { row, _ in UInt8(230 - row / 2) }
    let drawn = try write("drawn.png", 90) { row, column in
      (30..<60).contains(row) && (40..<48).contains(column) ? 20 : UInt8(230 - row / 2)
    }
    let result = try Program.run(["predict", model, empty, drawn, "--fit", "--show"])
    #expect(result.code == 0)
    #expect(result.errors == "warning: \(empty): nothing is drawn on it that stands out from its paper\n")
    #expect(result.output.contains("empty.png  -\n") && result.output.contains("%%%"), "\(result.output)")
    let images = try #require(
      try JSON(parsing: Program.run(["predict", model, empty, drawn, "--fit", "--json"]).output)["images"]?.array)
    #expect(images.map { $0["classes"]?.array?.count } == [0, 1])
    let seen = try #require(images[1]["seen"]?.array)
    #expect(seen.count == 28 && seen.allSatisfy { $0.array?.count == 28 })
    #expect(seen.contains { $0.array?.contains { $0.int == 255 } == true })
  }

  @Test("images of one value and images that are nearly black are said, with what the largest pixel is")
  func blackImages() throws {
    defer { folder.remove() }
    let grey = try write("grey.png", 28) { _, _ in 90 }
    let faint = try write("faint.png", 28) { bar($0, $1) ? 1 : 0 }
    let result = try Program.run(["predict", model, grey, faint])
    #expect(result.code == 0 && result.errorLines.count == 2)
    #expect(result.errors.contains("grey.png: all its pixels are 90"), "\(result.errors)")
    #expect(result.errors.contains("pixels must be 0 to 255, and the largest is 1\n"), "\(result.errors)")
    // A data set that was divided by 255, to train on and to measure on.
    for name in ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"] {
      let path = folder.file(name)
      let bytes = try readFile(at: path)
      try AtomicFile.write(bytes[..<16] + bytes[16...].map { $0 / 150 }, to: path)
    }
    for command in [["train", "--epochs", "1", "--out", folder.file("n"), "--quiet"], ["evaluate", model, "--quiet"]] {
      let result = try Program.run(command + ["--data", folder.path])
      #expect(result.code == 0)
      #expect(
        result.errors.contains("the test images of") && result.errors.contains("and the largest is 1\n"),
        "\(result.errors)")
    }
  }
}
