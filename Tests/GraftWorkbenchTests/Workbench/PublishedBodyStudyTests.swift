import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftRanks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Synchronization
import Testing

/// A study of some small pictures with the smallest of the published networks.
private enum PublishedStudy {
  static let shape = ImageShape(channels: 3, height: 16, width: 16)
  static let classNames = ["green", "red"]

  /// Noise with a tint that tells the two classes apart, but not always.
  static func pictures(_ count: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: 0))
    var pixels: [UInt8] = []
    for index in 0..<count {
      let tint = index % 2 == 0 ? 0 : stream.uniform(20, 100)
      for channel in 0..<3 {
        for _ in 0..<shape.height * shape.width {
          pixels.append(UInt8(stream.uniform(0, 150) + (channel == 0 ? tint : 0)))
        }
      }
    }
    return Dataset(
      name: "tints", shape: shape, classNames: classNames, pixels: pixels, labels: (0..<count).map { $0 % 2 })
  }

  static let data = DatasetPair(train: pictures(52, seed: 1), test: pictures(20, seed: 2))
  static let normalization = Normalization(means: [0.4, 0.3, 0.2], deviations: [0.3, 0.2, 0.1])

  /// A body in place of a published one: its normalisations are measured, so that its features tell pictures apart.
  static let checkpoint: Checkpoint = {
    let fresh = Model(Architecture.family(named: "resnet9") ?? .study, inputShape: shape, classCount: 5, seed: 77)
    let some = data.train.selecting(images: [0, 1, 2])
    return Checkpoint(
      model: fresh.measuringNorms(on: normalization.rows(some.pixels, columns: shape.count)),
      normalization: normalization,
      outputs: ClassOutputs(.compact, choosing: Array(0..<5), of: ["a", "b", "c", "d", "e"]), record: JSON.Object())
  }()

  static func pair() throws -> StudyPair {
    StudyPair(
      .checkpoint(checkpoint, name: "body", digest: "of the body"),
      try StudyDomain(data, selecting: ClassSelection(parsing: "all", of: classNames)))
  }

  static func options(
    _ methods: [TransferMethod] = [.frozen], shares: [Share] = [.perClass(1), .perClass(4)], seeds: [UInt64] = [0, 1],
    threads: Int = 2
  ) -> StudyOptions {
    StudyOptions(
      methods: methods, shares: shares, seeds: seeds, architecture: checkpoint.model.architecture,
      recipe: Recipe.photos.fitted(to: shape), threads: threads)
  }

  static func study(_ options: StudyOptions = options()) throws -> TransferStudy {
    try TransferStudy(options, on: [pair()])
  }

  /// Two controls and frozen, at one and four labels per class, with two seeds; run once.
  static func result() throws -> StudyResult { try shared.get() }

  private static let shared = Result { try study().run(in: MemoryStore()) }
}

@Suite("A study that starts from a published body")
struct PublishedBodyStudyTests {
  @Test("ranks of a job share the work of the body, with the same bits", arguments: [2, 3])
  func ranks(size: Int) throws {
    let expected = try PublishedStudy.result().timeless
    let ranks = ThreadCommunicator.ranks(size)
    let isOver = Mutex(false)
    let workers = DispatchGroup()
    for rank in ranks.dropFirst() {
      let study = try PublishedStudy.study()
      workers.enter()
      let thread = Thread {
        StudyWorker(rank) { isOver.withLock { $0 } }.work(on: study)
        workers.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    defer {
      isOver.withLock { $0 = true }
      workers.wait()
    }
    let manager = StudyManager(
      try PublishedStudy.study(), MemoryStore(), ranks[0], isStopped: { false }, report: { _ in })
    #expect(try manager.run().timeless == expected)
  }

  @Test("it has two controls: a small network from scratch, and the body with random weights")
  func controls() throws {
    let trials = try SmallStudy.trials(of: PublishedStudy.study())
    #expect(Set(trials.map(\.method)) == ["scratch", "random-frozen", "frozen", "nearest-mean"])
    // Nothing is rehearsed on digits, and no source is trained.
    #expect(Set(trials.map(\.kind)) == [.measurement, .score])
    let control = try #require(try PublishedStudy.result().pairs[0].control)
    #expect(control.architecture.family == nil && control.architecture.body.count == 4)
    #expect(control.words.hasSuffix("on pictures of 16 x 16 pixels"))
    for trial in trials where trial.kind == .measurement {
      let model = trial.identity["model"]?.string
      #expect(model == (trial.method == "scratch" ? "\(control.architecture)" : "resnet9"))
      #expect(trial.testDigest == PublishedStudy.data.test.digest)
      #expect((trial.identity["body_seed"] != nil) == (trial.method == "random-frozen"))
    }
    // Photographs become small before the control sees them.
    let large = ImageShape(channels: 3, height: 48, width: 40)
    let domain = try StudyDomain(
      PublishedStudy.data.resized(to: large), selecting: ClassSelection(parsing: "all", of: PublishedStudy.classNames))
    let small = try StudyControl(domain, .photos)
    #expect(small.target.shape == ImageShape(channels: 3, height: 32, width: 32))
    #expect(small.target.data.train.labels == domain.data.train.labels)
    #expect(small.target.normalization == .usual(for: small.target.data.train))
    #expect(small.recipe.transferSettings.augmentation == Augmentation.small.fitted(to: small.target.shape))
  }

  @Test("every method is compared with both controls")
  func comparisons() throws {
    let result = try PublishedStudy.result()
    let pair = result.pairs[0]
    #expect(pair.methods == [.scratch, .randomFrozen, .frozen])
    #expect(pair.contrasts.map { [$0.first, $0.second] } == [[.frozen, .randomFrozen], [.frozen, .randomFrozen]])
    // Two methods against scratch and one against the other control, at two numbers of labels.
    #expect(result.comparisons == 6)
    for contrast in pair.contrasts {
      let rows = try [contrast.first, contrast.second].map { try #require(pair.row($0, contrast.share)) }
      let gain = rows[0].accuracy.mean - rows[1].accuracy.mean
      #expect(abs(contrast.judged.comparison.gain.mean - gain) < 1e-9)
    }
    // Asked for as well, it is one comparison.
    var options = PublishedStudy.options()
    options.contrasts = [(.frozen, .randomFrozen)]
    let both = try SmallStudy.result(of: PublishedStudy.study(options)) { trial in
      try #require(try PublishedStudy.result().rows.flatMap(\.records).first).outcome
    }
    #expect(both.comparisons == 6 && both.pairs[0].contrasts.count == 2)
  }

  @Test("settings are chosen by cross-validation on the drawn pictures, and with one of each class not at all")
  func choices() throws {
    let pair = try PublishedStudy.result().pairs[0]
    for method in pair.methods {
      let one = try #require(pair.tunings.first { $0.method == method && $0.share == .perClass(1) })
      #expect(one.origin == .recipe && one.figures.isEmpty)
      let four = try #require(pair.tunings.first { $0.method == method && $0.share == .perClass(4) })
      #expect(four.origin == .crossValidation && four.figures.count == Candidate.count)
      #expect(four.timesChosen.reduce(0, +) == 2)
      for record in try #require(pair.row(method, .perClass(4))).records {
        let choices = record.outcome.choices
        #expect(choices.allSatisfy { $0.images == 8 } && choices.count { $0.isChosen } == 1)
        let chosen = try #require(choices.first { $0.isChosen })
        #expect(chosen.loss == choices.map(\.loss).min())
        #expect(record.outcome.diagnosis.calibration?.temperature == chosen.temperature)
      }
    }
    // If a fifth of the images can be held out, the control does that.
    let more = try PublishedStudy.study(PublishedStudy.options(shares: [.perClass(20)], seeds: [4])).run(
      in: MemoryStore())
    #expect(more.pairs[0].tunings.map(\.origin) == [.validation, .crossValidation, .crossValidation])
    #expect(more.rows[0].records[0].outcome.choices.allSatisfy { $0.images == 8 })
    #expect(more.rows[2].records[0].outcome.choices.allSatisfy { $0.images == 40 })
  }

  @Test("a head on shared features answers as one that is solved on the pictures themselves")
  func sharedFeatures() throws {
    let pair = try PublishedStudy.result().pairs[0]
    let target = try PublishedStudy.study().pairs[0].target
    #expect(target.normalization == PublishedStudy.normalization)
    for record in try #require(pair.row(.frozen, .perClass(4))).records {
      let drawn = try target.data.train.share(.perClass(4), seed: record.trial.seed)
      let (start, outputs) = try PublishedStudy.checkpoint.adapted(
        to: [0, 1], of: PublishedStudy.classNames, head: nil, isSameData: false, seed: 0)
      // Pictures are seen as they are: copies of them would be as many passes of the body again.
      var settings = Recipe.photos.transferSettings(seed: 0)
      settings.augmentation = .none
      let plan = try TransferMethod.frozen.plan(from: start, settings, solvesHeads: true)
      let candidates = Candidate.behindPublishedBody(images: drawn.count)
      let chosen = try #require(record.outcome.choices.firstIndex { $0.isChosen })
      var model = try plan.run(
        on: Examples(drawn, outputs: outputs, normalization: PublishedStudy.normalization),
        strength: candidates[chosen].strength(images: drawn.count))
      model.unfreeze()
      var evaluator = Evaluator(
        try Examples(target.data.test, outputs: outputs, normalization: PublishedStudy.normalization), for: model)
      let expected = evaluator.evaluate(model)
      #expect(record.outcome.answers == expected.predictions)
      #expect(abs(record.outcome.loss - expected.loss) < 1e-3)
      #expect(record.outcome.history.count == 1 && record.outcome.history[0].seconds > 0)
    }
  }

  @Test("the features of every draw are computed once, behind one random body for all seeds")
  func features() throws {
    let study = try PublishedStudy.study()
    let target = study.pairs[0].target
    let drawn = try study.bodies.drawn(from: target)
    var expected: Set<Int> = []
    for seed in study.options.seeds { expected.formUnion(try target.data.train.indices(of: .perClass(4), seed: seed)) }
    #expect(drawn == expected.sorted() && drawn.count < target.data.train.count)
    #expect(
      try PublishedStudy.study(
        .init(
          methods: [.frozen], shares: [.perClass(1), .all], seeds: [0],
          architecture: PublishedStudy.checkpoint.model.architecture, recipe: .photos
        )
      ).bodies.drawn(from: target).count == target.data.train.count)
    let source = try study.bodies.features(
      .source, of: PublishedStudy.checkpoint, digest: "of the body", on: target)
    let random = try study.bodies.features(
      .random, of: PublishedStudy.checkpoint, digest: "of the body", on: target)
    let again = try PublishedStudy.study(PublishedStudy.options(seeds: [5, 1], threads: 1)).bodies.features(
      .random, of: PublishedStudy.checkpoint, digest: "of the body", on: target)
    #expect(source.test.inputs.matrix != random.test.inputs.matrix)
    #expect(again.test.inputs.matrix == random.test.inputs.matrix)
    let few = Array(drawn.suffix(3))
    let rows = PublishedStudy.normalization.rows(
      target.data.train.selecting(images: few).pixels, columns: target.shape.count)
    #expect(source.training(few).inputs.matrix == PublishedStudy.checkpoint.model.bodyFeatures(of: rows))
    #expect(source.training(few).labels == few.map { target.data.train.labels[$0] })
  }

  @Test("a source's scores on shared features are those on the pictures themselves")
  func scores() throws {
    let result = try PublishedStudy.result()
    let target = try PublishedStudy.study().pairs[0].target
    let scores = try #require(result.pairs[0].scores.first { $0.share == .perClass(4) })
    for (place, record) in scores.records.enumerated() {
      let drawn = try target.data.train.share(.perClass(4), seed: UInt64(place))
      let expected = try TransferScores(of: PublishedStudy.checkpoint, on: drawn, classes: [0, 1], threads: 2)
      #expect(record.outcome.diagnosis.scores == expected)
      // The probabilities are those of the whole network.
      let examples = try Examples(
        drawn, outputs: target.outputs, normalization: PublishedStudy.normalization)
      let view = SourceView(of: PublishedStudy.checkpoint, on: examples, classCount: 2)
      var logits = Program(PublishedStudy.checkpoint.model).outputs(
        of: examples.inputs, through: PublishedStudy.checkpoint.model.layers.count, threads: 1)
      logits.softmax(logits, rows: logits.rows)
      for row in 0..<logits.rows {
        for column in 0..<5 { #expect(abs(logits[row, column] - view.probabilities[row, column]) < 1e-5) }
      }
    }
  }

  @Test("any number of threads, and a second call, end with the same rows")
  func again() throws {
    let store = MemoryStore()
    let one = try PublishedStudy.study(PublishedStudy.options(threads: 1)).run(in: store)
    #expect(try one.timeless == PublishedStudy.result().timeless)
    let log = EventLog()
    let second = try PublishedStudy.study().run(in: store, report: log.note)
    #expect(log.began.isEmpty && second.rows.map(\.records) == one.rows.map(\.records))
  }

  @Test("methods that train the body work, with the recipe's settings, and their time is foreseen")
  func training() throws {
    var options = PublishedStudy.options([.fineTune, .linearProbeThenFineTuning], shares: [.perClass(2)], seeds: [3])
    options.recipe.transferSettings.epochs = 2
    options.recipe.scratchSettings.epochs = 2
    options.recipe.leastSteps = 0
    let study = try PublishedStudy.study(options)
    let few = try StudyForecast(
      PublishedStudy.study(PublishedStudy.options(shares: [.perClass(2)], seeds: [3])), in: nil)
    let forecast = try StudyForecast(study, in: nil)
    #expect(forecast.seconds > few.seconds && few.seconds > 0 && forecast.control != nil)
    let store = MemoryStore()
    let result = try study.run(in: store)
    let pair = result.pairs[0]
    #expect(pair.methods == [.scratch, .randomFrozen, .fineTune, .linearProbeThenFineTuning])
    #expect(pair.contrasts.count == 2)
    for method in [TransferMethod.fineTune, .linearProbeThenFineTuning] {
      let row = try #require(pair.row(method, .perClass(2)))
      let tuning = try #require(pair.tunings.first { $0.method == method })
      #expect(tuning.origin == .recipe && row.records[0].outcome.choices.isEmpty)
      #expect(row.records[0].outcome.history.map(\.epoch).last == 2)
    }
    #expect(try StudyForecast(study, in: store).seconds == 0)
  }

  @Test("a network that the study trains itself keeps the same network as its control")
  func ownSource() throws {
    let domain = try StudyDomain(
      PublishedStudy.data, selecting: ClassSelection(parsing: "all", of: PublishedStudy.classNames))
    var pictures = PublishedStudy.pictures(50, seed: 8)
    pictures = Dataset(
      name: "others", shape: pictures.shape, classNames: pictures.classNames, pixels: pictures.pixels,
      labels: pictures.labels)
    let source = try StudyDomain(
      DatasetPair(train: pictures, test: PublishedStudy.data.test),
      selecting: ClassSelection(parsing: "all", of: PublishedStudy.classNames))
    let study = try TransferStudy(
      PublishedStudy.options(shares: [.perClass(20)]), on: [StudyPair(.trained(source), domain)])
    #expect(study.pairs[0].control == nil && study.options.methods == [.scratch, .frozen])
    let trials = try SmallStudy.trials(of: study).filter { $0.kind == .measurement }
    #expect(trials.count == 4 && trials.allSatisfy { $0.identity["model"]?.string == "resnet9" })
  }
}
