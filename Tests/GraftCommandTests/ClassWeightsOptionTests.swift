import Foundation
import GraftFiles
import Testing

@Suite("Class weights from the command line")
struct ClassWeightsOptionTests {
  private let folder: TemporaryFolder

  /// Four images of each of the classes 0 and 5 for one of 1 and 6.
  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path, train: 8, test: 4, classes: [0, 0, 0, 0, 1, 5, 5, 5, 5, 6])
  }

  private func call(_ arguments: [String], name: String) throws -> JSON {
    let result = try Program.run(
      arguments + ["--data", folder.path, "--quiet", "--json", "--threads", "1", "--out", folder.file(name)])
    try #require(result.code == 0, "\(arguments): \(result.errors)")
    return try JSON(parsing: result.output)
  }

  @Test("train and transfer, with steps and with a solved head: weights change the loss and are in the record")
  func acts() throws {
    defer { folder.remove() }
    let training = ["train", "--classes", "0,1", "--model", "mlp:6", "--epochs", "2"]
    let plain = try call(training, name: "source")
    #expect(plain["settings"]?["class_weights"] == nil)
    let same = try call(training + ["--class-weights", "none"], name: "none")
    #expect(same["loss"] == plain["loss"] && same["settings"] == plain["settings"])
    let weighted = try call(training + ["--class-weights", "balanced"], name: "balanced")
    #expect(weighted["settings"]?["class_weights"] == "balanced" && weighted["loss"] != plain["loss"])

    for flags in [["--method", "fine-tune", "--epochs", "2"], ["--method", "frozen", "--solve-head"]] {
      let transfer =
        ["transfer", "--from", folder.file("source"), "--classes", "5,6", "--no-control"] + flags
      let plain = try call(transfer + ["--class-weights", "none"], name: "\(flags.count)-none")
      let weighted = try call(transfer + ["--class-weights", "balanced"], name: "\(flags.count)-balanced")
      #expect(plain["settings"]?["class_weights"] == nil)
      #expect(weighted["settings"]?["class_weights"] == "balanced" && weighted["loss"] != plain["loss"], "\(flags)")
    }
  }

  @Test("an evaluation on classes of unequal size tells both measures, in words and as JSON")
  func evaluation() throws {
    defer { folder.remove() }
    let trained = try call(["train", "--classes", "0,1", "--model", "softmax", "--epochs", "1"], name: "m")
    #expect(trained["balanced_accuracy"]?.double != nil && trained["macro_f1"]?.double != nil)
    let said = try Program.run(["evaluate", folder.file("m"), "--data", folder.path])
    #expect(said.code == 0 && said.output.contains("\nBalanced accuracy "), "\(said.output)\(said.errors)")
  }

  @Test("another rule is refused")
  func bad() throws {
    defer { folder.remove() }
    let result = try Program.run([
      "train", "--data", folder.path, "--class-weights", "heavy", "--out", folder.file("x"),
    ])
    #expect(result.code == 64 && result.errors.contains("--class-weights"), "\(result.errors)")
  }
}
