import Foundation
import GraftFiles
import Testing

/// Every option of a training against every model or method to which it might not apply: it changes a bit of the weights, or it is
/// refused. An option that is accepted and does nothing is a wrong answer.
@Suite("Options act or are refused")
struct OptionEffectsTests {
  /// A flag with its value, and what must be given for it to make sense.
  private struct Option {
    let flags: [String]
    let base: [String]

    init(_ text: String, with base: String = "") {
      flags = text.split(separator: " ").map(String.init)
      self.base = base.split(separator: " ").map(String.init)
    }
  }

  private static let options = [
    Option("--epochs 5"), Option("--batch-size 16"), Option("--optimizer adamw"), Option("--learning-rate 0.011"),
    Option("--momentum 0.3"), Option("--no-nesterov"), Option("--weight-decay 0.1"), Option("--dropout 0.5"),
    Option("--map-dropout 0.5"), Option("--augment shift=2"), Option("--label-smoothing 0.2"),
    Option("--average-weights 0.9"), Option("--schedule constant"), Option("--warm-up 2"),
    Option("--step-every 1", with: "--schedule step"),
    Option("--step-factor 0.5", with: "--schedule step --step-every 2"),
    Option("--validation 0.3"), Option("--seed 5"), Option("--fraction 0.5"), Option("--per-class 7"),
  ]

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
  }

  /// SHA-256 of a checkpoint's weights, without the header, which names settings whether or not they acted; nil if the call was refused.
  private func weights(_ arguments: [String]) throws -> String? {
    let out = folder.file("\(UUID().uuidString).safetensors")
    let result = try Program.run(arguments + ["--data", folder.path, "--quiet", "--threads", "1", "--out", out])
    if result.code == 64 {
      #expect(result.errorLines.count == 1, "\(arguments): \(result.errors)")
      return nil
    }
    try #require(result.code == 0, "\(arguments): \(result.errors)")
    let bytes = try readFile(at: out)
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    return SHA256Digest.hex(of: Array(bytes[(8 + header)...]))
  }

  private func check(_ call: [String], _ base: [String]) throws {
    var known: [[String]: String] = [:]
    for option in Self.options {
      // The seed draws the images that choose a solved head's strength, which may be the same one.
      if option.flags[0] == "--seed", base.isEmpty { continue }
      let plain = call + base + option.base
      if known[plain] == nil { known[plain] = try weights(plain) ?? "refused" }
      // What the option needs is refused itself: nothing is left to ask.
      guard let before = known[plain], before != "refused" else { continue }
      // A number of epochs that is given twice is a mistake of the test, not of the option.
      let given = option.flags[0] == "--epochs" ? call + option.base : plain
      guard let after = try weights(given + option.flags) else { continue }
      #expect(
        after != before,
        "\(call.joined(separator: " ")): \(option.flags.joined(separator: " ")) is accepted and does nothing")
    }
  }

  @Test("train", arguments: ["softmax", "mlp:6", "cnn:2c5-p2-6", "cnn:2c5b-p2"])
  func train(model: String) throws {
    defer { folder.remove() }
    try check(["train", "--classes", "0-4", "--per-class", "10", "--model", model], ["--epochs", "4"])
  }

  @Test(
    "transfer",
    arguments: [
      "frozen", "frozen --no-solve-head", "frozen --solve-head", "frozen:1", "random-frozen",
      "random-frozen --no-solve-head",
      "fine-tune", "fine-tune:1", "lp-ft", "gradual", "discriminative", "l2-sp", "bias-only", "copy", "copy+", "copy:1",
      "scratch",
    ])
  func transfer(method: String) throws {
    defer { folder.remove() }
    let pooled = ["frozen --no-solve-head", "fine-tune", "copy:1"]
    for model in ["mlp:6,5"] + (pooled.contains(method) ? ["cnn:2c5-p2-5"] : []) {
      let source = folder.file("\(model.prefix(3)).safetensors")
      let made = try Program.run(
        [
          "train", "--data", folder.path, "--classes", "0-4", "--per-class", "10", "--epochs", "4", "--model", model,
          "--quiet",
          "--out", source,
        ])
      try #require(made.code == 0, "\(made.errors)")
      let call =
        ["transfer", "--from", source, "--classes", "5-9"] + (method == "scratch" ? [] : ["--no-control"])
        + ["--method"] + method.split(separator: " ").map(String.init)
      try check(
        call,
        method.contains("--solve-head") || method == "frozen" || method == "random-frozen" ? [] : ["--epochs", "4"])
    }
  }

  @Test("a frozen body without any other flag is solved, and flags of gradient steps are refused or train the head")
  func solved() throws {
    defer { folder.remove() }
    let source = folder.file("s.safetensors")
    _ = try Program.run(
      [
        "train", "--data", folder.path, "--classes", "0-4", "--epochs", "4", "--model", "mlp:6", "--quiet", "--out",
        source,
      ])
    let call = ["transfer", "--from", source, "--classes", "5-9", "--no-control"]
    #expect(try weights(call) != nil)
    for flags in [["--epochs", "9"], ["--validation", "0.5"], ["--dropout", "0.5"], ["--optimizer", "sgd"]] {
      #expect(try weights(call + ["--solve-head"] + flags) == nil, "\(flags)")
    }
    #expect(try weights(call + ["--dropout", "0.5"]) == nil)
  }
}
