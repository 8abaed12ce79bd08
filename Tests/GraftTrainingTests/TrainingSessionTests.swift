import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct TrainingSessionTests {
  @Test("a frozen body computed in every step gives the bits of one computed once")
  func uncachedFeatures() throws {
    var model = Model.forPatterns([20])
    model.freezeBody()
    var cached = TrainingSession(model, on: .patterns(80), .momentum(), team: .alone)
    var uncached = TrainingSession(model, on: .patterns(80), .momentum(), team: .alone, largestFeatures: 100)
    #expect(cached.cachedFeatureBytes == 80 * 48 * 4 && uncached.cachedFeatureBytes == 0)
    for _ in 0..<3 {
      let losses = (try cached.runEpoch(), try uncached.runEpoch())
      #expect(losses.0 == losses.1)
    }
    #expect(cached.model.parameters == uncached.model.parameters)
  }

  @Test("any number of threads ends with the same bits", arguments: [[], [20], [70, 40]] as [[Int]])
  func threads(units: [Int]) throws {
    let ends = try [1, 2, 3, 5].map { threads in
      var session = TrainingSession(
        .forPatterns(units), on: .patterns(80), .adam(), team: Team(size: threads, smallestPart: 1))
      for _ in 0..<3 { _ = try session.runEpoch() }
      return session.model.parameters
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test(
    "with dropout as well, in whole batches and in parts, which drop the same", arguments: [[20], [70, 40]] as [[Int]])
  func dropout(units: [Int]) throws {
    var settings = TrainingSettings.momentum(batchSize: 300)
    settings.dropout = 0.5
    let ends = try [1, 3].map { threads in
      var session = TrainingSession(
        .forPatterns(units), on: .patterns(400), settings, team: Team(size: threads, smallestPart: 1))
      for _ in 0..<3 { _ = try session.runEpoch() }
      return session.model.parameters
    }
    #expect(ends[0] == ends[1])
    settings.dropout = 0
    var plain = TrainingSession(.forPatterns(units), on: .patterns(400), settings)
    for _ in 0..<3 { _ = try plain.runEpoch() }
    #expect(plain.model.parameters != ends[0])
    // A model in use drops nothing.
    let model = plain.model
    let inputs = Examples.patterns(9).inputs
    let kept = model.logits(of: inputs, mode: .training(RandomKey(seed: 0, purpose: .dropout), Dropout(0)))
    #expect(model.logits(of: inputs) == kept)
    #expect(model.logits(of: inputs, mode: .training(RandomKey(seed: 0, purpose: .dropout), Dropout(0.5))) != kept)
  }

  @Test(
    "an epoch's loss is the mean of its batches' losses, each before its update",
    arguments: [TrainingSettings.momentum(), .adam(), .momentum(batchSize: 37), .momentum(batchSize: 1)])
  func definition(settings: TrainingSettings) throws {
    let examples = Examples.patterns(37)
    var session = TrainingSession(.forPatterns([20]), on: examples, settings)
    var plain = PlainTrainer(.forPatterns([20]), on: examples, settings)
    for epoch in 0..<3 {
      #expect(session.epoch == epoch)
      #expect(try session.runEpoch() == plain.epoch(epoch, settings))
      #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
    }
  }

  @Test("training makes the loss fall", arguments: [[], [20], [20, 10]] as [[Int]])
  func learns(units: [Int]) throws {
    var session = TrainingSession(.forPatterns(units), on: .patterns(80), .adam())
    let first = try session.runEpoch()
    for _ in 0..<10 { _ = try session.runEpoch() }
    #expect(try session.runEpoch() < 0.5 * first)
  }

  /// 400 examples in one step, and then 700 in a step of 400 and one of 300: parts of 256, 144 and 44.
  @Test("a batch larger than the workspace is one step over all of it", arguments: [400, 700], [0, 1])
  func largeBatch(count: Int, frozen: Int) throws {
    let examples = Examples.patterns(count)
    var model = Model.forPatterns([20])
    model.freeze(first: frozen)
    for settings in [TrainingSettings.momentum(batchSize: 400), .adam(batchSize: 400)] {
      var session = TrainingSession(model, on: examples, settings)
      var plain = PlainTrainer(model, on: examples, settings)
      for epoch in 0..<3 {
        #expect(mismatch([try session.runEpoch()], [plain.epoch(epoch, settings)], within: 1e-6) == nil)
      }
      #expect(mismatch(session.model.allValues, plain.model.allValues, within: 3e-6) == nil)
      #expect(session.model.values("fc2.weight") != model.values("fc2.weight"))
      #expect((session.model.values("fc1.weight") == model.values("fc1.weight")) == (frozen == 1))
    }
  }

  @Test("a sum divided by the number of examples is the mean", arguments: [40, 300])
  func sumReduction(count: Int) throws {
    var settings = TrainingSettings.momentum(batchSize: count)
    var mean = TrainingSession(.forPatterns([20]), on: .patterns(count), settings)
    settings.loss = SoftmaxCrossEntropy(reduction: .sum(dividedBy: Float(count)))
    var sum = TrainingSession(.forPatterns([20]), on: .patterns(count), settings)
    for _ in 0..<3 { #expect(try mean.runEpoch() == sum.runEpoch()) }
    #expect(mismatchInBits(mean.model.allValues, sum.model.allValues) == nil)
  }

  @Test(
    "training behind a frozen prefix that is computed once has the bits of computing it in every step",
    arguments: [1, 2])
  func frozenPrefix(frozen: Int) throws {
    let examples = Examples.patterns(37)
    var model = Model.forPatterns([20, 9])
    model.freeze(first: frozen)
    for settings in [TrainingSettings.momentum(), .adam()] {
      var session = TrainingSession(model, on: examples, settings)
      var plain = PlainTrainer(model, on: examples, settings)
      for epoch in 0..<3 { #expect(try session.runEpoch() == plain.epoch(epoch, settings)) }
      #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
    }
  }

  @Test("the same seed gives the same bits, another seed others")
  func seeds() throws {
    func trained(_ seed: UInt64) throws -> Model {
      var session = TrainingSession(.forPatterns([20]), on: .patterns(37), .momentum(seed: seed))
      for _ in 0..<2 { _ = try session.runEpoch() }
      return session.model
    }
    #expect(try trained(1) == trained(1))
    #expect(try trained(1) != trained(2))
  }

  @Test("a copy of a session goes its own way")
  func copies() throws {
    var session = TrainingSession(.forPatterns([20]), on: .patterns(300), .momentum(batchSize: 300))
    _ = try session.runEpoch()
    var copy = session
    let losses = (try session.runEpoch(), try session.runEpoch())
    #expect(try losses == (copy.runEpoch(), copy.runEpoch()))
    #expect(copy.model == session.model)
  }

  @Test("epochs after the first copy no weights", arguments: [8, 300])
  func noCopies(batchSize: Int) throws {
    var session = TrainingSession(.forPatterns([20]), on: .patterns(300), .momentum(batchSize: batchSize))
    _ = try session.runEpoch()
    let address = session.model.parameters.block.address
    for _ in 0..<3 { _ = try session.runEpoch() }
    #expect(session.model.parameters.block.address == address)
  }

  /// Two epochs of five steps at the full rate, then at a tenth of it.
  @Test("a schedule in epochs changes the rate of the steps", arguments: [8, 300])
  func schedule(batchSize: Int) throws {
    let examples = Examples.patterns(batchSize == 8 ? 37 : 700)
    var settings = TrainingSettings.momentum(batchSize: batchSize)
    settings.schedule = LearningRateSchedule(.step(every: 2, factor: 0.1))
    var session = TrainingSession(.forPatterns([20]), on: examples, settings)
    var plain = PlainTrainer(.forPatterns([20]), on: examples, settings)
    for epoch in 0..<4 {
      plain.learningRate = epoch < 2 ? 0.05 : 0.005
      #expect(mismatch([try session.runEpoch()], [plain.epoch(epoch, settings)], within: 1e-6) == nil)
    }
    #expect(mismatch(session.model.allValues, plain.model.allValues, within: 3e-6) == nil)
  }

  // MARK: Divergence

  @Test("a loss that is no number ends the training before that step moves a weight", arguments: [8, 300], [0, 1])
  func divergence(batchSize: Int, frozen: Int) throws {
    let examples = Examples.patterns(batchSize == 8 ? 37 : 700)
    var model = Model.forPatterns([20])
    model.freeze(first: frozen)
    var settings = TrainingSettings.momentum(batchSize: batchSize, learningRate: 1e30)
    settings.optimizer = .sgd(momentum: 0)
    var session = TrainingSession(model, on: examples, settings)
    let error = try #require(throws: Divergence.self) { for _ in 0..<3 { _ = try session.runEpoch() } }
    #expect(!error.loss.isFinite && error.learningRate == 1e30 && error.step > 1)
    let stepsPerEpoch = (examples.count + batchSize - 1) / batchSize
    #expect(error.epoch == (error.step - 1) / stepsPerEpoch + 1 && session.epoch == error.epoch - 1)
    // The weights are those after the step before, and so is the last finite loss.
    var plain = PlainTrainer(model, on: examples, settings)
    var losses: [Double] = []
    for step in 0..<error.step - 1 {
      let key = RandomKey(seed: settings.seed, purpose: .shuffle, index: step / stepsPerEpoch)
      let batches = Batches(of: examples.labels, size: batchSize, shuffledBy: key)
      losses.append(plain.step(batches.order[batches[step % stepsPerEpoch]]))
    }
    #expect(losses.allSatisfy { $0.isFinite })
    let last = try #require(error.lastFiniteLoss)
    if batchSize == 8 {
      #expect(last == losses.last)
      #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
    } else {
      #expect(mismatch(session.model.allValues, plain.model.allValues, within: 1e-3) == nil)
    }
  }

  @Test("a divergence is one line with what a person needs")
  func divergenceText() throws {
    var model = Model.forPatterns([])
    model.parameters.setValues(of: model.parameters.slices[1], to: [.nan, 0, 0, 0])
    var session = TrainingSession(model, on: .patterns(8), .momentum())
    let error = try #require(throws: Divergence.self) { try session.runEpoch() }
    #expect(error.kind == .diverged && error.lastFiniteLoss == nil)
    #expect(
      error.description
        == "training diverged in epoch 1 at step 1: the loss is nan with learning rate 0.05; no loss before it was finite"
    )
    #expect(mismatch(session.model.values("fc1.weight"), model.values("fc1.weight"), within: 0) == nil)
  }
}
