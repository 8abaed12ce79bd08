import Foundation
import GraftFiles
import GraftNetworks
import Testing

@Suite("Checkpoints that others made: names that would drive a terminal, weights that overflow")
struct HostileCheckpointTests {
  private let folder: TemporaryFolder
  private var model: String { folder.file("m.safetensors") }
  private var data: [String] { ["--data", folder.path] }

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path, train: 20, test: 5, classes: [0, 1])
    let trained = try Program.run(
      ["train", "--model", "mlp:8", "--epochs", "20", "--quiet", "--out", model] + data)
    #expect(trained.code == 0, "\(trained.errors)")
    let image = Array(try readFile(at: folder.file("t10k-images-idx3-ubyte"))[16..<800])
    try AtomicFile.write(image, to: folder.file("one.raw"))
  }

  private func changed(_ name: String, _ change: (inout Safetensors) throws -> Void) throws -> String {
    var file = try Safetensors(decoding: readFile(at: model))
    try change(&file)
    try AtomicFile.write(file.encoded(), to: folder.file(name))
    return folder.file(name)
  }

  @Test("class names and the name of the data are shown, not sent, by every command")
  func names() throws {
    defer { folder.remove() }
    let escapes = "\u{1B}]0;title\u{7}\u{1B}[31mred"
    let breaks = "two\nlines \u{202E}and\u{9B}2J"
    let evil = try changed("evil.safetensors") { file in
      for (place, entry) in file.metadata.enumerated() where entry.key == "graft.class_names" {
        file.metadata[place].value = JSON.array([.string(escapes), .string(breaks)]).text()
      }
      for (place, entry) in file.metadata.enumerated() where entry.key == "graft.record" {
        var record = try JSON(parsing: entry.value).object ?? JSON.Object()
        record["data"] = .string("data\u{1B}[2J\nzzz")
        file.metadata[place].value = JSON.object(record).text()
      }
    }
    let commands = [
      ["evaluate", evil] + data, ["evaluate", evil, "--json"] + data, ["evaluate", evil],
      ["predict", evil, folder.file("one.raw"), "--top", "2", "--show"],
      ["predict", evil, folder.file("one.raw"), "--top", "2", "--json"], ["show", evil], ["show", evil, "--json"],
      ["compare", evil, model] + data, ["evaluate", model, "--with", evil] + data,
      ["report", evil, "--out", folder.file("r.html")] + data,
      ["score", evil, "--classes", "0,1"] + data,
      ["transfer", "--from", evil, "--classes", "0,1", "--epochs", "1", "--out", folder.file("t")] + data,
    ]
    for command in commands {
      let result = try Program.run(command)
      for scalar in (result.output + result.errors).unicodeScalars where scalar != "\n" {
        let isSent = [.control, .format].contains(scalar.properties.generalCategory)
        #expect(!isSent, "\(command): U+\(String(scalar.value, radix: 16))")
      }
      if !command.contains("--json") {
        let lines = (result.output + result.errors).split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("lines ") || $0.hasPrefix("zzz") }, "\(command)")
      } else {
        let document = try JSON(parsing: result.output)
        let names =
          document["classes"]?.array ?? document["images"]?.array?.first?["classes"]?.array?.compactMap { $0["class"] }
        #expect(names.map { Set($0.compactMap(\.string)) } == [escapes, breaks], "\(command)")
      }
    }
  }

  @Test("outputs that are no numbers are one line and exit 65, wherever they would be used")
  func overflow() throws {
    defer { folder.remove() }
    let huge = try changed("huge.safetensors") { file in
      for name in ["fc1.weight", "fc2.weight"] {
        guard let place = file.tensors.firstIndex(where: { $0.name == name }) else { continue }
        let tensor = file.tensors[place]
        file.tensors[place] = try Safetensors.floats32(name, tensor.shape, tensor.floats().map { $0 * 1e20 })
      }
    }
    for command in [
      ["evaluate", huge] + data, ["evaluate", huge, "--tta", "2", "--json"] + data,
      ["evaluate", model, "--with", huge] + data, ["predict", huge, folder.file("one.raw")],
      ["predict", model, folder.file("one.raw"), "--with", huge], ["compare", huge, model] + data,
      ["compare", model, huge] + data, ["report", huge, "--out", folder.file("r.html")] + data,
      ["score", model, huge, "--classes", "0,1"] + data,
    ] {
      let result = try Program.run(command)
      #expect(result.code == 65, "\(command): \(result.output)")
      #expect(result.output.isEmpty && result.errorLines.count == 1, "\(command): \(result.errors)")
      #expect(result.errors.contains("not finite numbers"), "\(command): \(result.errors)")
    }
    #expect(!folder.exists("r.html"))
    let transfer = try Program.run(
      ["transfer", "--from", huge, "--classes", "0,1", "--epochs", "1", "--quiet", "--out", folder.file("t")] + data)
    #expect(transfer.code == 1 && transfer.output.isEmpty && transfer.errorLines.count == 1, "\(transfer.errors)")
    #expect(!folder.exists("t"))
  }
}
