import Foundation
import GraftData
import GraftFiles
import Testing

/// What classes, heads and names mean goes by the data's digest, never by numbers and names that agree.
@Suite("The same data, or other data of the same name")
struct DataIdentityTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.file("A/set"))
    try TinyDigits.write(to: folder.file("B/set"), train: 30)
  }

  private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

  private func train(_ name: String, _ data: String, _ flags: [String] = []) throws -> Program.Result {
    try Program.run(
      [
        "train", "--data", folder.file(data), "--model", "mlp:8", "--epochs", "6", "--quiet", "--out",
        folder.file(name),
      ] + flags)
  }

  @Test(
    "a head is kept for the same classes of the same data, begun anew for the same numbers of other data, and always said"
  )
  func heads() throws {
    defer { folder.remove() }
    #expect(try train("s", "A/set").code == 0)
    func transfer(_ data: String, _ flags: [String] = []) throws -> JSON {
      let result = try Program.run(
        ["transfer", "--from", folder.file("s"), "--data", folder.file(data), "--classes", "all", "--per-class", "20"]
          + ["--no-control", "--quiet", "--json", "--out", folder.file("t")] + flags)
      try #require(result.code == 0, "\(result.errors)")
      return try json(result.output)
    }
    let same = try transfer("A/set")
    #expect(same["head"]?.string == "head: the trained one is kept (the same classes of the same data)")
    #expect(same["classes_learnt_before"]?.array?.count == 10)
    let other = try transfer("B/set")
    #expect(
      other["head"]?.string?.hasPrefix("head: a new one (classes of the same name, but set is not the data") == true)
    #expect(other["classes_learnt_before"] == nil)
    #expect(try transfer("B/set", ["--head", "keep"])["head"]?.string == "head: the trained one is kept (as asked)")
  }

  @Test("a checkpoint measured on another folder of the same name says so")
  func sameName() throws {
    defer { folder.remove() }
    #expect(try train("s", "A/set").code == 0)
    let result = try Program.run(["evaluate", folder.file("s"), "--data", folder.file("B/set")])
    #expect(result.code == 0 && result.errors.contains("trained on other data, which was called set as well"))
    #expect(try Program.run(["evaluate", folder.file("s"), "--data", folder.file("A/set")]).errors.isEmpty)
  }

  @Test("other files under a known data set's names are said, and not called like it")
  func otherFiles() throws {
    defer { folder.remove() }
    let result = try Program.run(
      ["train", "--data-dir", folder.file("A/set"), "--model", "softmax", "--epochs", "2", "--json", "--quiet"]
        + ["--out", folder.file("k")])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("this is other data than mnist, and is called set"))
    #expect(try json(result.output)["settings"]?["data"]?.string == "set")
    let text = try Program.run(
      [
        "train", "--data-dir", folder.file("A/set"), "--model", "softmax", "--epochs", "2", "--quiet", "--out",
        folder.file("k"),
      ])
    #expect(text.output.contains("next: graft evaluate") && text.output.contains("--data-dir"))
    let again = try Program.run(["evaluate", folder.file("k"), "--data-dir", folder.file("A/set")])
    #expect(again.code == 0, "\(again.errors)")
  }

  @Test("ensembles of other classes are refused, of other data said; classes that were never learnt are counted")
  func ensembles() throws {
    defer { folder.remove() }
    let original = ["--labels", "original"]
    #expect(try train("low", "A/set", ["--classes", "0-4"] + original).code == 0)
    #expect(try train("high", "A/set", ["--classes", "5-9"] + original).code == 0)
    #expect(try train("other", "B/set", ["--classes", "0-4"] + original).code == 0)
    let data = ["--data", folder.file("A/set")]
    let mixed = try Program.run(["evaluate", folder.file("low"), "--with", folder.file("high")] + data)
    #expect(
      mixed.code == 64 && mixed.errors.contains("have learnt different classes (0, 1, 2, 3, 4 and 5, 6, 7, 8, 9)"))
    let warned = try Program.run(["evaluate", folder.file("low"), "--with", folder.file("other")] + data)
    #expect(warned.code == 0 && warned.errors.contains("the checkpoints were trained on different data"))
    let all = try Program.run(["evaluate", folder.file("low"), "--classes", "all"] + data)
    #expect(all.errors.contains("has never learnt 5 of these 10 classes (5, 6, 7, 8, 9): 50 of the 100 images"))
  }

  @Test("test images that are training images are counted")
  func overlap() throws {
    defer { folder.remove() }
    for name in ["images-idx3", "labels-idx1"] {
      let bytes = try readFile(at: folder.file("A/set/train-\(name)-ubyte"))
      try AtomicFile.write(bytes, to: folder.file("A/set/t10k-\(name)-ubyte"))
    }
    let result = try train("s", "A/set")
    #expect(result.code == 0 && result.errors.contains("warning: 400 of the 400 test images are training images too"))
  }

  @Test("with weights that do not move, the held-out loss is one number and the first epoch is chosen")
  func validation() throws {
    defer { folder.remove() }
    let result = try Program.run(
      [
        "train", "--data", folder.file("A/set"), "--model", "mlp:8", "--epochs", "10", "--learning-rate", "1e-12",
        "--schedule",
      ]
        + ["constant", "--validation", "0.17", "--patience", "100", "--json", "--out", folder.file("v")])
    #expect(result.code == 0, "\(result.errors)")
    #expect(try json(result.output)["chosen_epoch"]?.int == 1)
  }

  @Test("images of another size are brought to the model's with --resize, and the refusal says so")
  func resize() throws {
    defer { folder.remove() }
    try TinyDigits.write(to: folder.file("small"), side: 14)
    #expect(try train("s", "A/set").code == 0)
    let call =
      [
        "transfer", "--from", folder.file("s"), "--data", folder.file("small"), "--classes", "1,3", "--no-control",
        "--quiet",
      ]
      + ["--out", folder.file("t")]
    let refused = try Program.run(call)
    #expect(refused.code == 65 && refused.errors.contains("--resize brings them to it"))
    #expect(try Program.run(call + ["--resize"]).code == 0)
  }
}
