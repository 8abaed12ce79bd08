import Foundation
import GraftData
import GraftFiles
import Testing

@Suite("Answers to folders of pictures, lists and tables")
struct PredictFolderTests {
  private let folder: TemporaryFolder
  private var model: String { folder.file("colours.safetensors") }

  /// Photographs of two classes, greenish and reddish ones, of several sizes.
  init() throws {
    folder = try TemporaryFolder()
    for part in ["train", "test"] {
      for (label, name) in ["leaf", "rose"].enumerated() {
        for index in 0..<12 {
          try write("photos/\(part)/\(name)/\(index).png", label: label, index: index)
        }
      }
    }
    let trained = try Program.run([
      "train", "--data", folder.file("photos"), "--size", "8", "--model", "softmax", "--epochs", "30", "--quiet",
      "--out",
      model,
    ])
    try #require(trained.code == 0, "\(trained.errors)")
  }

  private func write(_ name: String, label: Int, index: Int) throws {
    let (height, width) = (10 + index, 17 - index % 6)
    let samples = (0..<height * width).flatMap { pixel -> [UInt8] in
      let noise = UInt8((pixel * 31 + index * 7) % 60)
      return label == 0 ? [noise, 150 + noise, 30] : [150 + noise, noise, 30]
    }
    try AtomicFile.write(
      PNGImage(width: width, height: height, colors: samples).encoded(), to: folder.file(name), createFolders: true)
  }

  private func lines(_ result: Program.Result) -> [Substring] { result.output.split(separator: "\n") }

  @Test("a folder's pictures of any size are answered in the order of their names, on any number of cores")
  func folders() throws {
    defer { folder.remove() }
    let test = folder.file("photos/test")
    let one = try Program.run(["predict", model, test, "--threads", "1"])
    try #require(one.code == 0 && one.errors.isEmpty, "\(one.errors)")
    let names = lines(one).map { String($0.split(separator: " ")[0].dropFirst(test.count + 1)) }
    #expect(names.count == 24 && names == names.sorted())
    #expect(lines(one).count { $0.contains("/leaf/") == $0.contains(".png  leaf ") } == 24)
    #expect(try Program.run(["predict", model, test, "--threads", "3"]).output == one.output)
    let listed = lines(one).reversed().map { String($0.split(separator: " ")[0]) }
    try AtomicFile.write(text: listed.joined(separator: "\r\n") + "\n\n", to: folder.file("list.txt"))
    let reversed = try Program.run(["predict", model, "--list", folder.file("list.txt")])
    #expect(reversed.code == 0 && lines(reversed) == lines(one).reversed(), "\(reversed.errors)")
  }

  @Test("--csv writes files, labels and probabilities, and for a table what Kaggle takes")
  func csv() throws {
    defer { folder.remove() }
    let path = folder.file("answers.csv")
    let files = try Program.run([
      "predict", model, folder.file("photos/test/rose"), "--csv", path, "--json", "--top", "2",
    ])
    try #require(files.code == 0, "\(files.errors)")
    let rows = String(decoding: try readFile(at: path), as: UTF8.self).split(separator: "\n")
    #expect(rows.count == 13 && rows[0] == "file,label,probability" && rows[1].contains("/rose/0.png,rose,"))
    let images = try #require(try JSON(parsing: files.output)["images"]?.array)
    #expect(images.allSatisfy { $0["classes"]?.array?.count == 2 })
    // One line for each image of 8 x 8 in three planes.
    let pixels = [0, 1].map { label in
      (0..<192).map { place in "\(place / 64 == 1 - label ? 200 : 20)" }.joined(separator: ",")
    }
    let table = folder.file("test.csv")
    let head = (0..<192).map { "pixel\($0)" }.joined(separator: ",")
    try AtomicFile.write(text: ([head] + pixels).joined(separator: "\n"), to: table)
    let submission = try Program.run(["predict", model, table, "--csv", path])
    #expect(submission.code == 0, "\(submission.errors)")
    #expect(String(decoding: try readFile(at: path), as: UTF8.self) == "ImageId,Label\n1,leaf\n2,rose\n")
  }

  @Test("bad pictures are refused by name, or left out and listed")
  func bad() throws {
    defer { folder.remove() }
    let (path, photos) = (folder.file("photos/test/leaf/1.jpg"), folder.file("photos/test"))
    try AtomicFile.write(Array("<html>".utf8), to: path)
    try AtomicFile.write(Array("notes".utf8), to: folder.file("photos/test/notes.txt"))
    let refused = try Program.run(["predict", model, photos, "--quiet"])
    #expect(refused.code == 65 && refused.output.isEmpty && refused.errorLines.count == 1)
    #expect(refused.errors.contains("leaf/1.jpg: byte 0:") && refused.errors.contains("found an HTML page"))
    #expect(refused.errors.contains("; --skip-bad leaves such pictures out and lists them"))
    let skipped = try Program.run(["predict", model, photos, "--skip-bad", "--json"])
    #expect(skipped.code == 0 && skipped.errors.contains("1 file that is no picture is passed over\n"))
    #expect(skipped.errors.contains("warning: 1 file cannot be read and is left out\nwarning: left out: \(path):"))
    let json = try JSON(parsing: skipped.output)
    #expect(json["images"]?.array?.count == 24 && json["left_out"]?.array?.count == 1)
    let nothing = try Program.run(["predict", model, path, "--skip-bad"])
    #expect(nothing.code == 65 && nothing.errors.hasSuffix("graft: error: there is no image that can be read\n"))
  }

  @Test("--explain draws three panels, and --out writes them")
  func explain() throws {
    defer { folder.remove() }
    let (photo, out) = (folder.file("photos/test/rose/3.png"), folder.file("why/rose.png"))
    let result = try Program.run(["predict", model, photo, "--explain", "--out", out])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("as the model saw it") && result.output.contains("occlusion: "))
    #expect(try readFile(at: out)[1...3].elementsEqual("PNG".utf8))
    let json = try JSON(parsing: Program.run(["predict", model, photo, "--explain", "--json"]).output)
    #expect(json["images"]?.array?[0]["explanation"]?["class"] == "rose")
    let many = try Program.run(["predict", model, folder.file("photos"), "--explain"])
    #expect(many.code == 64 && many.output.isEmpty && many.errors.contains("--explain draws at most 20 images"))
  }

  @Test("what makes no sense is refused in one line")
  func refused() throws {
    defer { folder.remove() }
    let photo = folder.file("photos/test/rose/3.png")
    for (flags, problem) in [
      ([], "name images, folders or a --list"),
      ([photo, "--fit"], "a model of images in 3 channels reads no framed digits"),
      ([photo, "--explain", "--tta", "2"], "--explain looks into one checkpoint and one view"),
      ([photo, "--out", "x.png"], "--out writes the drawings of --explain, which is missing"),
      ([photo, "--explain", "--out", "x.jpg"], "--out writes a PNG file, whose name ends in .png"),
      ([photo, "--csv", photo], "--csv is the file of an image, which would be lost"),
      ([photo, "--csv", model], "--csv is the file of the checkpoint, which would be lost"),
      ([folder.file("photos/test"), "--explain", "--out", photo], "--out is a file in the folder"),
      (["-", "--list", "-"], "standard input is either the --list or an image"),
      ([folder.file("photos/none")], "cannot read: No such file or directory"),
    ] as [([String], String)] {
      let result = try Program.run(["predict", model] + flags)
      #expect([64, 65, 66].contains(result.code) && result.errorLines.count == 1, "\(flags): \(result.errors)")
      #expect(result.errors.contains(problem), "\(flags): \(result.errors)")
    }
  }

  @Test("a model of digits keeps to pictures of its own size")
  func greys() throws {
    defer { folder.remove() }
    // The digits' own models keep to images of their size.
    try TinyDigits.write(to: folder.file("digits"))
    let digits = folder.file("digits.safetensors")
    let trained = try Program.run([
      "train", "--data", folder.file("digits"), "--model", "softmax", "--epochs", "2", "--quiet", "--out", digits,
    ])
    try #require(trained.code == 0, "\(trained.errors)")
    let result = try Program.run(["predict", digits, folder.file("photos/test/rose/3.png")])
    #expect(result.code == 65 && result.errors.contains("--fit frames pictures of any size"), "\(result.errors)")
  }
}
