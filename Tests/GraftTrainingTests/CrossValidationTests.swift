import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining
import Testing

@Suite("Settings chosen by cross-validation")
struct CrossValidationTests {
  private static let shape = ImageShape(channels: 1, height: 4, width: 4)

  /// Noise, brighter for the second class, with `count` pictures.
  private static func pictures(_ count: Int, seed: UInt64 = 1) -> Dataset {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: 0))
    let pixels = (0..<count * shape.count).map { pixel in
      UInt8(stream.uniform(0, 180) + (pixel / shape.count % 2 == 1 ? 60 : 0))
    }
    return Dataset(
      name: "noise", shape: shape, classNames: ["dark", "bright"], pixels: pixels, labels: (0..<count).map { $0 % 2 })
  }

  private static func examples(_ dataset: Dataset) throws -> Examples {
    try Examples(
      dataset, outputs: ClassOutputs(.compact, choosing: [0, 1], of: dataset.classNames), normalization: .unit)
  }

  private static let settings = TrainingSettings(
    epochs: 20, batchSize: 8, optimizer: .sgd(momentum: 0.9), learningRate: 0.05, seed: 0)

  @Test("each feature is answered by a head that has not seen it, and the smallest loss is chosen")
  func heads() throws {
    let pictures = Self.pictures(14)
    let features = Examples(inputs: try Self.examples(pictures).inputs.dense, labels: pictures.labels)
    let folds = pictures.folds(5, seed: 3)
    let candidates = Candidate.behindPublishedBody(images: 14)
    let validation = HeadCrossValidation(features, classCount: 2, folds: folds, Self.settings)
    let tried = try validation.tried(candidates)
    let head = HeadCrossValidation.head(for: features, classCount: 2)
    for (index, candidate) in candidates.enumerated() {
      var (correct, loss) = (0, 0.0)
      for fold in folds {
        let rest = pictures.labels.indices.filter { !fold.contains($0) }
        var solver = HeadSolver(head, on: features.selecting(rest))
        let model = try solver.solve(strength: candidate.strength(images: 14)).model
        var evaluator = Evaluator(features.selecting(fold), for: model)
        let evaluation = evaluator.evaluate(model)
        correct += evaluation.correct
        loss += evaluation.loss * Double(fold.count)
      }
      #expect(tried[index].setting == candidate.description && tried[index].images == 14)
      #expect(abs(tried[index].correct - correct) <= 1 && abs(tried[index].loss - loss / 14) < 0.02)
    }
    #expect(tried.first { $0.isChosen }?.loss == tried.map(\.loss).min())
    #expect(tried.count { $0.isChosen } == 1 && Set(tried.map(\.loss)).count == candidates.count)
    #expect(validation.labels == folds.flatMap { $0 }.map { pictures.labels[$0] })
  }

  @Test("trainings are cross-validated candidate by candidate")
  func trainings() throws {
    let pictures = Self.pictures(10)
    let outputs = ClassOutputs(.compact, choosing: [0, 1], of: pictures.classNames)
    let plan = TransferPlan(
      training: Model(.softmax, inputShape: Self.shape, classCount: 2, seed: 0), Self.settings)
    // The second learns, the first hardly moves.
    let candidates = [1e-7, 0.05].map { Candidate(.rate($0, weightDecay: 0)) }
    let found = try #require(
      try plan.crossValidating(among: candidates, on: pictures, outputs: outputs, normalization: .unit, seed: 2))
    #expect(found.candidate == candidates[1] && found.choices.map(\.isChosen) == [false, true])
    #expect(found.choices.map(\.images) == [10, 10] && found.choices[1].loss < found.choices[0].loss)
    #expect(found.choices.allSatisfy { $0.temperature != nil })
    // With a single picture of a class nothing can be left out.
    let single = try plan.crossValidating(
      among: candidates, on: Self.pictures(2), outputs: outputs, normalization: .unit, seed: 2)
    #expect(single == nil)
    // A rate that diverges is not chosen.
    let wild = [1e39, 0.05].map { Candidate(.rate($0, weightDecay: 0)) }
    let tame = try #require(
      try plan.crossValidating(among: wild, on: pictures, outputs: outputs, normalization: .unit, seed: 2))
    #expect(tame.candidate == wild[1] && tame.choices[0].temperature == nil)
  }
}
