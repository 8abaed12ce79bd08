import Foundation
import GraftFiles
import Testing

@Suite("Convolutional models, ensembles and named layers, through the program")
struct ConvolutionalTests {
  private let folder: TemporaryFolder
  private static let model = "cnn:4c5-p2-8c3b-p2-12"

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
  }

  private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

  private func train(_ name: String, _ flags: [String] = []) throws -> Program.Result {
    try Program.run(
      [
        "train", "--data", folder.path, "--model", Self.model, "--recipe", "quick", "--learning-rate", "0.05",
        "--quiet",
        "--epochs", "4", "--out", folder.file(name),
      ] + flags)
  }

  private func bytes(_ name: String) throws -> [UInt8] { try readFile(at: folder.file(name)) }

  @Test(
    "a convolutional network trains, is measured and answers; same seed, same bits for any number of threads, augmented"
  )
  func threads() throws {
    defer { folder.remove() }
    let flags = ["--augment", "shift=1,rotate=10", "--average-weights", "0.9", "--label-smoothing", "0.05"]
    for threads in ["1", "2", "3"] {
      let result = try train("m\(threads).safetensors", flags + ["--threads", threads])
      #expect(result.code == 0, "\(result.errors)")
    }
    #expect(try bytes("m1.safetensors") == bytes("m2.safetensors"))
    #expect(try bytes("m1.safetensors") == bytes("m3.safetensors"))
    let measured = try json(
      Program.run(["evaluate", folder.file("m1.safetensors"), "--data", folder.path, "--json"]).output)
    #expect(try #require(measured["accuracy"]?["percent"]?.double ?? measured["accuracy"]?.double) > 50)
  }

  @Test("show prints the layers of a model and of a checkpoint, with what is held")
  func show() throws {
    defer { folder.remove() }
    let model = try json(Program.run(["show", "cnn:small", "--json"]).output)
    #expect(model["parameters"]?.int == 80_202 && model["multiply_adds"]?.int == 1_116_416)
    #expect(model["layers"]?.array?.map { $0["name"]?.string } == ["conv1", "conv2", "fc1", "fc2"])
    #expect(model["layers"]?.array?.map { $0["output"]?.string } == ["16x12x12", "32x4x4", "128x1x1", "10x1x1"])
    let colored = try Program.run(["show", "cnn:8c3p1-p2-a-9", "--input", "3x32x30", "--outputs", "7"])
    #expect(colored.code == 64 && colored.errorLines.count == 1)
    let other = try json(
      Program.run(["show", "cnn:8c3p1-p2-9", "--input", "3x32x30", "--outputs", "7", "--json"]).output)
    #expect(other["layers"]?.array?.first?["output"]?.string == "8x16x15")
    #expect(try train("m.safetensors", ["--classes", "0-4"]).code == 0)
    let moved = try Program.run([
      "transfer", "--from", folder.file("m.safetensors"), "--data", folder.path, "--classes", "5-9", "--epochs", "1",
      "--freeze", "conv1,conv2", "--method", "fine-tune", "--no-control", "--quiet", "--out",
      folder.file("t.safetensors"),
    ])
    #expect(moved.code == 0, "\(moved.errors)")
    let held = try json(Program.run(["show", folder.file("t.safetensors"), "--json"]).output)
    let trains = held["layers"]?.array?.map { $0["trains"]?.array?.count }
    #expect(trains == [0, 0, 2, 2])
    #expect(held["model"]?.string == Self.model && held["classes"]?.array?.count == 5)
    let text = try Program.run(["show", folder.file("t.safetensors")])
    #expect(text.output.contains("frozen") && text.output.contains("batch norm"))
  }

  @Test("a layer trains although the method holds it, and one is held although it trains")
  func namedLayers() throws {
    defer { folder.remove() }
    #expect(try train("m.safetensors", ["--classes", "0-4"]).code == 0)
    func transfer(_ flags: [String]) throws -> Program.Result {
      try Program.run(
        [
          "transfer", "--from", folder.file("m.safetensors"), "--data", folder.path, "--classes", "5-9", "--epochs",
          "1",
          "--no-control", "--quiet", "--out", folder.file("t.safetensors"),
        ] + flags)
    }
    #expect(try transfer(["--method", "frozen", "--unfreeze", "fc1"]).code == 0)
    let before = try Safetensors(decoding: bytes("m.safetensors"))
    let after = try Safetensors(decoding: bytes("t.safetensors"))
    for name in ["conv1.weight", "conv1.bias", "conv2.weight", "bn1.weight", "bn1.running_mean", "bn1.running_var"] {
      #expect(before.tensor(name)?.bytes == after.tensor(name)?.bytes, "\(name)")
    }
    #expect(before.tensor("fc1.weight")?.bytes != after.tensor("fc1.weight")?.bytes)
    for (flags, words) in [
      (["--freeze", "conv9"], "the model has no layer 'conv9'; it has conv1, conv2, fc1, fc2"),
      (["--method", "fine-tune", "--freeze", "conv1,conv2,fc1,fc2"], "no layer trains"),
      (["--method", "frozen", "--solve-head", "--unfreeze", "fc1"], "a head that is solved trains nothing else"),
      (["--freeze", "conv1,,fc1"], "names of layers"), (["--freeze", "-1"], "whole number"),
    ] {
      let result = try transfer(flags)
      #expect(result.code == 64 && result.errorLines.count == 1, "\(flags) \(result.errors)")
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }

  @Test("a record says held of what no stage trains, and only of that")
  func recordOfStages() throws {
    defer { folder.remove() }
    #expect(try train("m.safetensors", ["--classes", "0-4"]).code == 0)
    for (method, held) in [("lp-ft", []), ("gradual", []), ("fine-tune:1", ["conv1.weight", "conv1.bias"])] {
      let result = try Program.run([
        "transfer", "--from", folder.file("m.safetensors"), "--data", folder.path, "--classes", "5-9", "--epochs", "3",
        "--method", method, "--no-control", "--quiet", "--json", "--out", folder.file("t.safetensors"),
      ])
      try #require(result.code == 0, "\(result.errors)")
      let frozen = try json(result.output)["settings"]?["frozen"]?.array?.compactMap(\.string)
      #expect(frozen == held, "\(method): \(frozen ?? [])")
    }
  }

  @Test(
    "several seeds each have their file, and their mean and deviation are printed; a finished seed is not trained again"
  )
  func seeds() throws {
    defer { folder.remove() }
    let flags = ["--seeds", "3", "--seed", "4", "--json"]
    let first = try train("m.safetensors", flags)
    #expect(first.code == 0, "\(first.errors)")
    let files = (4...6).map { "m-seed-\($0).safetensors" }
    let before = try files.map(bytes)
    let document = try json(first.output)
    let values = try #require(document["accuracy"]?["values"]?.array?.compactMap { $0.double })
    #expect(values.count == 3 && Set(before).count == 3)
    let mean = values.reduce(0, +) / 3
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
    #expect(abs(try #require(document["accuracy"]?["mean"]?.double) - mean) < 1e-9)
    #expect(abs(try #require(document["accuracy"]?["deviation"]?.double) - deviation) < 1e-9)
    #expect(try train("alone.safetensors", ["--seed", "5"]).code == 0)
    #expect(try bytes("alone.safetensors") == before[1])
    try FileManager.default.removeItem(atPath: folder.file(files[1]))
    let again = try train("m.safetensors", ["--seeds", "3", "--seed", "4", "--resume"])
    #expect(again.code == 0 && again.output.components(separatedBy: "finished before").count == 3, "\(again.output)")
    #expect(try files.map(bytes) == before)
    #expect(again.output.contains("graft evaluate") && again.output.contains("--with"))
  }

  @Test("an ensemble answers with the mean of its members' probabilities; of one model it is the model")
  func ensemble() throws {
    defer { folder.remove() }
    #expect(try train("a.safetensors").code == 0)
    #expect(try train("b.safetensors", ["--seed", "1"]).code == 0)
    #expect(try train("half.safetensors", ["--classes", "0-4"]).code == 0)
    func probabilities(_ flags: [String]) throws -> [[Double]] {
      let result = try Program.run(
        ["predict", folder.file("a.safetensors"), folder.file("t10k-images-idx3-ubyte"), "--json", "--top", "10"]
          + flags)
      #expect(result.code == 0, "\(result.errors)")
      let images = try #require(try json(result.output)["images"]?.array)
      return images.map { image in
        var row = [Double](repeating: 0, count: 10)
        for answer in image["classes"]?.array ?? [] {
          if let name = answer["class"]?.string ?? answer["name"]?.string, let place = Int(name) {
            row[place] = answer["probability"]?.double ?? .nan
          }
        }
        return row
      }
    }
    let alone = try probabilities([])
    try FileManager.default.copyItem(atPath: folder.file("a.safetensors"), toPath: folder.file("same.safetensors"))
    let twice = try probabilities(["--with", folder.file("same.safetensors")])
    let both = try probabilities(["--with", folder.file("b.safetensors")])
    let views = try probabilities(["--tta", "4"])
    for image in alone.indices {
      #expect(abs(alone[image].reduce(0, +) - 1) < 1e-3)
      for output in 0..<10 { #expect(abs(alone[image][output] - twice[image][output]) < 1e-4) }
    }
    #expect(alone != both && alone != views)
    #expect(try probabilities(["--tta", "4"]) == views)
    for (flags, words) in [
      (["--with", folder.file("half.safetensors")], "different classes"), (["--tta", "0"], "whole number"),
      (["--with", folder.file("none.safetensors")], "none.safetensors"),
    ] {
      let result = try Program.run(
        ["evaluate", folder.file("a.safetensors"), "--data", folder.path] + flags)
      #expect(result.code != 0 && result.errorLines.count == 1 && result.errors.contains(words), "\(result.errors)")
    }
  }

  @Test(
    "what makes no network is one clear line",
    arguments: [
      ("cnn:4c29", "window of 29x29 is larger than its input of 28x28"), ("cnn:4c5-p2-4c13", "conv2's window of 13x13"),
      ("cnn:4c5-p25", "pooling by 25 leaves nothing of the 24x24"), ("cnn:p2-4c5", "must follow a convolution"),
      ("cnn:4c5-p2-p2", "must follow a convolution"), ("cnn:4c5-10-4c5", "convolutions come first"),
      ("cnn:4c5-p2-x", "'x' is no layer"), ("cnn:4c5-", "is no layer"), ("cnn:10", "without one it is an mlp"),
      ("cnn:4c3p3", "is no layer"),
    ])
  func badModels(model: String, words: String) throws {
    defer { folder.remove() }
    let result = try Program.run([
      "train", "--data", folder.path, "--model", model, "--out", folder.file("x.safetensors"),
    ])
    #expect(result.code == 64 && result.errorLines.count == 1, "\(result.errors)")
    #expect(result.errors.contains(words) && result.errors.contains(model), "\(result.errors)")
  }

  @Test("a batch of one image is nothing to normalise a vector over")
  func batchOfOne() throws {
    defer { folder.remove() }
    for flags in [["--batch-size", "1"], ["--per-class", "3", "--batch-size", "29"]] {
      let result = try Program.run(
        [
          "train", "--data", folder.path, "--model", "cnn:4c5-p2-8b", "--epochs", "1", "--quiet", "--out",
          folder.file("x.safetensors"),
        ] + flags)
      #expect(result.code == 64 && result.errorLines.count == 1, "\(result.errors)")
      #expect(result.errors.contains("fc1 is normalised over the batch"), "\(result.errors)")
      #expect(result.errors.hasSuffix("nothing to normalise: choose another --batch-size\n"), "\(result.errors)")
    }
  }
}
