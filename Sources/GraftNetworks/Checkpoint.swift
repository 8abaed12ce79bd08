import GraftFiles
import GraftMatrices

/// A model with all that is needed to use it: how bytes become its inputs, the meaning of its outputs, and a record of its
/// training.
///
/// On disk it is a safetensors file with PyTorch's names and layouts (`fc1.weight`, [outputs × inputs]), so that
/// `load_state_dict` and NumPy read it; the rest travels in the file's metadata under names that begin with `graft.`.
public struct Checkpoint: Sendable {
  /// The model.
  public var model: Model
  /// The conversion of bytes into the model's inputs.
  public var normalization: Normalization
  /// The class of each output.
  public var outputs: ClassOutputs
  /// Record of the training: settings, data, versions. Read by people and tools, never by ``init(decoding:)``.
  package var record: JSON.Object

  package init(model: Model, normalization: Normalization, outputs: ClassOutputs, record: JSON.Object) {
    precondition(outputs.count == model.classCount)
    self.model = model
    self.normalization = normalization
    self.outputs = outputs
    self.record = record
  }

  /// A checkpoint of a model that was trained by a program of one's own.
  ///
  /// - Parameters:
  ///   - model: The trained model.
  ///   - normalization: The conversion of bytes into inputs of the training; by default to 0 to 1.
  ///   - outputs: The class of each output; as many as the model has.
  public init(model: Model, normalization: Normalization = .unit, outputs: ClassOutputs) {
    self.init(model: model, normalization: normalization, outputs: outputs, record: JSON.Object())
  }

  /// Version of the metadata described here.
  static let schemaVersion = 1

  /// Reads a checkpoint file.
  public init(contentsOf path: String) throws {
    try Safetensors.checkHeader(ofFileAt: path)
    let bytes = try readFile(at: path)
    do {
      try self.init(decoding: bytes)
    } catch {
      throw error.at(path: path)
    }
  }

  /// Writes the checkpoint and returns its SHA-256; the file is replaced as a whole or not at all.
  ///
  /// - Throws: A `FormatError` if a weight is not finite: such a model is never written.
  @discardableResult
  public func save(to path: String) throws -> String {
    let bytes: [UInt8]
    do {
      bytes = try encoded()
    } catch {
      throw error.at(path: path)
    }
    try AtomicFile.write(bytes, to: path, createFolders: true)
    return SHA256Digest.hex(of: bytes)
  }
}

// MARK: - Bytes

extension Checkpoint {
  /// The bytes of the checkpoint's file.
  ///
  /// - Throws: If a weight is not a finite number: such a model is never written.
  public func encoded() throws(FormatError) -> [UInt8] {
    var tensors: [Safetensors.Tensor] = []
    for slice in model.parameters.slices {
      let values = model.parameters.values(of: slice)
      guard values.allSatisfy(\.isFinite) else {
        throw FormatError(problem: "\(slice.name) has a weight that is not a finite number; nothing was written")
      }
      tensors.append(try Safetensors.floats32(slice.name, slice.shape, values))
    }
    return try Safetensors(tensors: tensors, metadata: metadata).encoded()
  }

  private var metadata: [(key: String, value: String)] {
    let frozen = model.parameters.slices.filter { !model.trains($0) && !$0.isStatistic }.map { JSON.string($0.name) }
    let classes = outputs.classes.map(JSON.integer)
    return [
      ("format", "pt"),
      ("graft.schema_version", "\(Checkpoint.schemaVersion)"),
      ("graft.model", model.architecture.description),
      ("graft.input_shape", model.inputShape.description),
      ("graft.normalization", JSON.object(normalization.json).text()),
      ("graft.classes", JSON.array(classes).text()),
      ("graft.class_names", JSON.array(outputs.names.map(JSON.string)).text()),
      ("graft.trained_classes", JSON.array(outputs.trained.map(JSON.integer)).text()),
      ("graft.frozen", JSON.array(frozen).text()),
      ("graft.record", JSON.object(record).text()),
    ]
  }

  /// Reads the bytes of a checkpoint's file.
  ///
  /// - Throws: If they are no safetensors file of a model that this version knows.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    let file = try Safetensors(decoding: bytes)
    let header = Metadata(file: file)
    try header.checkVersion()
    let architecture = try header.architecture()
    let shape = try header.inputShape()
    let outputs = try header.outputs()
    try header.check(architecture, shape, classCount: outputs.count)
    var model = Model(blank: architecture, inputShape: shape, classCount: outputs.count)
    try model.parameters.load(file)
    model.hold(try header.frozen(in: model))
    self.init(
      model: model, normalization: try header.normalization(channels: shape.channels), outputs: outputs,
      record: try header.record())
  }
}

extension Parameters {
  /// Takes every tensor from `file`, or reports which are missing, unknown or of another shape.
  fileprivate mutating func load(_ file: Safetensors) throws(FormatError) {
    var problems: [String] = []
    for slice in slices {
      guard let tensor = file.tensor(slice.name) else {
        problems.append("\(slice.name) is missing")
        continue
      }
      guard tensor.shape == slice.shape else {
        problems.append("\(slice.name) is \(dimensionText(tensor.shape)), not \(dimensionText(slice.shape))")
        continue
      }
      let values = try tensor.floats()
      guard values.allSatisfy(\.isFinite) else {
        problems.append("\(slice.name) has a value that is not a finite number")
        continue
      }
      guard !slice.isVariance || values.allSatisfy({ $0 >= 0 }) else {
        problems.append("\(slice.name) has a value below zero")
        continue
      }
      setValues(of: slice, to: values)
    }
    for tensor in file.tensors where slice(named: tensor.name) == nil && !isBatchCounter(tensor.name) {
      problems.append("\(quoted(tensor.name)) is not part of the model")
    }
    guard problems.isEmpty else {
      let shown = problems.prefix(5).joined(separator: "; ")
      let rest = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
      throw FormatError(problem: "the tensors do not fit the model: \(shown)\(rest)")
    }
  }
}

extension Parameters {
  /// Whether a tensor is the integer that PyTorch's batch normalisation keeps beside its running statistics,
  /// `bn1.num_batches_tracked`.
  ///
  /// It counts the batches that were seen, for a running mean without a momentum. Graft's statistics have a momentum, so nothing
  /// depends on it.
  fileprivate func isBatchCounter(_ name: String) -> Bool {
    guard name.hasSuffix(".num_batches_tracked") else { return false }
    return slice(named: name.replacing(".num_batches_tracked", with: ".running_mean")) != nil
  }
}

extension Normalization {
  package var json: JSON.Object {
    var object = JSON.Object()
    func value(_ values: [Float]) -> JSON {
      values.count == 1 ? .number(Double(values[0])) : .array(values.map { .number(Double($0)) })
    }
    object["mean"] = value(means)
    object["deviation"] = value(deviations)
    return object
  }
}
