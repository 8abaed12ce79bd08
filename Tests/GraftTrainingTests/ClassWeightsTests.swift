import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

private struct BalancedCases: Decodable {
  struct Counted: Decodable {
    let counts: [Int]
    let weights: [Double]
  }
  struct Solution: Decodable {
    let strength: Double
    let objective: Double
    let weights: [[Double]]
    let biases: [Double]
  }
  struct Head: Decodable {
    let name: String
    let classes: Int
    let features: [[Float]]
    let labels: [Int]
    let solutions: [Solution]
  }
  let balanced: [Counted]
  let heads: [Head]
}

@Suite("Classes of unequal size that weigh the same")
struct ClassWeightsTests {
  /// Images of two classes, nine of the first for each of the second.
  private static func imbalanced(rare: Int) -> Examples {
    picked(Array(0..<10 * rare).map { $0 % 10 == 0 ? 1 : 0 })
  }

  /// The same images, each of the second class nine times.
  private static func repeated(rare: Int) -> Examples {
    let examples = imbalanced(rare: rare)
    return part(
      of: examples, examples.labels.indices.flatMap { Array(repeating: $0, count: examples.labels[$0] == 1 ? 9 : 1) })
  }

  /// One image of each of the classes in `labels`, in that order.
  private static func picked(_ labels: [Int]) -> Examples {
    let all = Examples.patterns(4 * labels.count)
    var next = [0, 1, 2, 3]
    return part(
      of: all,
      labels.map { label in
        defer { next[label] += 4 }
        return next[label]
      })
  }

  private static func part(of examples: Examples, _ rows: [Int]) -> Examples {
    guard case .dense(let matrix) = examples.dense.inputs else { return examples }
    var part = Matrix(rows: rows.count, columns: matrix.columns)
    part.gather(rows[...], of: matrix)
    return Examples(inputs: .dense(part), labels: rows.map { examples.labels[$0] }, firstLayer: examples.firstLayer)
  }

  /// One step along the gradient of all examples at once.
  private static func step(_ examples: Examples, _ weights: ClassWeights, smoothing: Double = 0) throws -> (
    loss: Double, model: Model
  ) {
    var settings = TrainingSettings(
      epochs: 1, batchSize: examples.count, optimizer: .sgd(momentum: 0), learningRate: 1,
      loss: SoftmaxCrossEntropy(smoothing: smoothing), seed: 3)
    settings.classWeights = weights
    var session = TrainingSession(.forPatterns([20]), on: examples, settings)
    return (try session.runEpoch(), session.model)
  }

  @Test("balanced weights are scikit-learn's, and a class without examples is none of the classes")
  func weights() throws {
    for known in try Golden.load(BalancedCases.self, from: "class_weights").balanced {
      let labels = known.counts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
      let found = ClassWeights.balanced.weights(of: labels, classCount: known.counts.count)
      #expect(found == known.weights.map { Float($0) })
      let mean = labels.reduce(0) { $0 + Double(found[$1]) } / Double(labels.count)
      #expect(abs(mean - 1) < 1e-6)
      #expect(ClassWeights.none.weights(of: labels, classCount: known.counts.count).isEmpty)
    }
  }

  @Test(
    "a full batch has the gradient of a data set with the rare class nine times, in one part and in several",
    arguments: [4, 10, 40], [0, 0.1])
  func repetition(rare: Int, smoothing: Double) throws {
    let weighted = try Self.step(Self.imbalanced(rare: rare), .balanced, smoothing: smoothing)
    let repeated = try Self.step(Self.repeated(rare: rare), .none, smoothing: smoothing)
    #expect(mismatch([weighted.loss], [repeated.loss], within: 1e-6) == nil)
    #expect(mismatch(weighted.model.allValues, repeated.model.allValues, within: 2e-6) == nil)
    let plain = try Self.step(Self.imbalanced(rare: rare), .none, smoothing: smoothing)
    #expect(mismatch(plain.model.allValues, repeated.model.allValues, within: 1e-3) != nil)
  }

  @Test("classes of the same size keep the bits of a training without weights")
  func balancedData() throws {
    var settings = TrainingSettings.momentum()
    let ends = try [ClassWeights.none, .balanced].map { weights in
      settings.classWeights = weights
      var session = TrainingSession(.forPatterns([20]), on: .patterns(80), settings)
      let losses = try (0..<3).map { _ in try session.runEpoch() }
      return (losses, session.model.parameters)
    }
    #expect(ends[0].0 == ends[1].0 && ends[0].1 == ends[1].1)
  }

  @Test("any number of threads ends with the same bits, in whole batches and in parts", arguments: [8, 300])
  func threads(batchSize: Int) throws {
    var settings = TrainingSettings.adam(batchSize: batchSize)
    settings.classWeights = .balanced
    let examples = Self.imbalanced(rare: 40)
    let ends = try [1, 2, 3].map { threads in
      var session = TrainingSession(
        .forPatterns([20]), on: examples, settings, team: Team(size: threads, smallestPart: 1))
      for _ in 0..<3 { _ = try session.runEpoch() }
      return session.model.parameters
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test("every stage of a training weighs its classes")
  func stages() throws {
    var settings = TrainingSettings.momentum()
    let stages = [
      TrainingStage(isTrainable: [false, false, true, true], epochs: 1),
      TrainingStage(isTrainable: [true, true, true, true], epochs: 1),
    ]
    let ends = try [ClassWeights.none, .balanced].map { weights in
      settings.classWeights = weights
      var training = TrackedTraining(.forPatterns([20]), on: Self.imbalanced(rare: 4), settings, stages: stages)
      return try (0..<2).map { _ in try training.runEpoch().trainLoss }
    }
    #expect(ends[0][0] != ends[1][0] && ends[0][1] != ends[1][1])
  }

  // MARK: Records

  @Test("the record has a key for weights only, and what is no rule is refused in one line")
  func record() throws {
    var settings = Recipe.quick.settings(seed: 3)
    let before = JSON.object(settings.json).text()
    #expect(!before.contains("class_weights"))
    settings.classWeights = .balanced
    #expect(settings.json["class_weights"] == "balanced")
    #expect(try TrainingSettings(json: settings.json) == settings)
    var record = settings.json
    record["class_weights"] = "none"
    #expect(try JSON.object(TrainingSettings(json: record).json).text() == before)
    for bad in [JSON.string("heavy"), .integer(1)] {
      record["class_weights"] = bad
      let failure = #expect(throws: GraftFailure.self) { try TrainingSettings(json: record) }
      #expect(failure?.message == "class_weights: expected balanced or none")
    }
    var recipe = Recipe.quick
    recipe.scratchSettings.classWeights = .balanced
    recipe.transferSettings.classWeights = .balanced
    #expect(recipe.description == "quick (class weights balanced)")
  }

  // MARK: Solved heads

  /// To what Float gradients allow.
  private static let exact = LBFGS(iterations: 2000, tolerance: 1e-6, noise: 1e-7)

  private static func solver(_ features: [[Float]], _ labels: [Int], outputs: Int, _ weights: ClassWeights)
    -> HeadSolver
  {
    HeadSolver(
      Model(units: [features[0].count], inputs: 3, classCount: outputs, seed: 1),
      on: Examples(inputs: .dense(Matrix(features)), labels: labels, firstLayer: 1), classWeights: weights)
  }

  @Test("a solved head's weights and objective are scikit-learn's")
  func headAgreesWithScikitLearn() throws {
    let heads = try Golden.load(BalancedCases.self, from: "class_weights").heads
    #expect(heads.map(\.name) == ["two", "four"])
    for known in heads {
      var solver = Self.solver(known.features, known.labels, outputs: known.classes, .balanced)
      for expected in known.solutions {
        let found = try solver.solve(strength: expected.strength, by: Self.exact)
        let name: Comment = "\(known.name), strength \(expected.strength), \(found.ending)"
        #expect(mismatch([found.objective], [expected.objective], within: 1e-6, floor: 0) == nil, name)
        #expect(
          mismatch(found.model.values("fc2.weight"), expected.weights.flatMap { $0 }, within: 1e-3, floor: 0.1) == nil,
          name)
        #expect(mismatch(found.model.values("fc2.bias"), expected.biases, within: 1e-3) == nil, name)
      }
    }
  }

  @Test("a solved head is that of a data set with the rare class nine times, for the same penalty")
  func headRepetition() throws {
    let features = RandomRows(50, columns: 12, seed: 4).values
    let labels = (0..<50).map { $0 % 10 == 0 ? 3 : 1 }
    let rows = labels.indices.flatMap { Array(repeating: $0, count: labels[$0] == 3 ? 9 : 1) }
    var weighted = Self.solver(features, labels, outputs: 5, .balanced)
    var repeated = Self.solver(rows.map { features[$0] }, rows.map { labels[$0] }, outputs: 5, .none)
    let strength = 0.01 * weighted.meanSquaredLength / repeated.meanSquaredLength
    let found = try (
      weighted.solve(strength: 0.01, by: Self.exact), repeated.solve(strength: strength, by: Self.exact)
    )
    #expect(mismatch([found.0.objective], [found.1.objective], within: 1e-6) == nil)
    for name in ["fc2.weight", "fc2.bias"] {
      #expect(mismatch(found.0.model.values(name), found.1.model.values(name), within: 1e-3) == nil)
    }
  }

  @Test("a plan solves its head with the weights of its settings, and classes of the same size change no bit")
  func plan() throws {
    let balanced = Transferred.target
    var plan = try Transferred.plan("frozen", solvesHeads: true)
    let plain = try plan.run(on: balanced, strength: 0.001)
    plan.settings.classWeights = .balanced
    #expect(try plan.run(on: balanced, strength: 0.001).parameters == plain.parameters)
    let few = Self.part(
      of: balanced, balanced.labels.indices.filter { balanced.labels[$0] > 0 || $0 % 8 == 7 })
    let weighted = try plan.run(on: few, strength: 0.001)
    plan.settings.classWeights = .none
    #expect(try plan.run(on: few, strength: 0.001).parameters != weighted.parameters)
  }
}
