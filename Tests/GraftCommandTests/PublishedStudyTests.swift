import Foundation
import GraftData
import GraftFiles
import Testing

@Suite("A study and scores of a published body, on pictures of one's own")
struct PublishedStudyTests {
  private let folder: TemporaryFolder
  private var body: String { folder.file("body.safetensors") }
  private var photos: String { folder.file("photos") }

  /// Greenish and reddish pictures, and a small body that was trained on them for one epoch.
  init() throws {
    folder = try TemporaryFolder()
    for part in ["train", "test"] {
      for (label, name) in ["leaf", "rose"].enumerated() {
        for index in 0..<8 {
          let samples = (0..<20 * 24).flatMap { pixel -> [UInt8] in
            let noise = UInt8((pixel * 31 + index * 7 + (part == "test" ? 3 : 0)) % 60)
            return label == 0 ? [noise, 150 + noise, 30] : [150 + noise, noise, 30]
          }
          try AtomicFile.write(
            PNGImage(width: 24, height: 20, colors: samples).encoded(),
            to: folder.file("photos/\(part)/\(name)/\(index).png"), createFolders: true)
        }
      }
    }
    let trained = try Program.run([
      "train", "--data", photos, "--size", "16", "--model", "resnet9", "--epochs", "1", "--quiet", "--out", body,
    ])
    try #require(trained.code == 0, "\(trained.errors)")
  }

  private func study(_ more: String...) throws -> Program.Result {
    try Program.run(
      [
        "study", "--from", body, "--target", photos, "--store", folder.file("s.sqlite"), "--out", folder.file("out"),
        "--head", "reset",
      ] + more)
  }

  @Test("a folder alone is all its classes, and both controls are in the table, in words and in the page")
  func tables() throws {
    defer { folder.remove() }
    let plan = try study("--per-class", "1,3", "--seeds", "2", "--dry-run")
    #expect(plan.code == 0 && plan.output.contains("methods: scratch, random-frozen, frozen"), "\(plan.errors)")
    #expect(plan.output.contains("- scratch: cnn:16c3p1b") && plan.output.contains("Estimated time:"))
    let first = try study("--per-class", "1,3", "--seeds", "2", "--json")
    try #require(first.code == 0, "\(first.errors)")
    let document = try JSON(parsing: first.output)
    // The body has learnt these classes: as it stands, it can answer too.
    let methods = try #require(document["rows"]?.array).compactMap { $0["method"]?.string }
    #expect(
      methods == ["scratch", "random-frozen", "frozen", "untouched", "scratch", "random-frozen", "frozen", "untouched"])
    let contrasts = try #require(document["contrasts"]?.array)
    #expect(
      contrasts.count { $0["first"]?.string == "frozen" && $0["second"]?.string == "random-frozen" } == 2)
    #expect(document["pairs"]?.array?[0]["scratch"]?["shape"]?.string == "3x16x16")
    let text = try String(decoding: readFile(at: folder.file("out/study.md")), as: UTF8.self)
    #expect(text.contains("Two controls.") && text.contains("Cross-validated on each seed's own labelled images"))
    let page = try String(decoding: readFile(at: folder.file("out/report.html")), as: UTF8.self)
    #expect(page.contains("a small network from fresh weights on the same labelled pictures"))
    // A second call trains nothing, and the page can be made again from the store.
    let second = try study("--per-class", "1,3", "--seeds", "2")
    #expect(second.errors.contains("trials, all in the store"), "\(second.errors)")
    let again = try Program.run(["report", folder.file("out"), "--out", folder.file("again.html")])
    #expect(again.code == 0, "\(again.errors)")
  }

  @Test("what cannot be is refused in one line")
  func refused() throws {
    defer { folder.remove() }
    for (more, code, text) in [
      (["--per-class", "9"], 64, "class leaf has 8"), (["--target", folder.file("none")], 66, "none"),
      (["--target", "synthetic:0,1"], 65, "the model reads images of 3x16x16"),
    ] as [([String], Int32, String)] {
      let result = try Program.run(
        ["study", "--from", body, "--store", folder.file("s.sqlite"), "--out", folder.file("out"), "--quiet"]
          + (more.contains("--target") ? [] : ["--target", photos]) + more)
      #expect(result.code == code && result.errors.contains(text), "\(result.code) \(result.errors)")
      #expect(result.errors.split(separator: "\n").count { $0.hasPrefix("graft: error") } == 1)
    }
  }

  @Test("bodies of several sizes are scored on the same pictures, each as it reads them")
  func scores() throws {
    defer { folder.remove() }
    let small = folder.file("small.safetensors")
    let trained = try Program.run([
      "train", "--data", photos, "--size", "8", "--model", "softmax", "--epochs", "5", "--quiet", "--out", small,
    ])
    try #require(trained.code == 0, "\(trained.errors)")
    func score(_ more: String...) throws -> Program.Result {
      try Program.run(
        ["score", body, small, "--data", photos, "--classes", "all", "--per-class", "3", "--json"] + more)
    }
    let one = try score("--threads", "1")
    try #require(one.code == 0, "\(one.errors)")
    let document = try JSON(parsing: one.output)
    #expect(document["images"]?.int == 6)
    for checkpoint in try #require(document["checkpoints"]?.array) {
      for name in ["leep", "nce", "logme", "h-score", "nearest-mean"] {
        #expect(checkpoint[name]?.double != nil, "\(name)")
      }
    }
    #expect(try score("--threads", "3").output == one.output)
  }
}
