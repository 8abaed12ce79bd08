import GraftFiles
import GraftMatrices
import GraftNetworks

/// A file of a training in progress, replaced as a whole, with all that is needed to continue after a kill -9 with the same bits
/// as if nothing had happened.
///
/// A safetensors file: the model's tensors, `optimizer.first.` and `optimizer.second.` of each, `average.` of each if weights are
/// averaged, and `best.` of each if weights are chosen. Numbers and history are in the metadata.
package struct TrainingStateFile: Sendable {
  package let path: String
  /// Identity of the training: settings, data, model. A file of another training is refused.
  package let identity: JSON.Object

  package init(path: String, identity: JSON.Object) {
    self.path = path
    self.identity = identity
  }

  package func save(_ training: TrackedTraining) throws {
    let state = training.session.state
    var tensors: [Safetensors.Tensor] = []
    func add(_ prefix: String, _ block: AlignedFloats) throws(FormatError) {
      var values = state.parameters
      values.block = block
      for slice in values.slices {
        tensors.append(try Safetensors.floats32(prefix + slice.name, slice.shape, values.values(of: slice)))
      }
    }
    try add("", state.parameters.block)
    try add("optimizer.first.", state.optimizer.first)
    if state.optimizer.second.count > 0 { try add("optimizer.second.", state.optimizer.second) }
    if let average = state.average { try add("average.", average.block) }
    if let best = training.best { try add("best.", best.parameters.block) }
    let identityText = JSON.object(identity).text()
    let progressText = JSON.object(progress(of: training)).text()
    let metadata = [
      (key: "graft.training_version", value: "1"), (key: "graft.identity", value: identityText),
      (key: "graft.progress", value: progressText),
      (key: "graft.sha256", value: TrainingStateFile.digest(tensors, identityText, progressText)),
    ]
    try AtomicFile.write(Safetensors(tensors: tensors, metadata: metadata).encoded(), to: path)
  }

  /// Restores the file's state into `training`; a file that is refused leaves it unchanged.
  package func restore(_ training: inout TrackedTraining) throws {
    try Safetensors.checkHeader(ofFileAt: path)
    try restore(&training, decoding: readFile(at: path))
  }

  /// Restores a state that was read elsewhere.
  package func restore(_ training: inout TrackedTraining, decoding bytes: [UInt8]) throws {
    do {
      var restored = training
      try restore(&restored, from: bytes)
      training = restored
    } catch {
      throw error.at(path: path)
    }
  }

  private func restore(_ training: inout TrackedTraining, from bytes: [UInt8]) throws(FormatError) {
    let file = try Safetensors(decoding: bytes)
    guard file.metadata("graft.training_version") == "1", let identityText = file.metadata("graft.identity"),
      let progressText = file.metadata("graft.progress")
    else { throw FormatError(problem: "not the state of a training that this version can continue") }
    guard file.metadata("graft.sha256") == TrainingStateFile.digest(file.tensors, identityText, progressText) else {
      throw FormatError(problem: "damaged: its contents do not have the SHA-256 they were written with")
    }
    try check(JSON(parsing: identityText).object ?? JSON.Object())
    let progress = try Progress(JSON(parsing: progressText))
    try check(progress.stages, against: TrainingStage.json(training.stages, of: training.session.model))
    training.seek(epoch: progress.history.count)
    let session = training.session
    let epochsBefore = training.epoch - session.epoch
    guard progress.history.count <= training.epochs,
      progress.step == (progress.history.count - epochsBefore) * session.stepsPerEpoch,
      progress.best.map({ (1...max(progress.history.count, 1)).contains($0.epoch) }) ?? true
    else { throw FormatError(problem: "its steps, epochs and best epoch do not fit each other") }
    var parameters = training.session.model.parameters
    func read(_ prefix: String, _ count: Int) throws(FormatError) -> AlignedFloats {
      guard count > 0 else { return AlignedFloats(zeros: 0) }
      for slice in parameters.slices {
        guard let tensor = file.tensor(prefix + slice.name), tensor.shape == slice.shape else {
          throw FormatError(problem: "the tensor \(prefix)\(slice.name) is missing or has another shape")
        }
        let values = try tensor.floats()
        guard !prefix.isEmpty || values.allSatisfy(\.isFinite) else {
          throw FormatError(problem: "the tensor \(slice.name) has a value that is not a finite number")
        }
        parameters.setValues(of: slice, to: values)
      }
      return parameters.block
    }
    var state = training.session.state
    state.parameters.block = try read("", state.parameters.block.count)
    state.optimizer.first = try read("optimizer.first.", state.optimizer.first.count)
    state.optimizer.second = try read("optimizer.second.", state.optimizer.second.count)
    if let average = state.average { state.average?.block = try read("average.", average.block.count) }
    state.step = progress.step
    state.epoch = progress.history.count
    state.lastFiniteLoss = progress.lastFiniteLoss
    var best: TrackedTraining.Best?
    if let chosen = progress.best {
      var weights = parameters
      weights.block = try read("best.", parameters.block.count)
      best = TrackedTraining.Best(parameters: weights, epoch: chosen.epoch, loss: chosen.loss)
    }
    training.restore(state, history: progress.history, best: best)
  }

  /// The SHA-256 over everything that is restored, because a training would go on for hours from one flipped bit.
  private static func digest(_ tensors: [Safetensors.Tensor], _ texts: String...) -> String {
    var stream = SHA256Digest.Stream()
    // Sorted by name, because the file has an order of its own.
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      stream.update(Array(tensor.name.utf8))
      stream.update(tensor.bytes)
    }
    for text in texts { stream.update(Array(text.utf8)) }
    return stream.hex()
  }

  /// Checks the identity. The error names the first setting that differs, so that nobody continues one training as another.
  private func check(_ found: JSON.Object) throws(FormatError) {
    for key in identity.keys + found.keys where identity[key] != found[key] {
      throw FormatError(
        problem: "belongs to another training: its \(key) is \(found[key]?.text() ?? "not set"), here it is "
          + (identity[key]?.text() ?? "not set")
      ).with(.startingAnew)
    }
  }

  private func check(_ found: JSON, against stages: JSON) throws(FormatError) {
    guard found == stages else {
      throw FormatError(
        problem: "belongs to another training: its stages are \(found.text()), here they are \(stages.text())"
      ).with(.startingAnew)
    }
  }
}

// MARK: - Numbers

extension TrainingStateFile {
  private func progress(of training: TrackedTraining) -> JSON.Object {
    let state = training.session.state
    var object = JSON.Object()
    object["stages"] = TrainingStage.json(training.stages, of: training.session.model)
    object["step"] = .integer(state.step)
    object["last_finite_loss"] = state.lastFiniteLoss.map(JSON.number) ?? .null
    object["best_epoch"] = training.best.map { .integer($0.epoch) } ?? .null
    object["best_loss"] = training.best.map { .number($0.loss) } ?? .null
    object["history"] = .array(
      training.history.map { record in
        var row: [JSON] = [.number(record.trainLoss), .number(record.seconds)]
        if let held = record.heldOut { row += [.number(held.loss), .integer(held.correct), .integer(held.images)] }
        return .array(row)
      })
    return object
  }

  private struct Progress {
    let stages: JSON
    let step: Int
    let lastFiniteLoss: Double?
    let best: (epoch: Int, loss: Double)?
    let history: [EpochRecord]

    init(_ json: JSON) throws(FormatError) {
      guard let step = json["step"]?.int, step >= 0, let rows = json["history"]?.array else {
        throw FormatError(problem: "its progress has no step or history")
      }
      self.step = step
      stages = json["stages"] ?? []
      lastFiniteLoss = json["last_finite_loss"]?.double
      if let epoch = json["best_epoch"]?.int, let loss = json["best_loss"]?.double {
        best = (epoch, loss)
      } else {
        best = nil
      }
      var history: [EpochRecord] = []
      for (index, row) in rows.enumerated() {
        let values = row.array ?? []
        guard values.count == 2 || values.count == 5, let loss = values[0].double, let seconds = values[1].double else {
          throw FormatError(problem: "epoch \(index + 1) of its history is damaged")
        }
        var heldOut: EpochRecord.HeldOut?
        if values.count == 5, let loss = values[2].double, let correct = values[3].int, let images = values[4].int {
          heldOut = EpochRecord.HeldOut(loss: loss, correct: correct, images: images)
        }
        history.append(EpochRecord(epoch: index + 1, trainLoss: loss, heldOut: heldOut, seconds: seconds))
      }
      self.history = history
    }
  }
}
