import Foundation
import GraftFiles
import Testing

@Suite("Pages, on tiny data")
struct ReportTests {
  private static let name = "x</script><img src=x onerror=alert(1)>"

  private func page(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test("reproduce leaves a page, and report makes the same one of its folder")
  func reproduction() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.file("mnist"))
    let out = folder.file("results")
    let made = try Program.run([
      "reproduce", "--data-dir", folder.path, "--epochs", "2", "--transfer-epochs", "1", "--out", out, "--quiet",
    ])
    try #require(made.code == 0, "\(made.errors)")
    let first = try page("\(out)/report.html")
    for part in ["NOT THE STUDY", "Draw a digit", "Confusion matrices", "First-layer weights", "Settings, hashes"] {
      #expect(first.contains(part))
    }
    let again = try Program.run([
      "report", out, "--data-dir", folder.path, "--out", folder.file("b/again.html"), "--json",
    ])
    try #require(again.code == 0, "\(again.errors)")
    #expect(try page(folder.file("b/again.html")) == first)
    #expect(try JSON(parsing: again.output)["bytes"]?.int == first.utf8.count)

    // Another model under the old name, other images: never a page that lies.
    let checkpoint = "\(out)/seed-0/softmax-even.safetensors"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: checkpoint))
    try FileManager.default.removeItem(atPath: checkpoint)
    let missing = try Program.run(["report", out, "--data-dir", folder.path])
    #expect(missing.code == 66 && missing.errorLines.count { $0.hasPrefix("graft: error: ") } == 1)
    try FileManager.default.copyItem(atPath: "\(out)/seed-0/softmax-odd.safetensors", toPath: checkpoint)
    let other = try Program.run(["report", out, "--data-dir", folder.path])
    #expect(other.code == 65 && other.errors.contains("is not the checkpoint that this reproduction wrote"))
    try bytes.write(to: URL(fileURLWithPath: checkpoint))
    try TinyDigits.write(to: folder.file("other/mnist"), test: 12)
    let images = try Program.run(["report", out, "--data-dir", folder.file("other")])
    #expect(images.code == 65 && images.errors.contains("test images here are not those"))
    #expect(images.errors.hasSuffix("; name its data with --data-dir\n"), "\(images.errors)")
  }

  @Test("a training, its checkpoint and its run have pages, whatever their names")
  func trainings() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let (file, store) = (folder.file("\(Self.name).safetensors"), folder.file("runs.sqlite"))
    let trained = try Program.run([
      "train", "--data", folder.path, "--classes", "even", "--model", "mlp:6", "--epochs", "3", "--out", file,
      "--report", folder.file("train.html"), "--store", store, "--quiet",
    ])
    try #require(trained.code == 0, "\(trained.errors)")
    let moved = try Program.run([
      "transfer", "--from", file, "--data", folder.path, "--classes", "odd", "--epochs", "2", "--out",
      folder.file("odd.safetensors"), "--report", folder.file("transfer.html"), "--quiet",
    ])
    try #require(moved.code == 0, "\(moved.errors)")
    let shown = try Program.run(["report", file, "--data", folder.path, "--out", folder.file("file.html"), "--quiet"])
    try #require(shown.code == 0, "\(shown.errors)")
    let list = try JSON(parsing: try Program.run(["runs", "list", "--store", store, "--json"]).output)
    let id = try #require(list["runs"]?.array?.first?["id"]?.string)
    let run = try Program.run([
      "report", String(id.prefix(8)), "--store", store, "--data", folder.path, "--out", folder.file("run.html"),
      "--quiet",
    ])
    try #require(run.code == 0, "\(run.errors)")
    for name in ["train.html", "transfer.html", "file.html", "run.html"] {
      let source = try page(folder.file(name))
      #expect(source.contains("Confusion matrix") && source.contains("data-cell=") && !source.contains("<img src=x"))
      #expect(source.contains("id=\"draw-digit\"") == (name != "run.html"))
    }
    #expect(try page(folder.file("train.html")).contains("Loss"))
    #expect(try page(folder.file("transfer.html")).contains("Before: the source"))
  }

  @Test("a study leaves a page, and report makes it again without training")
  func studies() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let (out, store) = (folder.file("study"), folder.file("s.sqlite"))
    let arguments = [
      "study", "--data", folder.path, "--methods", "fine-tune", "--per-class", "2", "--seeds", "2", "--model", "mlp:6",
      "--store", store, "--out", out, "--quiet",
    ]
    let made = try Program.run(arguments)
    try #require(made.code == 0, "\(made.errors)")
    #expect(try page("\(out)/report.html").contains("Accuracy by number of labels"))
    let again = try Program.run(["report", out, "--out", folder.file("again.html")])
    try #require(again.code == 0, "\(again.errors)")
    #expect(try page(folder.file("again.html")) == page("\(out)/report.html"))
    // From wherever it is asked for, though the study's command names a path from where that was.
    let relative = arguments.map { $0 == folder.path ? "." : $0 == out ? "other" : $0 }
    try #require(try Program.run(relative, in: folder.path).code == 0)
    let elsewhere = try Program.run(["report", folder.file("other"), "--out", folder.file("elsewhere.html")], in: "/")
    #expect(elsewhere.code == 0, "\(elsewhere.errors)")
    #expect(try page(folder.file("elsewhere.html")) == page(folder.file("other/report.html")))
    let kept = try SHA256Digest.hex(ofFileAt: store)
    let refused = try Program.run(["report", out, "--out", store])
    #expect(refused.code == 64 && refused.errors.contains("--out is the file of the store"), "\(refused.errors)")
    #expect(try SHA256Digest.hex(ofFileAt: store) == kept)
    // Without its store there is nothing to show, and nothing is trained for a page.
    try FileManager.default.moveItem(atPath: store, toPath: "\(store).moved")
    try FileManager.default.moveItem(atPath: "\(store).models", toPath: "\(store).moved.models")
    let lost = try Program.run(["report", out])
    #expect(lost.code == 66 && lost.errorLines.count == 1)
    let moved = try Program.run(["report", out, "--store", "\(store).moved", "--out", folder.file("moved.html")])
    #expect(moved.code == 0, "\(moved.errors)")
    #expect(try page(folder.file("moved.html")) == page(folder.file("again.html")))
  }

  @Test("nothing that a page is made of is replaced by it")
  func ownFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let train = ["train", "--data", folder.path, "--model", "softmax", "--epochs", "1", "--quiet"]
    let file = folder.file("a.safetensors")
    try #require(try Program.run(train + ["--out", file]).code == 0)
    let digest = try SHA256Digest.hex(ofFileAt: file)
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: file)
    for (arguments, place) in [
      (["report", "a.safetensors", "--data", folder.path], "./a.safetensors"),
      (["report", "a.safetensors", "--data", folder.path], "link"),
      (train + ["--out", "a.safetensors"], "./a.safetensors"), (train + ["--out", "b", "--store", "s"], "./s"),
      (["transfer", "--from", "link", "--data", folder.path, "--classes", "odd", "--out", "b"], "a.safetensors"),
    ] {
      let flag = arguments[0] == "report" ? "--out" : "--report"
      let result = try Program.run(arguments + [flag, place], in: folder.path)
      #expect(result.code == 64 && result.errorLines.count == 1, "\(arguments) \(place): \(result.errors)")
    }
    for arguments in [
      ["evaluate", "a.safetensors", "--out", "./a.safetensors"], ["evaluate", "link", "--predictions", file],
      ["transfer", "--from", "link", "--classes", "odd", "--out", "./a.safetensors"],
    ] {
      let result = try Program.run(arguments + ["--data", folder.path], in: folder.path)
      #expect(result.code == 64 && result.errorLines.count == 1, "\(arguments): \(result.errors)")
    }
    #expect(try SHA256Digest.hex(ofFileAt: file) == digest)
  }

  @Test("images of another size have a page without a pad")
  func otherSizes() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.file("mnist"), side: 14)
    let made = try Program.run([
      "reproduce", "--data-dir", folder.path, "--epochs", "1", "--transfer-epochs", "1", "--no-controls", "--out",
      folder.file("r"), "--quiet",
    ])
    try #require(made.code == 0, "\(made.errors)")
    let source = try page(folder.file("r/report.html"))
    #expect(!source.contains("id=\"draw-digit\"") && source.contains("14×14 weights"))
  }
}
