import Foundation
import GraftFiles
import Testing

@Suite("The images of a data set")
struct DataShowTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
  }

  private func show(_ flags: String..., environment: [String: String] = [:]) throws -> Program.Result {
    try Program.run(["data", "show", folder.path] + flags, environment: environment)
  }

  /// Width and height in the header of a PNG file.
  private func size(of path: String) throws -> [Int] {
    let bytes = try readFile(at: path)
    try #require(bytes.count > 24 && bytes[1...3].elementsEqual("PNG".utf8))
    return [16, 20].map { start in bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
  }

  @Test("--out writes a sheet of them instead of drawing them")
  func sheet() throws {
    defer { folder.remove() }
    let path = folder.file("sheets/digits.png")
    let result = try show("--images", "2", "--out", path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("training  40") && result.output.hasSuffix("images: \(path)\n"))
    #expect(!result.output.contains("(image 0)"))
    // Ten classes of two images each, three classes side by side, each image twice as large.
    #expect(try size(of: path) == [4 + 6 * 60, 4 + 4 * 60])
    let other = folder.file("sheets/augmented.png")
    let augmented = try show("--augment", "flip=0.5,shift=2", "--out", other, "--json")
    #expect(augmented.code == 0 && augmented.output.contains("shift=2,flip=0.5"), "\(augmented.errors)")
    #expect(try size(of: other) == [4 + 6 * 60, 4 + 5 * 60])
  }

  @Test("what cannot be written or drawn is refused in one line")
  func refused() throws {
    defer { folder.remove() }
    try AtomicFile.write(text: "precious", to: folder.file("mine.png"))
    for (flags, problem) in [
      (["--out", "x.jpg"], "--out writes a PNG file, whose name ends in .png"),
      (["--out", "x.png", "--images", "0"], "--out and --images 0 exclude each other"),
      (["--out", folder.file("mine.png")], "--out is a file in the folder of the data, which would be lost"),
      (["--augment", "hue=0.1"], "hue changes colours, and these images have 1 channel instead of three"),
      (["--augment", "erase=40"], "erase reaches further than the images, which are 28 x 28; at most 28 is possible"),
    ] {
      let result = try Program.run(["data", "show", folder.path] + flags)
      #expect(result.code == 64 && result.output.isEmpty, "\(result.errors)")
      #expect(result.errorLines.last?.contains(problem) == true, "\(result.errors)")
    }
    #expect(try readFile(at: folder.file("mine.png")) == Array("precious".utf8))
  }

  @Test("text that goes to no terminal has no colours")
  func noTerminal() throws {
    defer { folder.remove() }
    let result = try show(environment: ["COLORTERM": "truecolor", "TERM": "xterm-256color"])
    #expect(result.code == 0 && result.output.contains("(image 0)") && !result.output.contains("\u{1B}"))
  }
}
