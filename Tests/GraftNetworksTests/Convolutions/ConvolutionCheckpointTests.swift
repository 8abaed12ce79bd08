import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct ConvolutionCheckpointTests {
  private func checkpoint(_ network: ConvolutionalCase) throws -> Checkpoint {
    Checkpoint(
      model: try network.model(seed: 3), normalization: Normalization(mean: 0.1, deviation: 0.3),
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: ["a", "b", "c", "d"]), record: JSON.Object())
  }

  private let study = ConvolutionalCase("cnn:16c5-p2-32c5b-p2-18b", 1, 28, 28)

  private func file() throws -> Safetensors { try Safetensors(decoding: checkpoint(study).encoded()) }

  private func error(_ file: Safetensors) throws -> String {
    let bytes = try file.encoded()
    let text = errorText { try Checkpoint(decoding: bytes) }
    #expect(!text.contains("\n") && !text.hasPrefix("no error"), "\(text)")
    return text
  }

  @Test("what is read is what was written: bits, mask, statistics and logits", arguments: ConvolutionalCase.all)
  func roundTrip(network: ConvolutionalCase) throws {
    var written = try checkpoint(network)
    for count in 0...written.model.layers.count {
      written.model.freeze(first: count)
      let read = try Checkpoint(decoding: try written.encoded())
      #expect(read.model == written.model && read.model.isTrainable == written.model.isTrainable)
      #expect(mismatchInBits(read.model.allValues, written.model.allValues) == nil)
      #expect(read.model.padding.allSatisfy { $0 == 0 })
      let inputs = network.rows(3, seed: 1).inputs(sparse: true)
      #expect(read.model.logits(of: inputs) == written.model.logits(of: inputs))
      #expect(try read.encoded() == written.encoded())
    }
  }

  /// `num_batches_tracked` is not among them: PyTorch fills it in, also where it is strict.
  @Test("tensors have PyTorch's names and shapes")
  func tensors() throws {
    let shapes = Dictionary(uniqueKeysWithValues: try file().tensors.map { ($0.name, $0.shape) })
    #expect(
      shapes == [
        "conv1.weight": [16, 1, 5, 5], "conv1.bias": [16], "conv2.weight": [32, 16, 5, 5], "bn1.weight": [32],
        "bn1.bias": [32], "bn1.running_mean": [32], "bn1.running_var": [32], "fc1.weight": [18, 512],
        "bn2.weight": [18], "bn2.bias": [18], "bn2.running_mean": [18], "bn2.running_var": [18],
        "fc2.weight": [4, 18], "fc2.bias": [4],
      ])
    #expect(try file().metadata("graft.model") == study.text)
    var held = try checkpoint(study)
    held.model.freezeBody()
    let frozen = try #require(try Safetensors(decoding: held.encoded()).metadata("graft.frozen"))
    #expect(frozen.contains("bn1.weight") && !frozen.contains("running"), "a running statistic never trains")
  }

  @Test("PyTorch's counters of batches are passed over, and no other tensor that is too much")
  func batchCounters() throws {
    let counter = Array(repeating: UInt8(7), count: 8)
    var file = try file()
    for name in ["bn1.num_batches_tracked", "bn2.num_batches_tracked"] {
      file.tensors.append(Safetensors.Tensor(name: name, dtype: .i64, shape: [], bytes: counter[...]))
    }
    let read = try Checkpoint(decoding: file.encoded())
    #expect(mismatchInBits(read.model.allValues, try checkpoint(study).model.allValues) == nil)
    file.tensors.append(
      Safetensors.Tensor(name: "bn9.num_batches_tracked", dtype: .i64, shape: [], bytes: counter[...]))
    #expect(try error(file) == misfit + "\"bn9.num_batches_tracked\" is not part of the model")
  }

  // MARK: Broken tensors

  private let misfit = "the tensors do not fit the model: "

  private func replacing(_ name: String, _ shape: [Int], _ value: Float = 0) throws -> Safetensors {
    var file = try file()
    file.tensors.removeAll { $0.name == name }
    let values = [Float](repeating: value, count: shape.reduce(1, *))
    file.tensors.append(try Safetensors.floats32(name, shape, values))
    return file
  }

  @Test(
    "a missing tensor is named",
    arguments: ["conv1.weight", "conv1.bias", "bn1.weight", "bn1.running_mean", "bn2.running_var", "fc2.bias"])
  func missing(name: String) throws {
    var file = try file()
    file.tensors.removeAll { $0.name == name }
    #expect(try error(file) == misfit + "\(name) is missing")
  }

  @Test("a tensor of another shape is named with both shapes")
  func misshapen() throws {
    let cases: [(String, [Int], String)] = [
      ("conv1.weight", [16, 5, 5], "16 x 5 x 5, not 16 x 1 x 5 x 5"),
      ("conv1.weight", [16, 25], "16 x 25, not 16 x 1 x 5 x 5"),
      ("conv1.weight", [16, 1, 5, 4], "16 x 1 x 5 x 4, not 16 x 1 x 5 x 5"),
      ("conv2.weight", [16, 32, 5, 5], "16 x 32 x 5 x 5, not 32 x 16 x 5 x 5"),
      ("bn1.running_mean", [32, 1], "32 x 1, not 32"), ("fc1.weight", [18, 32, 4, 4], "18 x 32 x 4 x 4, not 18 x 512"),
    ]
    for (name, shape, text) in cases {
      #expect(try error(replacing(name, shape)) == misfit + "\(name) is \(text)")
    }
  }

  @Test(
    "a tensor with a value that is no number is named", arguments: ["conv2.weight", "bn1.running_mean", "bn2.weight"])
  func notFinite(name: String) throws {
    let shape = try #require(try file().tensor(name)?.shape)
    for value in [Float.nan, .infinity, -.infinity] {
      #expect(try error(replacing(name, shape, value)) == misfit + "\(name) has a value that is not a finite number")
    }
  }

  /// Its root is taken.
  @Test("a running variance below zero is named")
  func negativeVariance() throws {
    #expect(try error(replacing("bn1.running_var", [32], -1e-6)) == misfit + "bn1.running_var has a value below zero")
    let zero = try replacing("bn1.running_var", [32], 0).encoded()
    #expect(try Checkpoint(decoding: zero).model.values("bn1.running_var").allSatisfy { $0 == 0 })
  }

  @Test("a bias before a normalisation is not part of the model")
  func bias() throws {
    var file = try file()
    file.tensors.append(try Safetensors.floats32("conv2.bias", [32], [Float](repeating: 0, count: 32)))
    #expect(try error(file) == misfit + "\"conv2.bias\" is not part of the model")
  }

  // MARK: Broken metadata

  private func changed(_ entries: [(key: String, value: String)]) throws -> Safetensors {
    var file = try file()
    for (key, value) in entries {
      let place = try #require(file.metadata.firstIndex { $0.key == "graft.\(key)" })
      file.metadata[place].value = value
    }
    return file
  }

  @Test(
    "a model that does not fit the images is an error of the format, not the end of the program",
    arguments: [
      ("cnn:16c5-p2-32c5b-p2-18b", "1x11x28", "conv2's window of 5x5 is larger than its input of 3x12"),
      ("cnn:16c5-p2-32c5b-p2-18b", "1x4x4", "conv1's window of 5x5 is larger than its input of 4x4"),
      ("cnn:16c5-p64-18b", "1x28x28", "pooling by 64 leaves nothing of the 24x24 that conv1 computes"),
      ("cnn:16c64", "1x28x28", "conv1's window of 64x64 is larger than its input of 28x28"),
    ])
  func misfit(model: String, shape: String, problem: String) throws {
    let file = try changed([("model", model), ("input_shape", shape)])
    #expect(try error(file) == "metadata graft.model: model '\(model)': \(problem)")
  }

  @Test("a model of another kind, or on other images, is compared tensor by tensor")
  func otherModels() throws {
    for (model, shape) in [
      ("softmax", "1x28x28"), ("mlp:18", "1x28x28"), ("cnn:16c5-p2-32c5b-p2-18", "1x28x28"),
      ("cnn:16c5-p2-32c5b-p2-18b", "3x28x28"), ("cnn:16c5-p2-32c5b-p2-18b", "1x32x28"),
    ] {
      #expect(try error(changed([("model", model), ("input_shape", shape)])).hasPrefix(misfit), "\(model) on \(shape)")
    }
  }

  @Test(
    "a small file cannot ask for a model, or for maps, that fill the memory",
    arguments: [
      ("cnn:65536c64-65536c64", "4096x4096x4096"), ("cnn:65536c64s64-65536", "1x4096x4096"),
      ("cnn:512c3p1-512c3p1-65536", "1x64x64"), ("cnn:65536c1-a", "1x4096x4096"), ("cnn:16c1-p64s64-a2", "1x4096x4096"),
    ])
  func huge(model: String, shape: String) throws {
    #expect(try error(changed([("model", model), ("input_shape", shape)])).hasPrefix("metadata graft.model: "))
  }
}
