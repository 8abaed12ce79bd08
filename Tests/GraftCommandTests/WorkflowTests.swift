import Foundation
import GraftFiles
import Testing

@Suite("The commands together, on tiny data")
struct WorkflowTests {
  private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

  @Test("train, evaluate, transfer and evaluate again agree with each other")
  func trainAndTransfer() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let (even, odd) = (folder.file("even.safetensors"), folder.file("odd.safetensors"))
    let data = ["--data", folder.path, "--quiet"]
    let trained = try Program.run(
      ["train"] + data + ["--classes", "even", "--model", "mlp:20", "--epochs", "30", "--learning-rate", "0.05"]
        + ["--out", even, "--json"])
    try #require(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.isEmpty)
    let report = try json(trained.output)
    #expect(report["schema_version"]?.int == 1)
    #expect(report["images"]?.int == 50)
    #expect(try #require(report["accuracy"]?.double) > 95)

    let evaluated = try json(try Program.run(["evaluate", even] + data + ["--json"]).output)
    #expect(evaluated["accuracy"] == report["accuracy"])
    #expect(evaluated["confusion"]?.array?.count == 5)
    #expect(evaluated["classes"]?.array?.compactMap(\.string) == ["0", "2", "4", "6", "8"])

    let moved = try Program.run(
      ["transfer", "--from", even] + data + ["--classes", "odd", "--epochs", "30", "--learning-rate", "0.05"]
        + ["--out", odd, "--json"])
    try #require(moved.code == 0, "\(moved.errors)")
    let target = try json(try Program.run(["evaluate", odd] + data + ["--json"]).output)
    #expect(target["accuracy"] == (try json(moved.output))["accuracy"])
    #expect(target["classes"]?.array?.compactMap(\.string) == ["1", "3", "5", "7", "9"])
  }

  @Test("the same seed writes the same bytes, another seed others")
  func determinism() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    func train(_ name: String, seed: String) throws -> String {
      let arguments = ["train", "--data", folder.path, "--model", "mlp:8", "--epochs", "2", "--seed", seed, "--quiet"]
      let result = try Program.run(arguments + ["--out", folder.file(name)])
      #expect(result.code == 0, "\(result.errors)")
      return try SHA256Digest.hex(ofFileAt: folder.file(name))
    }
    let first = try train("a", seed: "7")
    #expect(try train("b", seed: "7") == first)
    #expect(try train("c", seed: "8") != first)
  }

  @Test("evaluate writes its measurements and predictions")
  func files() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let model = folder.file("model.safetensors")
    let data = ["--data", folder.path, "--quiet"]
    _ = try Program.run(["train"] + data + ["--model", "softmax", "--classes", "1,3", "--epochs", "1", "--out", model])
    let result = try Program.run(
      ["evaluate", model] + data + ["--out", folder.file("m.json"), "--predictions", folder.file("p.json")])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("Accuracy "))
    #expect(result.output.contains("precision"))
    let measured = try json(String(decoding: try readFile(at: folder.file("m.json")), as: UTF8.self))
    #expect(measured["images"]?.int == 20)
    let predictions = try json(String(decoding: try readFile(at: folder.file("p.json")), as: UTF8.self))
    #expect(predictions["logits"]?.array?.count == 20)
    #expect(predictions["logits"]?.array?.first?.array?.count == 2)
    #expect(predictions["labels"]?.array?.prefix(2).compactMap(\.int) == [1, 3])
  }

  @Test("a head keeps its outputs where they fit and says so where they do not")
  func heads() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let model = folder.file("model.safetensors")
    let data = ["--data", folder.path, "--epochs", "1", "--quiet"]
    _ = try Program.run(["train"] + data + ["--model", "mlp:8", "--classes", "0-4", "--out", model])
    let out = folder.file("out.safetensors")
    let refused = try Program.run(
      ["transfer", "--from", model] + data + ["--classes", "5,6", "--head", "keep", "--out", out])
    #expect(refused.code == 64)
    #expect(refused.errors.contains("5 outputs and the target 2 classes: use --head reset"), "\(refused.errors)")
    #expect(!folder.exists("out.safetensors"))
    let reset = try Program.run(["transfer", "--from", model] + data + ["--classes", "5,6", "--out", out])
    #expect(reset.code == 0, "\(reset.errors)")
    let softmax = folder.file("softmax.safetensors")
    _ = try Program.run(["train"] + data + ["--model", "softmax", "--out", softmax])
    let bodiless = try Program.run(["transfer", "--from", softmax] + data + ["--classes", "all", "--out", out])
    #expect(bodiless.code == 64)
    #expect(bodiless.errors.contains("no body to freeze"), "\(bodiless.errors)")
  }

  @Test("a rehearsal writes every file and judges nothing; one and two threads leave the same bytes")
  func rehearsal() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.file("mnist"))
    func rehearse(_ name: String, threads: String) throws -> JSON {
      let result = try Program.run([
        "reproduce", "--data-dir", folder.path, "--epochs", "3", "--transfer-epochs", "2", "--fractions", "--variant",
        "numpy", "--threads", threads, "--out", folder.file(name), "--json", "--quiet",
      ])
      try #require(result.code == 0, "\(result.errors)")
      return try json(result.output)
    }
    let one = try rehearse("one", threads: "1")
    let two = try rehearse("two", threads: "2")
    #expect(one["cells"]?.array?.count == 6)
    #expect(one["controls"]?.array?.count == 4)
    #expect(one["fractions"]?.array?.count == 36)
    #expect(one["variant"]?.array?.count == 4)
    for cell in one["cells"]?.array ?? [] {
      #expect(cell["verdict"]?.isNull == true)
      #expect(cell["reported"]?.isNull == true, "these are not the study's images")
    }
    let digests = [one, two].map { $0["cells"]?.array?.map { $0["checkpoints"] } }
    #expect(digests[0] == digests[1])
    let tasks = ["softmax-even", "softmax-odd", "network-even", "network-odd"]
    let transfers = ["transfer-odd-to-even", "transfer-even-to-odd"]
    let figures = (tasks + transfers).flatMap { ["loss-\($0).svg", "confusion-\($0).svg"] }
    for name in ["results.json", "results.md", "results.csv", "history.csv"] + figures {
      #expect(folder.exists("one/\(name)"), "\(name)")
    }
    for name in tasks + transfers { #expect(folder.exists("one/seed-0/\(name).safetensors"), "\(name)") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("one"))
    #expect(names.count > 10 && names.allSatisfy { !$0.contains(".tmp-") }, "\(names)")
  }
}
