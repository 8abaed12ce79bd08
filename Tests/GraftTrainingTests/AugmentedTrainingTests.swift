import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Training on images that change, on smoothed labels, with averaged weights")
struct AugmentedTrainingTests {
  private static func settings(averaging: Double = 0, epochs: Int = 3) -> TrainingSettings {
    var settings = TrainingSettings.momentum()
    settings.epochs = epochs
    settings.augmentation = .mild
    settings.averaging = averaging
    settings.loss = SoftmaxCrossEntropy(smoothing: 0.1)
    return settings
  }

  /// Made one by one, as `graft data show --augment` does.
  private func inputs(ofEpoch epoch: Int, seed: UInt64, count: Int) -> InputRows {
    let images = PatternImages(perClass: count / 4, classes: 4, seed: 1)
    let data = Dataset(images)
    var augmenter = Augmenter(.mild, shape: data.shape)
    let pixels = (0..<count).flatMap { index in
      augmenter.apply(to: data.image(index), seed: seed, epoch: epoch, index: index)
    }
    return Normalization.unit.rows(pixels, columns: images.columns, sparse: true)
  }

  @Test("epoch e, counted from 1, reads what the augmenter makes of each image by its seed, e and its index")
  func images() throws {
    let settings = Self.settings()
    let examples = try Examples.images(40)
    var session = TrainingSession(.forPatterns([20]), on: examples, settings)
    var plain = PlainTrainer(.forPatterns([20]), on: examples, settings)
    plain.loss = settings.loss
    for epoch in 1...3 {
      plain.inputs = inputs(ofEpoch: epoch, seed: settings.seed, count: 40)
      #expect(plain.inputs != examples.inputs)
      let losses = (try session.runEpoch(), plain.epoch(epoch - 1, settings))
      #expect(losses.0 == losses.1)
      #expect(session.model.parameters == plain.model.parameters, "epoch \(epoch)")
    }
  }

  @Test("any number of threads ends with the same bits", arguments: [[], [20], [70, 40]] as [[Int]])
  func threads(units: [Int]) throws {
    let examples = try Examples.images(600)
    let ends = try [1, 2, 3].map { threads in
      var session = TrainingSession(
        .forPatterns(units), on: examples, Self.settings(averaging: 0.9), team: Team(size: threads, smallestPart: 1))
      for _ in 0..<3 { _ = try session.runEpoch() }
      return session.result.parameters
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test("images stay as sparse or as dense as they were, whatever the augmentation lights", arguments: [true, false])
  func form(isSparse: Bool) throws {
    let examples = try isSparse ? Examples.images(40) : Examples.images(40).dense
    let brighter = Augmentation(scale: 1...4, thickness: 1)
    let changed = examples.augmented(by: brighter, seed: 1, epoch: 1, threads: 1)
    #expect(changed.inputs.isSparse == isSparse && changed.labels == examples.labels)
    #expect(examples.augmented(by: .none, seed: 1, epoch: 1, threads: 1).inputs == examples.inputs)
    let part = examples.prefix(13).augmented(by: brighter, seed: 1, epoch: 1, threads: 2)
    #expect(part.inputs == changed.prefix(13).inputs)
  }

  @Test(
    "images in a file train to the bits of the same images in memory, changed or not",
    arguments: [Augmentation.none, .mild])
  func inFile(augmentation: Augmentation) throws {
    let data = Dataset(PatternImages(perClass: 15, classes: 4, seed: 1))
    var settings = Self.settings(averaging: 0.9)
    settings.augmentation = augmentation
    // A mean above zero, so that those in memory are no sparse rows.
    let normalization = Normalization(mean: 0.25, deviation: 0.5)
    let outputs = ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: data.classNames)
    let ends = try [data, data.inFile()].map { data in
      let examples = try Examples(data, outputs: outputs, normalization: normalization)
      #expect(examples.areInFile == data.rows.isInFile)
      var session = TrainingSession(.forPatterns([20]), on: examples, settings, threads: 2)
      let losses = try (0..<3).map { _ in try session.runEpoch() }
      return (losses, session.result.parameters)
    }
    #expect(ends[0] == ends[1])
  }

  @Test("behind a held body only the head moves, and nothing is cached that changes", arguments: [0, 0.9])
  func frozen(averaging: Double) throws {
    var model = Model.forPatterns([20])
    model.freezeBody()
    var session = TrainingSession(model, on: try .images(80), Self.settings(averaging: averaging))
    #expect(session.cachedFeatureBytes == 0)
    let losses = try (0..<12).map { _ in try session.runEpoch() }
    #expect(losses[11] < losses[0])
    for end in [session.model, session.result] {
      for name in ["fc1.weight", "fc1.bias"] { #expect(mismatchInBits(end.values(name), model.values(name)) == nil) }
      for name in ["fc2.weight", "fc2.bias"] { #expect(end.values(name) != model.values(name)) }
      #expect(end.padding.allSatisfy { $0 == 0 })
    }
  }

  // MARK: Stages

  private static func stages(_ epochs: [Int]) -> [TrainingStage] {
    let masks: [Range<Int>] = [4..<6, 2..<6, 0..<6]
    return zip(masks, epochs).map { mask, epochs in
      TrainingStage(isTrainable: (0..<6).map(mask.contains), epochs: epochs)
    }
  }

  private func begin(
    _ settings: TrainingSettings, watching watch: TrackedTraining.Watch = .nothing, stages: [TrainingStage]
  ) throws -> TrackedTraining {
    TrackedTraining(try Transferred.start(), on: try .images(60, seed: 5), settings, stages: stages, watching: watch)
  }

  @Test(
    "killed after any epoch of any stage and restored from its file, it ends with the same bits", arguments: [0, 0.95])
  func resumes(averaging: Double) throws {
    let folder = try ScratchFolder()
    let settings = Self.settings(averaging: averaging)
    let watch = TrackedTraining.Watch.choosing(.patterns(24, seed: 9), patience: 100)
    func begin() throws -> TrackedTraining {
      try self.begin(settings, watching: watch, stages: Self.stages([2, 1, 3]))
    }
    var whole = try begin()
    while !whole.isFinished { _ = try whole.runEpoch() }
    for killedAfter in 1..<6 {
      let file = TrainingStateFile(path: "\(folder.path)/state-\(killedAfter)", identity: settings.json)
      var first = try begin()
      for _ in 0..<killedAfter { _ = try first.runEpoch() }
      try file.save(first)
      var second = try begin()
      try file.restore(&second)
      while !second.isFinished { _ = try second.runEpoch() }
      #expect(second.session.model.parameters == whole.session.model.parameters, "killed after \(killedAfter)")
      #expect(second.session.result.parameters == whole.session.result.parameters, "killed after \(killedAfter)")
      #expect(second.model.parameters == whole.model.parameters && second.chosenEpoch == whole.chosenEpoch)
      #expect(second.history.map(\.heldOut) == whole.history.map(\.heldOut))
    }
  }

  @Test("a stage goes on with the images where the one before ended: cut in two, a training reads what it read whole")
  func imagesOverStages() throws {
    var settings = TrainingSettings.momentum()
    settings.augmentation = .mild
    settings.optimizer = .sgd(momentum: 0)
    settings.batchSize = 60
    // One batch an epoch, and no momentum: a fresh optimizer changes nothing, and neither does the order of the images but for
    // the order of the sums.
    let all = [Bool](repeating: true, count: 6)
    func train(_ epochs: [Int]) throws -> [Double] {
      settings.epochs = epochs.reduce(0, +)
      var training = try begin(
        settings, stages: epochs.map { TrainingStage(isTrainable: all, epochs: $0) })
      return try (0..<settings.epochs).map { _ in try training.runEpoch().trainLoss }
    }
    let whole = try train([4])
    #expect(mismatch(try train([2, 2]), whole, within: 1e-5) == nil)
    #expect(mismatch(try train([1, 3]), whole, within: 1e-5) == nil)
  }

  // MARK: What counts

  @Test("held-out figures, chosen weights and the end are those of the average, on images as they are")
  func counts() throws {
    let settings = Self.settings(averaging: 0.95, epochs: 5)
    let held = try Examples.images(40, seed: 9)
    var training = try begin(
      settings, watching: .choosing(held, patience: 100), stages: Self.stages([2, 1, 2]))
    var models: [Model] = []
    while !training.isFinished {
      let record = try training.runEpoch()
      models.append(training.session.result)
      #expect(training.session.result.parameters != training.session.model.parameters)
      var fresh = training.session.result
      fresh.unfreeze()
      var evaluator = Evaluator(held, for: fresh)
      let evaluation = evaluator.evaluate(fresh)
      #expect(evaluation.correct == record.correct)
      let order = RandomKey(seed: settings.seed, purpose: .evaluationOrder, index: record.epoch)
      #expect(evaluation.batchMeanLoss(batchSize: 64, shuffledBy: order) == record.testLoss)
    }
    let losses = training.history.map(\.testLoss)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(training.model.parameters == models[best].parameters)
  }

  @Test("averaging changes nothing of the training itself")
  func aside() throws {
    var (averaged, plain) = (
      TrainingSession(.forPatterns([20]), on: try .images(40), Self.settings(averaging: 0.9)),
      TrainingSession(.forPatterns([20]), on: try .images(40), Self.settings())
    )
    for _ in 0..<3 {
      let losses = (try averaged.runEpoch(), try plain.runEpoch())
      #expect(losses.0 == losses.1)
    }
    #expect(averaged.model.parameters == plain.model.parameters && plain.result == plain.model)
    #expect(averaged.result.parameters != averaged.model.parameters)
  }

  // MARK: Solved heads

  @Test("a solved head reads every image and changed copies of it, fewer the more images there are")
  func copies() throws {
    #expect(
      [1, 5, 50, 62, 63, 100, 1000, 2000, 30_000].map(Examples.copies(of:)) == [32, 32, 32, 32, 31, 20, 2, 1, 1])
    let examples = try Examples.images(100)
    let more = examples.withCopies(by: .mild, seed: 4, threads: 2)
    #expect(more.count == 2100 && more.prefix(100).inputs == examples.inputs)
    #expect(more.labels == Array(repeatElement(examples.labels, count: 21).joined()))
    let second = examples.augmented(by: .mild, seed: 4, epoch: -1, threads: 1).inputs.matrix
    #expect(
      (0..<100).allSatisfy { row in (0..<36).allSatisfy { more.inputs.matrix[200 + row, $0] == second[row, $0] } })
    #expect(examples.withCopies(by: .none, seed: 4, threads: 1).inputs == examples.inputs)
  }

  @Test("it is the head that a solver finds on them, for smoothed labels, whatever the threads")
  func solved() throws {
    let settings = Self.settings()
    let plan = try TransferMethod.frozen.plan(from: Transferred.start(), settings, solvesHeads: true)
    let examples = try Examples.images(80)
    let ends = try [1, 3].map { threads in
      try plan.run(on: examples, strength: 0.01, team: Team(size: threads, smallestPart: 1))
    }
    #expect(ends[0].parameters == ends[1].parameters)
    var solver = HeadSolver(
      plan.model, on: examples.withCopies(by: .mild, seed: settings.seed, threads: 1), smoothing: 0.1)
    #expect(try solver.solve(strength: 0.01).model.parameters == ends[0].parameters)
    for (augmentation, smoothing) in [(Augmentation.none, 0.1), (.mild, 0)] {
      var other = plan
      other.settings.augmentation = augmentation
      other.settings.loss = SoftmaxCrossEntropy(smoothing: smoothing)
      #expect(try other.run(on: examples, strength: 0.01).parameters != ends[0].parameters)
    }
  }

  @Test("with smoothed labels the solved head is where the smoothed loss has no slope")
  func solvedOptimum() throws {
    let examples = Examples.patterns(40)
    var solver = HeadSolver(.forPatterns([]), on: examples, smoothing: 0.2)
    let found = try solver.solve(strength: 0, by: LBFGS(iterations: 2000, tolerance: 1e-6, noise: 1e-7)).model
    var workspace = Workspace(for: found, inputs: examples.inputs, capacity: 40)
    let batch = Batch(inputs: examples.inputs, rows: Array(0..<40)[...], labels: examples.labels[...])
    found.forward(batch, mode: .evaluation, in: &workspace)
    // Its answers are as sure as the labels: the sum over the examples of what each class gets is what it should get.
    var sums = [Float](repeating: 0, count: 4)
    for row in 0..<40 {
      for (output, share) in workspace.logits.softmax(row: row).enumerated() { sums[output] += share }
    }
    #expect(mismatch(sums, [10, 10, 10, 10], within: 1e-3) == nil)
    let best = (0..<40).map { workspace.logits.softmax(row: $0)[examples.labels[$0]] }
    #expect(best.allSatisfy { $0 < 0.99 } && best.reduce(0, +) / 40 > 0.75)
  }
}
