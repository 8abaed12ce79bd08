import GraftFiles
import GraftImports
import GraftMatrices
import GraftNetworks

extension FuzzTarget {
  /// Forms: a file; a header without its length, and data.
  static func safetensors(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let bytes = input.form == 1 ? Container.safetensors(input.content) : input.content
    guard let file = accepted(bytes.count, { try Safetensors(decoding: bytes) }) else { return false }
    var end = 0
    for tensor in file.tensors {
      require(tensor.bytes.startIndex >= end && tensor.bytes.endIndex <= bytes.count, "tensors lie in a row")
      end = tensor.bytes.endIndex
      if let values = accepted(bytes.count, { try tensor.floats() }) {
        require(values.count == tensor.shape.reduce(1, *), "a tensor has the numbers of its shape")
      }
    }
    guard let written = accepted(bytes.count, { try file.encoded() }),
      let again = accepted(written.count, { try Safetensors(decoding: written) })
    else { fatalError("violated: a file that was read can be written and read") }
    require(sorted(again.tensors) == sorted(file.tensors), "writing and reading keeps the tensors")
    require(
      again.metadata.map { [$0.key, $0.value] } == file.metadata.map { [$0.key, $0.value] },
      "writing and reading keeps the metadata")
    Plant.check(file.tensors.flatMap(\.bytes))
    return true
  }

  private static func sorted(_ tensors: [Safetensors.Tensor]) -> [Safetensors.Tensor] {
    tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map {
      Safetensors.Tensor(name: $0.name, dtype: $0.dtype, shape: $0.shape, bytes: Array($0.bytes)[...])
    }
  }

  /// Forms: a file; a header without its length, and data.
  static func checkpoint(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let bytes = input.form == 1 ? Container.safetensors(input.content) : input.content
    guard let checkpoint = accepted(bytes.count, { try Checkpoint(decoding: bytes) }) else { return false }
    require(checkpoint.outputs.names.count == checkpoint.model.classCount, "each output has a name")
    guard let written = accepted(bytes.count, { try checkpoint.encoded() }),
      let again = accepted(written.count, { try Checkpoint(decoding: written) })
    else { fatalError("violated: a checkpoint that was read can be written and read") }
    require(again.model == checkpoint.model, "writing and reading keeps the model")
    require(
      again.normalization == checkpoint.normalization && again.outputs == checkpoint.outputs
        && again.record == checkpoint.record, "writing and reading keeps what belongs to the model")
    let weights = checkpoint.model.parameters.slices.flatMap { checkpoint.model.parameters.values(of: $0) }
    Plant.check(weights.flatMap { Container.little(Int($0.bitPattern), 4) })
    return true
  }

  /// Forms: a file; a pickle in a right archive; a pickle in the older form.
  static func pth(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let files =
      switch input.form {
      case 0: [input.content]
      case 1: [Container.torchArchive(input.content)]
      default: [4, 8, 2, 1].map { Container.torchStream(input.content, width: $0) }
      }
    var known: StateDict?
    for file in files {
      guard let weights = accepted(file.count, { try StateDict(decoding: file) }) else { continue }
      for tensor in weights.tensors {
        require(tensor.values.count == tensor.shape.reduce(1, *), "a tensor has the numbers of its shape")
        require(weights.tensor(tensor.name) != nil, "a tensor has its name")
      }
      known = weights
    }
    if input.form == 2, let known {
      // What the older form can express, the newer can.
      let archive = Container.torchArchive(input.content)
      let other = accepted(archive.count) { try StateDict(decoding: archive) }
      require(other?.tensors.map(\.name) == known.tensors.map(\.name), "both forms have the same tensors")
      require(
        other?.tensors.map { $0.values.map(\.bitPattern) } == known.tensors.map { $0.values.map(\.bitPattern) },
        "both forms have the same numbers")
    }
    let names = known?.tensors.flatMap { Array($0.name.utf8) } ?? []
    if input.form == 1, names.count >= 64 { Plant.check(text: names) }
    return known != nil
  }

  /// The text of a model, and a step of a training if the model is small. The first byte chooses the images.
  static func model(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let text = String(decoding: input.content, as: UTF8.self)
    guard let architecture = accepted(bytes.count, { try Architecture(parsing: text) }) else { return false }
    let again = accepted(bytes.count) { try Architecture(parsing: architecture.description) }
    require(again == architecture, "a model is read from its own text")
    let shape = [
      ImageShape(height: 28, width: 28), ImageShape(channels: 3, height: 8, width: 8), ImageShape(height: 9, width: 7),
    ][input.form]
    guard accepted(bytes.count, { try architecture.check(on: shape, classCount: 3) }) != nil,
      let count = accepted(bytes.count, { try architecture.parameterCount(on: shape, classCount: 3) }) ?? nil
    else { return true }
    let sizes = architecture.family == nil ? architecture.body.map(size) : []
    if sizes.count >= 3 {
      Plant.check(
        sizes.contains { $0 > 128 }, sizes.contains { (33...127).contains($0) },
        sizes.contains { (17...29).contains($0) })
    }
    guard count <= 1 << 12, architecture.body.count <= 8 else { return true }
    train(Model(architecture, inputShape: shape, classCount: 3, seed: 1), parameters: count)
    return true
  }

  private static func size(_ block: Architecture.Block) -> UInt8 {
    switch block.weights {
    case .linear(let units): UInt8(clamping: units)
    case .convolution(let shape): UInt8(clamping: shape.channels)
    }
  }

  /// A step of a training on two images.
  private static func train(_ model: Model, parameters: Int) {
    require(model.parameters.slices.reduce(0) { $0 + $1.count } == parameters, "a model has its number of parameters")
    var model = model
    let columns = model.inputShape.count
    let inputs = InputRows.dense(
      Matrix((0..<2).map { row in (0..<columns).map { Float(($0 * 7 + row * 13) % 17) / 16 } }))
    var optimizer = Optimizer(.sgd(momentum: 0.9), for: model.parameters)
    var workspace = Workspace(for: model, inputs: inputs, capacity: 2)
    let batch = Batch(inputs: inputs, rows: [0, 1], labels: [0, 2])
    model.forward(batch, mode: .training(RandomKey(seed: 0, purpose: .shuffle)), in: &workspace)
    let loss = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
    require(loss.isFinite && loss >= 0, "a fresh model has a loss: \(loss)")
    optimizer.beginStep(learningRate: 0.01)
    model.backward(batch, in: &workspace, into: &optimizer)
  }
}
