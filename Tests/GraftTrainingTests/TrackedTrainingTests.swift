import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Following a training, choosing weights, and going on after a kill")
struct TrackedTrainingTests {
  private func settings(epochs: Int, learningRate: Double = 0.05) -> TrainingSettings {
    TrainingSettings(
      epochs: epochs, batchSize: 8, optimizer: .sgd(momentum: 0.9), learningRate: learningRate,
      schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), seed: 3)
  }

  @Test("the weights that count are those of the epoch with the lowest validation loss")
  func choosesBest() throws {
    // So large a rate that later epochs are worse than some earlier one.
    let settings = settings(epochs: 12, learningRate: 1.5)
    let watch = TrackedTraining.Watch.choosing(.patterns(40, seed: 9), patience: 100)
    var training = TrackedTraining(.forPatterns([10]), on: .patterns(40), settings, watching: watch)
    var models: [Model] = []
    while !training.isFinished {
      _ = try training.runEpoch()
      models.append(training.session.model)
    }
    let losses = training.history.map(\.testLoss)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(training.chosenEpoch == best + 1)
    #expect(training.model.parameters == models[best].parameters)
    #expect(training.history.count == 12)
  }

  @Test("the training ends when the validation loss has not fallen for as long as patience lasts")
  func stopsEarly() throws {
    let watch = TrackedTraining.Watch.choosing(.patterns(40, seed: 9), patience: 2)
    var training = TrackedTraining(
      .forPatterns([10]), on: .patterns(40), settings(epochs: 200, learningRate: 1.5), watching: watch)
    while !training.isFinished { _ = try training.runEpoch() }
    #expect(training.epoch < 200)
    #expect(training.epoch == training.chosenEpoch + 2)
  }

  @Test("with nothing watched the last weights count")
  func plain() throws {
    var training = TrackedTraining(.forPatterns([10]), on: .patterns(40), settings(epochs: 3))
    while !training.isFinished { _ = try training.runEpoch() }
    #expect(training.model.parameters == training.session.model.parameters)
    #expect(training.history.allSatisfy { $0.heldOut == nil && $0.testLoss.isNaN })
  }

  static let rules: [Optimizer.Rule] = [.sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adam()]

  @Test(
    "killed after any epoch and restored from its file, it ends with the same bits, with dropout or without",
    arguments: rules, [0, 0.5])
  func resumes(rule: Optimizer.Rule, dropout: Double) throws {
    let folder = try ScratchFolder()
    var settings = settings(epochs: 5)
    settings.optimizer = rule
    settings.dropout = dropout
    let watch = TrackedTraining.Watch.choosing(.patterns(24, seed: 9), patience: 100)
    func begin() -> TrackedTraining {
      TrackedTraining(.forPatterns([10]), on: .patterns(40), settings, watching: watch)
    }
    var whole = begin()
    while !whole.isFinished { _ = try whole.runEpoch() }
    for killedAfter in 1...4 {
      let file = TrainingStateFile(path: "\(folder.path)/state-\(killedAfter)", identity: settings.json)
      var first = begin()
      for _ in 0..<killedAfter { _ = try first.runEpoch() }
      try file.save(first)
      var second = begin()
      try file.restore(&second)
      #expect(second.epoch == killedAfter)
      while !second.isFinished { _ = try second.runEpoch() }
      #expect(second.session.model.parameters == whole.session.model.parameters)
      #expect(second.model.parameters == whole.model.parameters)
      #expect(second.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
      #expect(second.history.map(\.heldOut) == whole.history.map(\.heldOut))
    }
  }

  @Test("the state of another training is refused, and the first difference named")
  func refusesOthers() throws {
    let folder = try ScratchFolder()
    var training = TrackedTraining(.forPatterns([10]), on: .patterns(40), settings(epochs: 3))
    _ = try training.runEpoch()
    let path = "\(folder.path)/state"
    try TrainingStateFile(path: path, identity: settings(epochs: 3).json).save(training)
    let other = TrainingStateFile(path: path, identity: settings(epochs: 4).json)
    let error = #expect(throws: FormatError.self) { try other.restore(&training) }
    #expect(error?.description == "\(path): belongs to another training: its epochs is 3, here it is 4")
    #expect(error?.remedy == .startingAnew)
  }

  @Test("a damaged state file is an error, never a crash and never continued", arguments: 0..<60)
  func damaged(seed: Int) throws {
    let folder = try ScratchFolder()
    var training = TrackedTraining(.forPatterns([3]), on: .patterns(16), settings(epochs: 3))
    _ = try training.runEpoch()
    let file = TrainingStateFile(path: "\(folder.path)/state", identity: settings(epochs: 3).json)
    try file.save(training)
    var bytes = try readFile(at: file.path)
    var stream = RandomStream(RandomKey(seed: UInt64(seed), purpose: .shuffle))
    let place = stream.integer(below: bytes.count)
    bytes[place] ^= UInt8(1 + stream.integer(below: 255))
    if seed % 3 == 0 { bytes.removeLast(stream.integer(below: bytes.count)) }
    try AtomicFile.write(bytes, to: file.path)
    #expect(throws: FormatError.self) { try file.restore(&training) }
  }
}
