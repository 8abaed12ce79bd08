import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

/// The way of a program of one's own: load, train, transfer, save, read, classify.
@Suite("A training, from data to a classifier")
struct TrainingTests {
  private static let digits = DatasetPair.syntheticDigits(train: 1500, test: 300, threads: 2)
  private static let settings = TrainingSettings(
    epochs: 3, batchSize: 32, optimizer: .sgd(momentum: 0.9), learningRate: 0.1, seed: 5)

  private func training() -> Training {
    Training(Architecture(hiddenUnits: [24]), Self.settings, on: Self.digits.selecting(.even))
  }

  @Test("the same bits at any number of threads, and a record that says what made the model")
  func trains() throws {
    var one = training()
    let first = try one.run()
    one.threads = 2
    let second = try one.run()
    #expect(first.model.parameters.digest == second.model.parameters.digest)
    #expect(first.accuracy.percent > 80 && first.accuracy.images == first.evaluation.count)
    #expect(first.history.count == 3 && first.history[2].trainLoss < first.history[0].trainLoss)
    let record = first.checkpoint.record
    #expect(record["data"]?.string == "synthetic" && record["data_sha256"]?.string == Self.digits.train.digest)
    #expect(record["classes"] == [0, 2, 4, 6, 8] && first.digest == nil)
  }

  @Test("a training that is stopped goes on with the same bits, and a finished one returns at once")
  func resumes() throws {
    let folder = try ScratchFolder()

    let path = "\(folder.path)/m.safetensors"
    let whole = try training().run(writing: "\(folder.path)/whole.safetensors")
    var epochs = 0
    #expect(throws: TrainingStopped.self) {
      try training().run(
        writing: path,
        report: { if case .advanced = $0 { epochs += 1 } }, isStopped: { epochs == 2 })
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    var news: [TrainingEvent.Continuation] = []
    func collect(_ event: TrainingEvent) { if case .kept(let continuation) = event { news.append(continuation) } }
    var kept = 0
    let rest = try training().run(writing: path, resumes: true, keep: { _ in kept += 1 }, report: collect)
    #expect(rest.digest == whole.digest && rest.history.count == 3 && kept == 1)
    let again = try training().run(writing: path, resumes: true, report: collect)
    #expect(again.chosenEpoch == nil && again.accuracy == whole.accuracy && again.digest == whole.digest)
    #expect(news == [.resumed(epochs: 2), .wasFinished(path: path)])
    var other = training()
    other.plan.settings.learningRate = 0.2
    let clash = #expect(throws: GraftFailure.self) { try other.run(writing: path, resumes: true) }
    #expect(clash?.description == "\(path) holds another training" && clash?.remedy == .otherOutput)
  }

  @Test("a transfer with a solved head leaves the body as it is; fine-tuning moves it")
  func transfers() throws {
    let source = try training().run()
    let odd = Self.digits.selecting(.odd)
    let body = { (model: Model) in model.parameters.values(of: model.layers[0].weight) }
    let frozen = try source.transfer(to: odd, labelsPerClass: 10, method: .frozen)
    #expect(body(frozen.model) == body(source.model) && frozen.history.isEmpty)
    #expect(frozen.images == 50 && frozen.accuracy.percent > 50)
    let tuned = try source.transfer(to: odd, labelsPerClass: 10)
    #expect(body(tuned.model) != body(source.model))
    #expect(tuned.checkpoint.record["method"]?.string == "lp-ft")
    #expect(tuned.history.last?.epoch ?? 0 >= Recipe.quick.leastSteps)
    // The same classes of the same data keep their head, others get a new one.
    let same = try Training(
      transferring: source.checkpoint, to: Self.digits.selecting(.even), method: .fineTune)
    #expect(
      same.plan.model.headSlices.map { same.plan.model.parameters.values(of: $0) }
        == source.model.headSlices.map { source.model.parameters.values(of: $0) })
  }

  @Test("a checkpoint that was saved classifies from a file, from bytes and from pixels")
  func classifies() throws {
    let folder = try ScratchFolder()

    let path = "\(folder.path)/m.safetensors"
    let trained = try training().run()
    try trained.save(to: path)
    let classifier = try Classifier(contentsOf: path)
    #expect(classifier.classNames == ["0", "2", "4", "6", "8"])
    let test = Self.digits.selecting(.even).test
    var right = 0
    for index in 0..<50 {
      let answer = try classifier.classify(pixels: Array(test.image(index)))
      right += answer.best.className == test.classNames[Int(test.labels[index])] ? 1 : 0
      #expect(abs(answer.answers.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
    }
    #expect(right > 35)
    let picture = PNGImage(width: 28, height: 28, pixels: Array(test.image(0)))
    let picturePath = "\(folder.path)/p.png"
    try AtomicFile.write(picture.encoded(), to: picturePath)
    let again = try Classifier(decoding: readFile(at: path))
    #expect(
      try again.classify(contentsOf: picturePath).answers
        == classifier.classify(pixels: Array(test.image(0))).answers)
    #expect(throws: GraftFailure.self) { try classifier.classify(pixels: [1, 2, 3]) }
    #expect(throws: FormatError.self) { try Classifier(decoding: [1, 2, 3]) }
  }

  @Test("a tally says its accuracy with the interval over images")
  func tally() {
    #expect(Tally(correct: 4855, images: 4926).description == "98.56 % (98.19 to 98.86), 4,926 images")
    #expect(Tally(correct: 0, images: 0).percent == 0)
  }
}
