import Foundation
import GraftFiles
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct CheckpointTests {
  private func checkpoint(_ units: [Int] = [5]) -> Checkpoint {
    var model = Model(
      Architecture(hiddenUnits: units), inputShape: ImageShape(channels: 2, height: 3, width: 2), classCount: 4, seed: 3
    )
    model.freezeBody()
    var record = JSON.Object()
    record["seed"] = "3"
    record["note"] = "line\nbreak, \"quotes\" and ünïcode"
    return Checkpoint(
      model: model, normalization: Normalization(mean: 0.1307, deviation: 0.3081),
      outputs: ClassOutputs(.original, choosing: [1, 3], of: ["a", "b, c", "ü", "line\nbreak"]), record: record)
  }

  /// The file of a good checkpoint, for a test to break.
  private func file() throws -> Safetensors { try Safetensors(decoding: checkpoint().encoded()) }

  private func error(_ file: Safetensors) throws -> String {
    let bytes = try file.encoded()
    let text = errorText { try Checkpoint(decoding: bytes) }
    #expect(!text.contains("\n") && !text.hasPrefix("no error"))
    return text
  }

  @Test(
    "what is read is what was written: bits, mask, outputs, normalization and record", arguments: [[], [5], [17, 3]])
  func roundTrip(units: [Int]) throws {
    var written = checkpoint(units)
    for value: Float in [-0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-38] {
      var values = written.model.values("fc1.bias")
      values[0] = value
      written.model.parameters.setValues(of: written.model.parameters.slices[1], to: values)
      let read = try Checkpoint(decoding: try written.encoded())
      #expect(mismatchInBits(read.model.allValues, written.model.allValues) == nil)
      #expect(read.model == written.model && read.model.isTrainable == written.model.isTrainable)
      #expect(read.normalization == written.normalization && read.outputs == written.outputs)
      #expect(read.record == written.record)
      #expect(try read.encoded() == written.encoded())
    }
  }

  @Test("the file has PyTorch's names, shapes and order of values")
  func tensors() throws {
    let file = try file()
    #expect(Set(file.tensors.map(\.name)) == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"])
    #expect(file.tensor("fc1.weight")?.shape == [5, 12] && file.tensor("fc2.bias")?.shape == [4])
    #expect(file.metadata("format") == "pt")
    for slice in checkpoint().model.parameters.slices {
      #expect(try file.tensor(slice.name)?.floats() == checkpoint().model.parameters.values(of: slice))
    }
  }

  @Test("a file is written whole, with its SHA-256, in a folder that is made for it")
  func save() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/new/model.safetensors"
    let digest = try checkpoint().save(to: path)
    #expect(try digest == SHA256Digest.hex(ofFileAt: path))
    #expect(try Checkpoint(contentsOf: path).model == checkpoint().model)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/new") == ["model.safetensors"])
    #expect(try checkpoint().save(to: path) == digest)
  }

  @Test("a model with a weight that is no number is refused, and nothing is left", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/model.safetensors"
    var broken = checkpoint()
    broken.model.parameters.setValues(of: broken.model.parameters.slices[3], to: [0, 0, value, 0])
    let expected = "\(path): fc2.bias has a weight that is not a finite number; nothing was written"
    #expect(errorText { try broken.save(to: path) } == expected)
    #expect(try folder.names() == [])
    // Nor is a good file that was there before touched.
    let digest = try checkpoint().save(to: path)
    #expect(errorText { try broken.save(to: path) } == expected)
    #expect(try SHA256Digest.hex(ofFileAt: path) == digest)
    #expect(try folder.names() == ["model.safetensors"])
  }

  @Test("a file that is missing or no checkpoint is named with its path")
  func paths() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/model.safetensors"
    #expect(errorText { try Checkpoint(contentsOf: path) } == "\(path): cannot read: No such file or directory")
    try AtomicFile.write(Array("no checkpoint at all".utf8), to: path, createFolders: false)
    #expect(errorText { try Checkpoint(contentsOf: path) }.hasPrefix("\(path): "))
  }

  @Test("a file that is no checkpoint is refused by its header and its size, before its data are read")
  func sizes() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/model.safetensors"
    let good = try checkpoint().encoded()
    /// Writes a file with a hole of gigabytes behind these bytes, which takes no room on the disk.
    func refusal(_ bytes: [UInt8], size: UInt64) throws -> String {
      try AtomicFile.write(bytes, to: path)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.truncate(atOffset: size)
      try handle.close()
      return errorText { try Checkpoint(contentsOf: path) }
    }
    let size = UInt64(3 << 30)
    #expect(
      try refusal(good, size: size)
        == "\(path): byte \(good.count): expected the end of the file after the last tensor, found "
        + "\(Int(size) - good.count) bytes more")
    #expect(try refusal([], size: size).hasPrefix("\(path): byte 8: expected a JSON object as header"))
    #expect(try refusal(Array("GIF89a..".utf8), size: size) == "\(path): this is a GIF image, not safetensors")
    #expect(try refusal(Array(good.dropLast(4)), size: UInt64(good.count - 4)).hasPrefix("\(path): byte "))
    #expect(
      try refusal([200, 0, 0, 0, 0, 0, 0, 0], size: 20)
        == "\(path): byte 8: expected a header of 200 bytes, found 12 bytes")
    #expect(try refusal([1, 2], size: 2) == "\(path): byte 0: expected 8 bytes for the header length, found 2 bytes")
    #expect(try refusal([], size: 0) == "\(path): byte 0: expected a safetensors file, found an empty file")
  }

  // MARK: Broken tensors

  private let misfit = "the tensors do not fit the model: "

  @Test("a missing tensor, an unknown one and one of another shape are named")
  func tensorProblems() throws {
    var file = try file()
    file.tensors.removeAll { $0.name == "fc1.bias" }
    #expect(try error(file) == misfit + "fc1.bias is missing")
    file.tensors.append(try Safetensors.floats32("fc1.bias", [5], [0, 0, 0, 0, 0]))
    file.tensors.append(try Safetensors.floats32("fc3.bias", [1], [0]))
    #expect(try error(file) == misfit + "\"fc3.bias\" is not part of the model")
    file = try self.file()
    file.tensors.removeAll { $0.name == "fc2.weight" }
    file.tensors.append(try Safetensors.floats32("fc2.weight", [5, 4], [Float](repeating: 0, count: 20)))
    #expect(try error(file) == misfit + "fc2.weight is 5 x 4, not 4 x 5")
  }

  @Test("a tensor with a value that is no number is refused", arguments: [Float.nan, .infinity, -.infinity])
  func notFiniteTensor(value: Float) throws {
    var file = try file()
    file.tensors.removeAll { $0.name == "fc2.bias" }
    file.tensors.append(try Safetensors.floats32("fc2.bias", [4], [0, 0, 0, value]))
    #expect(try error(file) == misfit + "fc2.bias has a value that is not a finite number")
  }

  @Test("many problems are one line")
  func manyProblems() throws {
    var file = try file()
    file.tensors = try (0..<4).map { try Safetensors.floats32("extra\($0)", [1], [0]) }
    #expect(try error(file).hasSuffix("\"extra0\" is not part of the model; and 3 more"))
  }

  @Test("a tensor of integers is refused")
  func integers() throws {
    var file = try file()
    file.tensors.removeAll { $0.name == "fc2.bias" }
    file.tensors.append(
      Safetensors.Tensor(name: "fc2.bias", dtype: .i32, shape: [4], bytes: [UInt8](repeating: 0, count: 16)[...]))
    #expect(try error(file).contains("fc2.bias"))
  }

  @Test("PyTorch's half precision is read")
  func halfPrecision() throws {
    var file = try file()
    file.tensors.removeAll { $0.name == "fc2.bias" }
    file.tensors.append(
      Safetensors.Tensor(name: "fc2.bias", dtype: .bf16, shape: [4], bytes: [0x80, 0x3F, 0, 0xC0, 0, 0, 0, 0x3F]))
    #expect(try Checkpoint(decoding: file.encoded()).model.values("fc2.bias") == [1, -2, 0, 0.5])
  }

  // MARK: Broken metadata

  struct Entry: Sendable, CustomTestStringConvertible {
    let key: String
    let value: String
    let error: String
    var testDescription: String { "\(key) = \(value)" }
  }

  static let entries = [
    Entry(
      key: "schema_version", value: "2", error: "written by a newer Graft (metadata version 2, this one reads 1)"),
    Entry(
      key: "schema_version", value: "one", error: "metadata graft.schema_version: expected a number, found \"one\""),
    Entry(key: "schema_version", value: "0", error: "metadata graft.schema_version: expected a number, found \"0\""),
    Entry(
      key: "model", value: "cnn:3",
      error: "metadata graft.model: model 'cnn:3': there is no convolution; without one it is an mlp"),
    Entry(key: "input_shape", value: "2x3", error: "metadata graft.input_shape: expected 1x28x28, found \"2x3\""),
    Entry(key: "input_shape", value: "2x3x0", error: "metadata graft.input_shape: expected 1x28x28, found \"2x3x0\""),
    Entry(key: "input_shape", value: "2x3x-2", error: "metadata graft.input_shape: expected 1x28x28, found \"2x3x-2\""),
    Entry(
      key: "input_shape", value: "1x3x9999", error: "metadata graft.input_shape: expected 1x28x28, found \"1x3x9999\""),
    Entry(
      key: "normalization", value: "{\"mean\":0}",
      error: "metadata graft.normalization: expected a mean and a positive deviation"),
    Entry(
      key: "normalization", value: "{\"mean\":0,\"deviation\":0}",
      error: "metadata graft.normalization: expected a mean and a positive deviation"),
    Entry(
      key: "normalization", value: "{\"mean\":[0,null],\"deviation\":[1,1]}",
      error: "metadata graft.normalization: expected a number or a list of numbers as mean"),
    Entry(
      key: "normalization", value: "{\"mean\":[0,0],\"deviation\":[1,\"1\"]}",
      error: "metadata graft.normalization: expected a number or a list of numbers as deviation"),
    Entry(
      key: "normalization", value: "{\"mean\":0,\"deviation\":1e-7}",
      error: "metadata graft.normalization: expected a deviation of 1e-06 or more, found 1e-07"),
    Entry(
      key: "class_names", value: "[\"a\",\"b\",\" \",\"d\"]",
      error: "metadata graft.class_names: the name of class 2 is empty"),
    Entry(
      key: "class_names", value: "[\"a\",\"b\",\"a\",\"d\"]",
      error: "metadata graft.class_names: two classes have the name \"a\""),
    Entry(
      key: "trained_classes", value: "[1,3,1]", error: "metadata graft.trained_classes: class 1 occurs twice"),
    Entry(key: "classes", value: "7", error: "metadata graft.classes: expected a list of numbers"),
    Entry(key: "classes", value: "[0,1,2,\"3\"]", error: "metadata graft.classes: expected a list of numbers"),
    Entry(key: "class_names", value: "[1,2,3,4]", error: "metadata graft.class_names: expected a list of names"),
    Entry(key: "classes", value: "[0,1,2]", error: unfitting),
    Entry(key: "classes", value: "[0,1,3,2]", error: unfitting),
    Entry(key: "classes", value: "[0,1,2,256]", error: unfitting),
    Entry(key: "classes", value: "[-1,1,2,3]", error: unfitting),
    Entry(key: "trained_classes", value: "[4]", error: unfitting),
    Entry(key: "frozen", value: "{}", error: "metadata graft.frozen: expected a list of names"),
  ]

  private static let unfitting = "metadata graft.classes, class_names and trained_classes do not fit each other"

  @Test("broken metadata has its own error of one line", arguments: entries)
  func metadata(entry: Entry) throws {
    #expect(try error(try changed(entry.key, entry.value)) == entry.error)
  }

  @Test(
    "metadata that is missing is named",
    arguments: [
      "schema_version", "model", "input_shape", "normalization", "classes", "class_names", "trained_classes", "frozen",
      "record",
    ])
  func missing(key: String) throws {
    #expect(
      try error(try changed(key, nil)).hasSuffix("not a Graft checkpoint: there is no graft.\(key) in its metadata"))
  }

  private func changed(_ key: String, _ value: String?) throws -> Safetensors {
    var file = try file()
    let place = try #require(file.metadata.firstIndex { $0.key == "graft.\(key)" })
    if let value { file.metadata[place].value = value } else { file.metadata.remove(at: place) }
    return file
  }

  @Test(
    "metadata that is no JSON is named with its position", arguments: ["normalization", "classes", "frozen", "record"])
  func json(key: String) throws {
    #expect(try error(try changed(key, "[1,")).hasPrefix("metadata graft.\(key): "))
  }

  @Test("a number that Float cannot hold is refused instead of stopping the program")
  func numbersBeyondFloat() async throws {
    await #expect(processExitsWith: .success) {
      for value in ["{\"mean\":1e300,\"deviation\":1}", "{\"mean\":0,\"deviation\":1e-300}"] {
        let good = Checkpoint(
          model: Model(units: [], inputs: 2, classCount: 2, seed: 0), normalization: .unit,
          outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["a", "b"]), record: JSON.Object())
        var file = try Safetensors(decoding: good.encoded())
        let place = try #require(file.metadata.firstIndex { $0.key == "graft.normalization" })
        file.metadata[place].value = value
        let bytes = try file.encoded()
        #expect(throws: FormatError.self) { try Checkpoint(decoding: bytes) }
      }
    }
  }

  #if canImport(Glibc)
    /// 65,536 units behind 16 million pixels are four terabytes of weights; the file has four bytes of them.
    @Test("a small file cannot ask for a model that fills the memory")
    func hugeModel() async throws {
      await #expect(processExitsWith: .success) {
        // Should the model be made after all, only this process ends.
        var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
        let good = Checkpoint(
          model: Model(units: [], inputs: 2, classCount: 2, seed: 0), normalization: .unit,
          outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["a", "b"]), record: JSON.Object())
        var file = try Safetensors(decoding: good.encoded())
        for (key, value) in [("model", "mlp:65536"), ("input_shape", "1x4096x4096")] {
          let place = try #require(file.metadata.firstIndex { $0.key == "graft.\(key)" })
          file.metadata[place].value = value
        }
        let bytes = try file.encoded()
        #expect(throws: FormatError.self) { try Checkpoint(decoding: bytes) }
      }
    }
  #endif

  @Test("a safetensors file of another program says that it is no checkpoint")
  func foreign() throws {
    let foreign = Safetensors(tensors: [try Safetensors.floats32("weight", [1], [0])])
    #expect(try error(foreign) == "not a Graft checkpoint: there is no graft.schema_version in its metadata")
  }
}
