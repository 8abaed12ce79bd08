import Foundation
import GraftFiles
import Testing

/// Every option of `study`, `evaluate` and `predict` against the methods, models and inputs to which it might not apply: what is said
/// changes, or the option is refused.
@Suite("Options of studies and answers act or are refused")
struct AnswerOptionEffectsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
  }

  /// What a call says with `--json`; nil if it was refused in one line.
  private func said(_ arguments: [String], _ keys: [String]) throws -> String? {
    let result = try Program.run(arguments + ["--json"])
    if result.code == 64 || result.code == 65 {
      #expect(result.errorLines.count == 1, "\(arguments): \(result.errors)")
      return nil
    }
    try #require(result.code == 0, "\(arguments): \(result.errors)")
    let json = try JSON(parsing: result.output)
    return keys.map { key in json[key].map { Self.timeless($0).text() } ?? "" }.joined(separator: "\n")
  }

  /// A document without what differs from one run of the same call to the next.
  private static func timeless(_ json: JSON) -> JSON {
    if let items = json.array { return .array(items.map(timeless)) }
    guard var object = json.object else { return json }
    for key in object.keys {
      object[key] = key.contains("seconds") || key == "time" ? nil : object[key].map(timeless)
    }
    return .object(object)
  }

  private func check(_ call: [String], options: [[String]], keys: [String]) throws {
    let before = try #require(try said(call, keys), "\(call) is refused")
    for option in options {
      guard let after = try said(call + option, keys) else { continue }
      let acts = after != before
      #expect(acts, "\(call.joined(separator: " ")): \(option.joined(separator: " ")) does nothing")
    }
  }

  @Test(
    "study",
    arguments: ["frozen", "fine-tune", "lp-ft", "random-frozen", "copy", "scratch,l2-sp", "scratch", "bias-only"])
  func study(methods: String) throws {
    defer { folder.remove() }
    let call = [
      "study", "--data", folder.path, "--source", "0-4", "--target", "3-7", "--methods", methods, "--per-class", "20",
      "--seeds", "2", "--model", "mlp:4", "--quiet", "--store", folder.file("store"), "--out", folder.file("out"),
    ]
    try check(
      call,
      options: [
        ["--head", "keep"], ["--head", "reset"], ["--head", "shared"], ["--margin", "100"], ["--seed", "7"],
        ["--compare", "fine-tune,l2-sp"], ["--both-ways"], ["--fraction", "0.5"], ["--recipe", "study"],
      ], keys: ["rows", "contrasts"])
  }

  @Test("settings of studies and layers", arguments: ["study", "layers"])
  func settings(command: String) throws {
    defer { folder.remove() }
    var call = [
      command, "--data", folder.path, "--source", "0-4", "--target", "3-7", "--per-class", "20", "--seeds", "1",
      "--model", "mlp:4", "--quiet", "--store", folder.file("store"), "--out", folder.file("out"),
    ]
    if command == "study" { call += ["--methods", "fine-tune"] }
    try check(
      call,
      options: [
        ["--epochs", "2"], ["--batch-size", "16"], ["--optimizer", "adam"], ["--learning-rate", "0.01"],
        ["--momentum", "0.1"], ["--no-nesterov"], ["--weight-decay", "0.1"], ["--dropout", "0.5"],
        ["--map-dropout", "0.5"], ["--augment"], ["--label-smoothing", "0.2"], ["--average-weights", "0.9"],
        ["--schedule", "constant"], ["--schedule", "step", "--step-every", "2"], ["--warm-up", "3"],
      ], keys: command == "study" ? ["rows"] : ["depths", "similarities", "rows"])
  }

  @Test("evaluate", arguments: ["softmax", "mlp:4", "cnn:2c5-p2"])
  func evaluate(model: String) throws {
    defer { folder.remove() }
    let (one, two) = (folder.file("one.safetensors"), folder.file("two.safetensors"))
    for (seed, path) in [("0", one), ("1", two)] {
      let made = try Program.run([
        "train", "--data", folder.path, "--model", model, "--epochs", "2", "--seed", seed, "--quiet", "--out", path,
      ])
      try #require(made.code == 0, "\(made.errors)")
    }
    try check(
      ["evaluate", one, "--data", folder.path], options: [["--classes", "0-3"], ["--with", two], ["--tta", "4"]],
      keys: ["accuracy", "loss", "confusion"])
    let pixels = (0..<784).map { (280..<320).contains($0) ? UInt8(200) : 10 }
    let picture = folder.file("p.png")
    try AtomicFile.write(PNGImage(width: 28, height: 28, pixels: pixels).encoded(), to: picture)
    let raw = folder.file("p.raw")
    try AtomicFile.write(pixels, to: raw)
    for input in [picture, raw, folder.file("t10k-images-idx3-ubyte")] {
      try check(
        ["predict", one, input],
        options: [["--top", "3"], ["--with", two], ["--tta", "4"], ["--invert"], ["--fit"], ["--show"]],
        keys: ["images"])
    }
  }
}
