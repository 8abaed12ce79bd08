import Foundation
import GraftFiles
import GraftNetworks
import Testing

@Suite("Data, predict, configuration and resume")
struct ToolTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
  }

  private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

  private func arguments(_ name: String, _ flags: [String]) -> [String] {
    let epochs = flags.contains("--epochs") ? [] : ["--epochs", "20"]
    return ["train", "--data", folder.path, "--model", "mlp:16", "--learning-rate", "0.05", "--quiet"] + epochs + flags
      + ["--out", folder.file(name)]
  }

  private func train(_ name: String, _ flags: [String] = []) throws -> Program.Result {
    try Program.run(arguments(name, flags))
  }

  @Test("predict names the digit of an image, as IDX, PGM and bare bytes")
  func predict() throws {
    defer { folder.remove() }
    #expect(try train("m.safetensors").code == 0)
    let bytes = try readFile(at: folder.file("t10k-images-idx3-ubyte"))
    let third = Array(bytes[(16 + 3 * 784)..<(16 + 4 * 784)])
    try AtomicFile.write(third, to: folder.file("three.raw"))
    try AtomicFile.write(Array("P5 28 28 255\n".utf8) + third, to: folder.file("three.pgm"))
    let model = folder.file("m.safetensors")
    for name in ["three.raw", "three.pgm"] {
      let result = try Program.run(["predict", model, folder.file(name)])
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.contains("\(name)  3 "), "\(result.output)")
    }
    let all = try Program.run(["predict", model, folder.file("t10k-images-idx3-ubyte"), "--top", "2", "--json"])
    let images = try #require(try json(all.output)["images"]?.array)
    #expect(images.count == 100)
    #expect(images.map { $0["classes"]?.array?.count } == Array(repeating: 2, count: 100))
    try AtomicFile.write(Array(third.dropLast()), to: folder.file("short.raw"))
    let short = try Program.run(["predict", model, folder.file("short.raw")])
    #expect(short.code == 65)
    #expect(short.errorLines.count == 1)
  }

  @Test("data show counts a folder's images and draws them")
  func dataShow() throws {
    defer { folder.remove() }
    let text = try Program.run(["data", "show", folder.path])
    #expect(text.code == 0, "\(text.errors)")
    #expect(text.output.contains("training  40"))
    #expect(text.output.contains("0 (image 0)"))
    let card = try json(try Program.run(["data", "show", folder.path, "--json"]).output)
    #expect(card["parts"]?.array?.map { $0["images"]?.int } == [400, 100])
  }

  @Test("data show draws images beside augmented ones")
  func dataShowAugmented() throws {
    defer { folder.remove() }
    let standard = try Program.run(["data", "show", folder.path, "--augment"])
    #expect(standard.code == 0, "\(standard.errors)")
    #expect(standard.output.contains("augmentation: shift=2,rotate=15,"))
    #expect(standard.output.components(separatedBy: "in epoch 1").count == 11)
    let card = try json(
      try Program.run(["data", "show", folder.path, "--augment", "erase=6,shift=1", "--json"]).output)
    #expect(card["augmentation"]?.string == "shift=1,erase=6")
    let refused = try Program.run(["data", "show", folder.path, "--augment", "turn=3"])
    #expect(refused.code == 64)
    #expect(refused.errorLines.count == 1 && refused.errors.contains("there is no effect 'turn'"), "\(refused.errors)")
  }

  @Test("a model that would fill the memory is refused before anything is made")
  func hugeModel() throws {
    defer { folder.remove() }
    let result = try train("huge", ["--model", "mlp:65536,65536"])
    #expect(result.code == 64)
    #expect(result.errors.contains("would have 4347133962 parameters"), "\(result.errors)")
  }

  @Test("an unknown data set suggests the nearest name")
  func unknownData() throws {
    defer { folder.remove() }
    let result = try Program.run(["data", "show", "minst"])
    #expect(result.code == 66)
    #expect(result.errors.contains("did you mean mnist?"), "\(result.errors)")
    let offline = try Program.run(
      ["train", "--offline", "--out", folder.file("x")], environment: ["HOME": folder.path], in: folder.path)
    #expect(offline.code == 69, "\(offline.errors)")
    #expect(offline.errors.contains("downloading is switched off"), "\(offline.errors)")
  }

  @Test("a recipe is a set of settings, and each flag wins over it")
  func recipe() throws {
    defer { folder.remove() }
    func settings(_ flags: [String]) throws -> JSON? {
      let result = try Program.run(
        ["train", "--data", folder.path, "--recipe", "quick", "--json", "--quiet", "--out", folder.file("m")] + flags)
      #expect(result.code == 0, "\(flags): \(result.errors)")
      return try json(result.output)["settings"]
    }
    let quick = try settings([])
    #expect(quick?["epochs"]?.int == 8 && quick?["learning_rate"]?.double == 0.2 && quick?["nesterov"] == true)
    #expect(quick?["schedule"]?["warm_up"]?.int == 1 && quick?["model"]?.string == "mlp:500")
    let changed = try settings(["--no-nesterov", "--epochs", "1", "--model", "softmax", "--schedule", "constant"])
    #expect(changed?["nesterov"] == nil && changed?["epochs"]?.int == 1 && changed?["schedule"] == nil)
    #expect(changed?["model"]?.string == "softmax")
    let best = try settings(["--recipe", "best", "--epochs", "1", "--augment", "none", "--label-smoothing", "0"])
    #expect(best?["learning_rate"]?.double == 0.1 && best?["augment"] == nil && best?["label_smoothing"] == nil)
    // The rate of another optimizer is none.
    #expect(try settings(["--optimizer", "adam"])?["learning_rate"]?.double == 0.001)
  }

  @Test("augmentation, smoothing and averaging reach the training and its record, from flags and from a file")
  func regularizers() throws {
    defer { folder.remove() }
    func settings(_ name: String, _ flags: [String]) throws -> JSON? {
      let result = try train(name, ["--epochs", "3", "--json"] + flags)
      #expect(result.code == 0, "\(flags): \(result.errors)")
      return try json(result.output)["settings"]
    }
    let plain = try settings("plain", [])
    #expect(plain?["augment"] == nil && plain?["label_smoothing"] == nil && plain?["average_weights"] == nil)
    let flags = ["--augment", "--label-smoothing", "0.1", "--average-weights", "0.9"]
    let all = try settings("one", flags + ["--threads", "1"])
    #expect(all?["augment"]?.string == "shift=2,rotate=15,scale=0.9-1.1,shear=10,elastic=4,thickness=0.25")
    #expect(all?["label_smoothing"]?.double == 0.1 && all?["average_weights"]?.double == 0.9)
    _ = try settings("two", flags + ["--threads", "2"])
    #expect(try SHA256Digest.hex(ofFileAt: folder.file("one")) == SHA256Digest.hex(ofFileAt: folder.file("two")))
    let config = folder.file("settings.json")
    try AtomicFile.write(
      text: #"{"augment": ["shift=1", "erase=4"], "label_smoothing": 0.05, "average_weights": 0.99}"#, to: config)
    let read = try settings("file", ["--config", config])
    #expect(read?["augment"]?.string == "shift=1,erase=4" && read?["label_smoothing"]?.double == 0.05)
    let changed = try settings("changed", ["--config", config, "--augment", "none", "--average-weights", "0"])
    #expect(changed?["augment"] == nil && changed?["average_weights"] == nil)
    try AtomicFile.write(text: #"{"augment": true}"#, to: config)
    #expect(try settings("standard", ["--config", config])?["augment"] == all?["augment"])
    try AtomicFile.write(text: #"{"augment": false}"#, to: config)
    #expect(try settings("none", ["--config", config])?["augment"] == nil)
  }

  @Test("a transfer on changed images holds the body's bytes, trained or solved")
  func augmentedTransfer() throws {
    defer { folder.remove() }
    #expect(try train("source", ["--classes", "0-4"]).code == 0)
    let source = try Checkpoint(contentsOf: folder.file("source"))
    for flags in [
      ["--augment", "shift=1", "--epochs", "3"], ["--augment", "shift=1", "--solve-head", "--per-class", "5"],
    ] {
      let result = try Program.run(
        ["transfer", "--from", folder.file("source"), "--data", folder.path, "--classes", "5-9", "--quiet"]
          + ["--no-control", "--out", folder.file("target")] + flags)
      #expect(result.code == 0, "\(result.errors)")
      let target = try Checkpoint(contentsOf: folder.file("target"))
      for (slice, other) in zip(source.model.parameters.slices, target.model.parameters.slices) {
        let isSame = source.model.parameters.values(of: slice) == target.model.parameters.values(of: other)
        #expect(isSame == slice.name.hasPrefix("fc1."), "\(slice.name)")
      }
    }
  }

  @Test("bench times what it is asked for, beside what the machine can do")
  func bench() throws {
    defer { folder.remove() }
    let result = try Program.run(
      ["bench", "softmax", "head-product", "--rounds", "3", "--threads", "1", "--json", "--quiet"],
      environment: ["HOME": folder.path, "GRAFT_DATA": ""], in: folder.path)
    #expect(result.code == 0, "\(result.errors)")
    let report = try json(result.output)
    let rows = try #require(report["rows"]?.array)
    #expect(rows.map { $0["task"]?.string } == ["softmax", "head-product"])
    for row in rows {
      #expect(row["seconds"]?.array?.count == 3)
      #expect(try #require(row["median_seconds"]?.double) > 0)
    }
    #expect(try #require(report["machine"]?["peak_gflops"]?.double) > 0)
    #expect(report["data"]?.string == "synthetic")
  }

  @Test("a configuration file gives settings, a flag wins, and mistakes are the file's")
  func configuration() throws {
    defer { folder.remove() }
    let config = folder.file("settings.json")
    try AtomicFile.write(
      text: #"{"epochs": 2, "learning_rate": 0.01, "classes": [1, 3], "quiet": true, "nesterov": false}"#, to: config)
    let result = try Program.run([
      "train", "--data", folder.path, "--config", config, "--epochs", "3", "--json", "--out", folder.file("m"),
    ])
    #expect(result.code == 0, "\(result.errors)")
    let settings = try json(result.output)["settings"]
    #expect(settings?["nesterov"] == nil)
    // A transfer begins with Adam, which has no Nesterov to switch off; evaluate does not know it, whatever its value.
    try AtomicFile.write(text: #"{"quiet": true, "nesterov": false}"#, to: folder.file("other.json"))
    let transfer = try Program.run([
      "transfer", "--from", folder.file("m"), "--data", folder.path, "--classes", "1,3", "--no-control", "--epochs",
      "1",
      "--out", folder.file("t"), "--config", folder.file("other.json"),
    ])
    #expect(transfer.code == 0, "\(transfer.errors)")
    let evaluate = try Program.run([
      "evaluate", folder.file("m"), "--data", folder.path, "--config", folder.file("other.json"),
    ])
    #expect(evaluate.code == 78 && evaluate.errorLines.count == 1, "\(evaluate.errors)")
    #expect(evaluate.errors.contains("\"nesterov\" is no setting: graft evaluate has no --nesterov"))
    #expect(settings?["epochs"]?.int == 3)
    #expect(settings?["learning_rate"]?.double == 0.01)
    #expect(try json(result.output)["images"]?.int == 20)
    let mistakes = [
      (#"{"epochz": 2}"#, "Did you mean '--epochs'?"), (#"{"epochs": -1}"#, "from 1 to 100000"),
      (#"{"epochs": 2,}"#, "byte 13"), (#"[1]"#, "expected a JSON object"), (#"{"epochs": {}}"#, "is an object"),
    ]
    for (text, expected) in mistakes {
      try AtomicFile.write(text: text, to: config)
      let refused = try Program.run(["train", "--config", config, "--out", folder.file("none")])
      #expect(refused.code == 78, "\(text): \(refused.errors)")
      #expect(refused.errorLines.count == 1)
      #expect(refused.errors.contains(expected), "\(refused.errors)")
    }
    // With the flag that must be there in the file too, the mistake is still what is named.
    for (text, expected) in [
      (#"{"out": "none", "epochs": 0}"#, "from 1 to 100000"), (#"{"out": "none", "epochz": 1}"#, "Did you mean"),
    ] {
      try AtomicFile.write(text: text, to: config)
      let refused = try Program.run(["train", "--config", config])
      #expect(refused.code == 78 && refused.errorLines.count == 1)
      #expect(refused.errors.contains(expected), "\(refused.errors)")
    }
  }

  @Test("in a configuration file a list is several sources, and a flag takes the place of what it excludes")
  func listsAndRivals() throws {
    defer { folder.remove() }
    let config = folder.file("settings.json")
    try AtomicFile.write(
      text: #"{"source": ["0-3", "4-5"], "target": ["6,7"], "per-class": [2, 3], "methods": ["frozen", "fine-tune"]}"#,
      to: config)
    let plan = try Program.run([
      "study", "--data", "synthetic", "--seeds", "1", "--dry-run", "--json", "--config", config, "--store",
      folder.file("none"),
    ])
    try #require(plan.code == 0, "\(plan.errors)")
    let phases = try #require(try json(plan.output)["phases"]?.array)
    #expect(phases.first { $0["phase"]?.string == "sources" }?["trials"]?.int == 2)
    try AtomicFile.write(text: #"{"per-class": 2, "epochs": 1, "quiet": true}"#, to: config)
    for (flags, images) in [(["--fraction", "0.5"], 200), ([], 20)] {
      let result = try Program.run(
        ["train", "--data", folder.path, "--config", config, "--json", "--out", folder.file("m")] + flags)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try json(result.output)["settings"]?["train_images"]?.int == images)
    }
    // The file's flags come before a --, behind which all are names.
    let behind = try Program.run([
      "evaluate", "--data", folder.path, "--config", config, "--json", "--", folder.file("m"),
    ])
    #expect(behind.code == 78 && behind.errors.contains("--per-class"), "\(behind.errors)")
    try AtomicFile.write(text: #"{"quiet": true, "json": true}"#, to: config)
    let read = try Program.run(["evaluate", "--data", folder.path, "--config", config, "--", folder.file("m")])
    #expect(read.code == 0 && read.output.hasPrefix("{"), "\(read.errors)")
    // What was trained on a folder is not measured on MNIST because nobody says where the folder is.
    let evaluated = try Program.run(["evaluate", folder.file("m")])
    #expect(evaluated.code == 64 && evaluated.errors.contains("say with --data where it is"))
  }

  @Test("stopped by a signal and resumed, a training ends with the same bytes", arguments: [SIGTERM, SIGINT])
  func resume(signal: Int32) throws {
    defer { folder.remove() }
    let flags = ["--epochs", "8000", "--validation", "0.2", "--patience", "8000", "--schedule", "cosine"]
    #expect(try train("whole", flags).code == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments("stopped", flags + ["--resume"])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    usleep(400_000)
    // Whoever else would write the same file is told who does.
    let second = try train("./stopped", flags)
    #expect(second.code == 75 && second.errorLines.count == 1)
    #expect(second.errors.contains("another graft is writing it (process \(process.processIdentifier))"))
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 128 + signal)
    #expect(process.terminationReason == .exit)
    #expect(folder.exists("stopped.training"))
    #expect(!folder.exists("stopped"))
    let other = try train("stopped", ["--epochs", "8001", "--resume"])
    #expect(other.code == 65, "\(other.errors)")
    #expect(other.errors.hasSuffix("; remove the file or leave out --resume\n"), "\(other.errors)")
    let resumed = try train("stopped", flags + ["--resume"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(!folder.exists("stopped.training"))
    #expect(
      try SHA256Digest.hex(ofFileAt: folder.file("stopped")) == SHA256Digest.hex(ofFileAt: folder.file("whole")))
    let again = try train("stopped", flags + ["--resume"])
    #expect(again.code == 0)
    let clash = try train("stopped", ["--epochs", "8001", "--resume"])
    #expect(clash.code == 64)
    #expect(
      clash.errors.hasSuffix(
        "holds another training; choose another --out, or leave out --resume to replace it\n"), "\(clash.errors)")
    // What was finished without a store is kept in one that is named later, once.
    for _ in 0..<2 {
      let kept = try train("stopped", flags + ["--resume", "--json", "--store", folder.file("s.sqlite")])
      #expect(kept.code == 0, "\(kept.errors)")
      #expect(try json(kept.output)["chosen_epoch"] == .null)
      let runs = try json(Program.run(["runs", "list", "--store", folder.file("s.sqlite"), "--json"]).output)
      #expect(runs["runs"]?.array?.count == 1)
    }
  }

  @Test("transfer compares with its matched control and says what came of it")
  func verdict() throws {
    defer { folder.remove() }
    #expect(try train("even", ["--classes", "even"]).code == 0)
    let flags = ["transfer", "--from", folder.file("even"), "--data", folder.path, "--classes", "odd", "--quiet"]
    let out = ["--out", folder.file("odd"), "--json"]
    let result = try Program.run(flags + ["--method", "fine-tune", "--epochs", "10"] + out)
    #expect(result.code == 0, "\(result.errors)")
    let control = try json(result.output)["control"]
    // Forty steps are no training.
    #expect(control?["verdict"]?.string == "no verdict")
    #expect(control?["objection"]?.string?.contains("made 40 steps, a study makes 200 at least") == true)
    #expect(control?["p"]?.double != nil && control?["seeds"]?.int == 10)
    let judged = try json(try Program.run(flags + ["--method", "fine-tune", "--seeds", "3"] + out).output)["control"]
    #expect(["helps", "hurts", "not shown", "equal"].contains(judged?["verdict"]?.string ?? ""))
    #expect(judged?["seeds"]?.int == 3 && judged?["objection"]?.isNull == true)
    let one = try json(try Program.run(flags + ["--method", "fine-tune", "--seeds", "1"] + out).output)["control"]
    #expect(one?["verdict"]?.string == "one seed")
    #expect(one?["words"]?.string?.contains("one seed says nothing of the method") == true)
    let alone = try Program.run(flags + ["--no-control", "--epochs", "2"] + out)
    #expect(try json(alone.output)["control"] == nil)
    let conflict = try Program.run(flags + ["--method", "scratch", "--no-control"] + out)
    #expect(conflict.code == 64)
    #expect(conflict.errors.contains("--no-control and --method scratch exclude each other"), "\(conflict.errors)")
    let nothing = try Program.run(flags + ["--method", "fine-tune", "--freeze", "2"] + out)
    #expect(nothing.code == 64)
    #expect(nothing.errors.contains("would leave nothing to train"), "\(nothing.errors)")
  }
}
