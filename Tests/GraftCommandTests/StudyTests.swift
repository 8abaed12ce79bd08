import Foundation
import GraftFiles
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

@Suite("Studies from the command line, on tiny data")
struct StudyTests {
  /// From 20 labels per class on nothing is rehearsed, which keeps a study short.
  private func arguments(_ folder: TemporaryFolder, _ more: [String] = []) -> [String] {
    [
      "study", "--data", folder.path, "--model", "mlp:12", "--methods", "frozen,fine-tune", "--per-class", "20,all",
      "--seeds", "2", "--store", folder.file("runs.sqlite"), "--out", folder.file("out"),
    ] + more
  }

  /// The document without what a clock decides.
  private func untimed(_ json: JSON) -> JSON {
    switch json {
    case .object(let object):
      var kept = JSON.Object()
      for member in object where !member.key.contains("seconds") { kept[member.key] = untimed(member.value) }
      return .object(kept)
    case .array(let values): return .array(values.map(untimed))
    default: return json
    }
  }

  private func rows(_ result: Program.Result) throws -> [JSON] {
    try #require(result.code == 0, "\(result.errors)")
    return try #require(untimed(JSON(parsing: result.output))["rows"]?.array)
  }

  @Test("a study writes its tables and figures; a second call trains nothing and says the same")
  func twice() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let first = try rows(Program.run(arguments(folder, ["--json"])))
    #expect(first.count == 6)
    #expect(first[0]["method"]?.string == "scratch" && first[0]["gain"]?.isNull == true)
    #expect(first[0]["labels_per_class"]?.int == 20 && first[3]["labels_per_class"]?.isNull == true)
    for name in ["study.md", "study.csv", "study.tex", "trials.csv", "study.json"] {
      #expect(folder.exists("out/\(name)"), "\(name)")
    }
    let second = try Program.run(arguments(folder, ["--json"]))
    #expect(second.errors.contains("12 trials, all in the store"), "\(second.errors)")
    #expect(!second.errors.contains("source models"))
    #expect(try rows(second) == first)
    // Another method trains itself alone; another number of threads changes nothing.
    let more = try Program.run(
      arguments(folder, ["--methods", "frozen,fine-tune,bias-only", "--threads", "1", "--json"]))
    #expect(more.errors.contains("16 trials, 12 of them in the store"), "\(more.errors)")
    #expect(
      try rows(more).filter { $0["method"]?.string != "bias-only" }.map { $0["accuracy"] }
        == first.map { $0["accuracy"] })
  }

  @Test("killed again and again it ends with the same rows")
  func killed() throws {
    let folder = try TemporaryFolder()
    let whole = try TemporaryFolder()
    defer {
      folder.remove()
      whole.remove()
    }
    try TinyDigits.write(to: folder.path)
    let expected = try rows(
      Program.run(arguments(folder, ["--store", whole.file("runs.sqlite"), "--out", whole.file("out"), "--json"])))
    for kill in 1...6 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = arguments(folder, ["--quiet"])
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(useconds_t(25_000 * kill))
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    #expect(try rows(Program.run(arguments(folder, ["--json"]))) == expected)
  }

  @Test("sources are found, ranked and kept")
  func automaticSources() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path, classes: [0, 2, 4, 5])
    let sources = arguments(folder, ["--sources", "auto", "--target", "0,5", "--per-class", "20"])
    let plan = try Program.run(sources + ["--dry-run", "--json"])
    #expect(plan.code == 0, "\(plan.errors)")
    let pairs = try #require(JSON(parsing: plan.output)["pairs"]?.array)
    // The other classes have no images; what other data is here, the machine decides.
    #expect(pairs.first?["source"]?.string?.hasSuffix(":2,4") == true)
    #expect(pairs.last?["source"]?.string == "synthetic:all" && (2...4).contains(pairs.count))
    try refused(folder, ["--sources", "all"], 64, "auto")
    try refused(folder, ["--sources", "auto", "--source", "even"], 64, "exclude each other")
    try refused(folder, ["--sources", "auto", "--both-ways"], 64, "exclude each other")
  }

  @Test("a layer study writes its tables and figures, goes on where it was and says the same")
  func layers() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let arguments = [
      "layers", "--data", folder.path, "--model", "mlp:12,8", "--per-class", "20", "--seeds", "2", "--store",
      folder.file("runs.sqlite"), "--out", folder.file("out"), "--json",
    ]
    let first = try Program.run(arguments)
    try #require(first.code == 0, "\(first.errors)")
    let document = try JSON(parsing: first.output)
    #expect(document["depths"]?.array?.count == 2 && document["similarities"]?.array?.count == 2 * 6)
    for name in ["layers-20.svg", "similarity-20.svg", "layers.md", "study.csv", "trials.csv", "layers.json"] {
      #expect(folder.exists("out/\(name)"), "\(name)")
    }
    let second = try Program.run(arguments)
    #expect(second.errors.contains("all in the store") && !second.errors.contains("source models"), "\(second.errors)")
    #expect(try untimed(JSON(parsing: second.output)) == untimed(document))
    for (more, text) in [
      (["--model", "softmax"], "no hidden layer"), (["--source", "odd"], "source and target are the same"),
      (["--model", "mlp:"], "is not a number of units"), (["--per-class", "41"], "class 1 has 40"),
    ] {
      let result = try Program.run(arguments + more)
      #expect(result.code == 64 && result.errors.contains(text) && result.output.isEmpty, "\(result.errors)")
    }
  }

  @Test("checkpoints are scored and ranked, compared layer by layer, and their confidence is measured")
  func scores() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let models = ["one", "two"].map { folder.file("\($0).safetensors") }
    for (index, model) in models.enumerated() {
      let trained = try Program.run(
        [
          "train", "--data", folder.path, "--classes", "even", "--model", index == 0 ? "mlp:12" : "mlp:12,8",
          "--epochs", "4",
          "--seed", "\(index)", "--out", model, "--quiet",
        ])
      try #require(trained.code == 0, "\(trained.errors)")
    }
    func score(_ more: String...) throws -> Program.Result {
      try Program.run(["score"] + models + ["--data", folder.path, "--classes", "odd"] + more)
    }
    let names = ["leep", "nce", "logme", "h-score", "nearest-mean"]
    let json = try JSON(parsing: score("--per-class", "5", "--json").output)
    let found = try #require(json["checkpoints"]?.array)
    #expect(found.count == 2 && json["images"]?.int == 25)
    for checkpoint in found { for name in names { #expect(checkpoint[name]?.double?.isFinite == true, "\(name)") } }
    // A single image per class leaves nothing to compare with; the others do not mind.
    let single = try score("--per-class", "1")
    #expect(
      single.code == 0 && single.output.contains("nearest mean needs two images of some class"), "\(single.errors)")
    #expect(single.output.contains("(1)") && single.output.contains("(2)"))
    let one = try #require(JSON(parsing: score("--per-class", "1", "--json").output)["checkpoints"]?.array?.first)
    #expect(one["nearest-mean"]?.isNull == true && one["leep"]?.double != nil)
    for (more, code, text) in [
      (["--per-class", "41"], 64, "class 1 has 40"), (["--per-class", "some"], 64, "from 1 to"),
      (["--classes", "12"], 64, "there is no class 12"), (["--data", folder.file("none")], 66, "none"),
    ] as [([String], Int32, String)] {
      let refused = try Program.run(["score"] + models + ["--data", folder.path, "--classes", "odd"] + more)
      #expect(refused.code == code && refused.errors.contains(text) && refused.output.isEmpty, "\(refused.errors)")
    }
    let compared = try JSON(parsing: Program.run(["compare"] + models + ["--data", folder.path, "--json"]).output)
    let alike = try #require(compared["cka"]?.array)
    #expect(alike.count == 1 && alike[0].array?.count == 2)
    let same = try JSON(
      parsing: Program.run(["compare", models[1], models[1], "--data", folder.path, "--json"]).output)
    #expect(same["cka"]?.array?[0].array?[0].double == 1 && same["cka"]?.array?[1].array?[1].double == 1)
    let evaluated = try JSON(parsing: Program.run(["evaluate", models[0], "--data", folder.path, "--json"]).output)
    let ece = try #require(evaluated["calibration"]?["ece"]?.double)
    #expect((0...100).contains(ece) && evaluated["calibration"]?["bins"]?.array?.count == 15)
  }

  @Test("a dry run trains nothing and writes nothing")
  func dryRun() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.file("data"))
    let result = try Program.run(
      arguments(folder, ["--data", folder.file("data"), "--dry-run"]), in: folder.path)
    #expect(result.code == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.contains("Estimated time"))
    #expect(try folder.names == ["data"])
  }

  @Test("runs are listed, shown and compared")
  func runs() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    _ = try rows(Program.run(arguments(folder, ["--per-class", "20", "--quiet", "--json"])))
    let store = ["--store", folder.file("runs.sqlite")]
    func list(_ filter: String...) throws -> [JSON] {
      let result = try Program.run(["runs", "list", "--json"] + store + filter)
      try #require(result.code == 0, "\(result.errors)")
      return try #require(JSON(parsing: result.output)["runs"]?.array)
    }
    #expect(try list().count == 10)
    #expect(try list("--kind", "score").count == 2)
    #expect(try list("--kind", "source").count == 2)
    #expect(try list("--method", "fine-tune", "--seed", "1").count == 1)
    #expect(
      try list("--source", "none", "--kind", "measurement").map { $0["method"]?.string } == ["scratch", "scratch"])
    let tuned = try #require(list("--method", "fine-tune", "--seed", "0").first?["id"]?.string)
    let scratch = try #require(list("--method", "scratch", "--seed", "0").first?["id"]?.string)
    let shown = try Program.run(["runs", "show", String(tuned.prefix(10))] + store)
    #expect(shown.output.contains(tuned) && shown.output.contains("Settings tried on held-out images"))
    let compared = try Program.run(["compare", String(scratch.prefix(8)), tuned, "--json"] + store)
    try #require(compared.code == 0, "\(compared.errors)")
    let comparison = try JSON(parsing: compared.output)
    #expect(comparison["images"]?.int == 50)
    #expect(comparison["differences"]?.array?.contains { $0["setting"]?.string == "method" } == true)
  }

  // MARK: - Bad input

  private func refused(
    _ folder: TemporaryFolder, _ more: [String], _ code: Int32, _ text: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program.run(arguments(folder, more))
    #expect(result.code == code, "\(result.errors)", sourceLocation: location)
    #expect(result.output.isEmpty, sourceLocation: location)
    let lines = result.errorLines.filter { $0.hasPrefix("graft: error: ") }
    #expect(lines.count == 1 && lines[0].contains(text), "\(result.errors)", sourceLocation: location)
  }

  @Test("what makes no sense is refused before anything trains")
  func nonsense() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    try refused(folder, ["--methods", "fine-tuning"], 64, "did you mean fine-tune?")
    try refused(folder, ["--methods", "frozen,frozen"], 64, "frozen is named twice")
    try refused(folder, ["--methods", "frozen", "--model", "softmax"], 64, "no body to freeze")
    try refused(folder, ["--methods", "fine-tune:2"], 64, "nothing to train")
    try refused(folder, ["--per-class", "41"], 64, "class 1 has 40")
    try refused(folder, ["--per-class", "0"], 64, "from 1 to")
    try refused(folder, ["--per-class", "20,20"], 64, "named twice")
    try refused(folder, ["--fraction", "0.001"], 64, "less than one image")
    try refused(folder, ["--source", "odd"], 64, "source and target are the same")
    try refused(folder, ["--source", "even", "--target", "11"], 64, "there is no class 11")
    try refused(folder, ["--source", "nowhere:even"], 66, "'nowhere'")
    #expect(!folder.exists("runs.sqlite"))
  }

  @Test("a class without images is named")
  func emptyClass() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path, classes: [0, 1, 2, 3, 5, 6, 7, 8, 9])
    try refused(folder, [], 65, "no training images of class 4")
  }

  @Test("images of another shape need --resize, as a source and as a source's file")
  func otherShape() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let small = folder.file("small")
    try TinyDigits.write(to: small, side: 14)
    try refused(folder, ["--source", "\(small):even"], 65, "--resize makes them equal")
    let model = folder.file("small.safetensors")
    let trained = try Program.run(
      ["train", "--data", small, "--classes", "even", "--model", "mlp:12", "--epochs", "2", "--out", model, "--quiet"])
    #expect(trained.code == 0, "\(trained.errors)")
    var from = arguments(folder, ["--from", model])
    from.removeSubrange(3...4)  // --model, which the file decides
    let refusedFile = try Program.run(from)
    #expect(refusedFile.code == 65 && refusedFile.errors.contains("reads images of 1x14x14"), "\(refusedFile.errors)")
    #expect(!folder.exists("runs.sqlite"))
    let resized = try rows(Program.run(from + ["--resize", "--quiet", "--json"]))
    #expect(resized.count == 6)
    let source = try rows(
      Program.run(arguments(folder, ["--source", "\(small):even", "--resize", "--quiet", "--json"])))
    #expect(source.count == 6)
  }

  @Test("a store that is newer, foreign or taken stays as it is")
  func stores() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    _ = try rows(Program.run(arguments(folder, ["--per-class", "20", "--seeds", "1", "--quiet", "--json"])))
    let store = folder.file("runs.sqlite")
    let kept = try readFile(at: store)
    // Bytes 60 to 63 of an SQLite file are its user_version.
    var newer = kept
    newer.replaceSubrange(60..<64, with: [0, 0, 0, 99])
    try AtomicFile.write(newer, to: store)
    try refused(folder, [], 65, "written by a newer Graft")
    #expect(try readFile(at: store) == newer)
    try AtomicFile.write(Array("not a database, but long enough to be read as one".utf8), to: store)
    try refused(folder, [], 65, "runs.sqlite")
    try AtomicFile.write(kept, to: store)
    let lock = open(store + ".lock", O_RDWR)
    defer { close(lock) }
    try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
    try refused(folder, [], 75, "another study is writing to it")
    #expect(try readFile(at: store) == kept)
  }

  @Test("runs and compare say what they cannot find")
  func notFound() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let store = ["--store", folder.file("none.sqlite")]
    #expect(try Program.run(["runs", "list"] + store).code == 66)
    #expect(try Program.run(["compare", "abcd", "abce"] + store).code == 66)
    #expect(try Program.run(["compare", "x.safetensors", "y.safetensors"] + store).code == 66)
    #expect(try folder.names.isEmpty)
  }
}
