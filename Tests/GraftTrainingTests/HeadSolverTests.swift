import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

private struct HeadCases: Decodable {
  struct Solution: Decodable {
    let strength: Double
    let objective: Double
    let weights: [[Double]]
    let biases: [Double]
    let predictions: [Int]
  }
  struct Case: Decodable {
    let name: String
    let features: [[Float]]
    let labels: [Int]
    let classes: Int
    let solutions: [Solution]
  }
  let cases: [Case]
}

@Suite("A head solved to its optimum")
struct HeadSolverTests {
  /// To what Float gradients allow.
  private static let exact = LBFGS(iterations: 2000, tolerance: 1e-6, noise: 1e-7)

  /// A model whose head reads `features` as they are: behind a body of as many units that is never asked.
  private func solver(
    _ features: [[Float]], _ labels: [Int], outputs: Int, team: Team = .alone
  ) -> HeadSolver {
    let model = Model(units: [features[0].count], inputs: 3, classCount: outputs, seed: 1)
    return HeadSolver(
      model, on: Examples(inputs: .dense(Matrix(features)), labels: labels, firstLayer: 1), team: team)
  }

  /// The output that wins for each row of `features`.
  private func predictions(_ model: Model, _ features: [[Float]]) -> [Int] {
    var held = model
    held.freezeBody()
    let examples = Examples(
      inputs: .dense(Matrix(features)), labels: [Int](repeating: 0, count: features.count), firstLayer: 1)
    var evaluator = Evaluator(examples, for: held)
    return evaluator.evaluate(held).predictions
  }

  @Test("weights, objective and predictions are scikit-learn's")
  func agreesWithScikitLearn() throws {
    let golden = try Golden.load(HeadCases.self, from: "head")
    #expect(golden.cases.map(\.name) == ["three", "two", "ten", "few"])
    for known in golden.cases {
      var solver = solver(known.features, known.labels, outputs: known.classes)
      for expected in known.solutions {
        let found = try solver.solve(strength: expected.strength, by: HeadSolverTests.exact)
        let name: Comment = "\(known.name), strength \(expected.strength), \(found.ending)"
        #expect(mismatch([found.objective], [expected.objective], within: 1e-6, floor: 0) == nil, name)
        #expect(
          mismatch(found.model.values("fc2.weight"), expected.weights.flatMap { $0 }, within: 1e-3, floor: 0.1) == nil,
          name)
        #expect(mismatch(found.model.values("fc2.bias"), expected.biases, within: 1e-3) == nil, name)
        #expect(predictions(found.model, known.features) == expected.predictions, name)
      }
    }
  }

  @Test("the tolerance that is used unless said otherwise is within a thousandth of the objective")
  func ordinaryTolerance() throws {
    let golden = try Golden.load(HeadCases.self, from: "head")
    for known in golden.cases {
      var solver = solver(known.features, known.labels, outputs: known.classes)
      for expected in known.solutions {
        let found = try solver.solve(strength: expected.strength)
        #expect(found.ending == .converged && found.largestGradient <= 1e-4)
        #expect(mismatch([found.objective], [expected.objective], within: 1e-3, floor: 0) == nil, "\(known.name)")
      }
    }
  }

  @Test("the body keeps its bits and the mask, the head moves, and the loss falls with every step", arguments: [0, 1])
  func body(frozen: Int) throws {
    var model = Model.forPatterns([20])
    model.freeze(first: frozen)
    let examples = Examples.patterns(80)
    var solver = HeadSolver(model, on: examples)
    var objectives: [Double] = []
    let solution = try solver.solve(strength: 1e-3) { iterate, _ in objectives.append(iterate.value) }
    let solved = solution.model
    for name in ["fc1.weight", "fc1.bias"] {
      #expect(mismatchInBits(solved.values(name), model.values(name)) == nil)
    }
    #expect(solved.isTrainable == model.isTrainable && solved.padding == model.padding)
    #expect(solved.values("fc2.weight") != model.values("fc2.weight"))
    #expect(solved.values("fc2.bias") != model.values("fc2.bias"))
    #expect(objectives.count == solution.iterations + 1 && abs(objectives[0] - log(4)) < 1e-6)
    #expect(zip(objectives, objectives.dropFirst()).allSatisfy { $0 > $1 })
    var evaluator = Evaluator(examples, for: solved)
    #expect(evaluator.evaluate(solved).accuracy.percent == 100)
  }

  @Test("any number of threads ends with the same bits")
  func threads() throws {
    let features = RandomRows(600, columns: 40, seed: 1)
    let labels = (0..<600).map { $0 % 5 }
    let ends = try [1, 2, 3, 5].map { size in
      var solver = solver(features.values, labels, outputs: 5, team: Team(size: size, smallestPart: 1))
      return try solver.solve(strength: 1e-3).model.parameters
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test("a strength means the same whatever the size of the features")
  func scale() throws {
    let features = RandomRows(300, columns: 20, seed: 2).values
    let labels = (0..<300).map { $0 % 3 }
    var plain = solver(features, labels, outputs: 3)
    var large = solver(features.map { $0.map { 64 * $0 } }, labels, outputs: 3)
    #expect(mismatch([large.meanSquaredLength], [4096 * plain.meanSquaredLength], within: 1e-12) == nil)
    let found = (try plain.solve(strength: 0.01), try large.solve(strength: 0.01))
    #expect(mismatch([found.0.objective], [found.1.objective], within: 1e-6) == nil)
    #expect(
      mismatch(
        found.1.model.values("fc2.weight").map { 64 * $0 }, found.0.model.values("fc2.weight"), within: 1e-3) == nil)
  }

  @Test("softmax regression, all head, is solved on pixels, sparse or dense alike")
  func softmaxRegression() throws {
    let examples = Examples.patterns(300)
    let model = Model.forPatterns([])
    var sparse = HeadSolver(model, on: examples)
    var dense = HeadSolver(model, on: examples.dense)
    guard case .sparse = examples.inputs else { return #expect(Bool(false), "patterns are sparse") }
    let found = try (
      sparse.solve(strength: 0.01, by: HeadSolverTests.exact), dense.solve(strength: 0.01, by: HeadSolverTests.exact)
    )
    #expect(mismatch([found.0.objective], [found.1.objective], within: 1e-6) == nil)
    #expect(mismatch(found.0.model.values("fc1.weight"), found.1.model.values("fc1.weight"), within: 1e-3) == nil)
    // What the model itself computes is the objective that was reported.
    let loss = ReferenceNetwork(found.0.model).loss(
      (0..<300).map { row in
        if case .sparse(let rows) = examples.inputs { rows.dense(row: row) } else { [] }
      }, examples.labels)
    let square = found.0.model.values("fc1.weight").reduce(0) { $0 + Double($1) * Double($1) }
    let penalised = loss + 0.01 * sparse.meanSquaredLength / 2 * square
    #expect(mismatch([found.0.objective], [penalised], within: 1e-6) == nil)
  }

  @Test("wide outputs, more than a vector of 16", arguments: [true, false])
  func manyOutputs(isSparse: Bool) throws {
    let rows = RandomRows(200, columns: 30, seed: 3)
    let labels = (0..<200).map { $0 % 20 }
    let model = Model(units: [], inputs: 30, classCount: 20, seed: 1)
    var solver = HeadSolver(model, on: Examples(inputs: rows.inputs(sparse: isSparse), labels: labels))
    let found = try solver.solve(strength: 0.01, by: HeadSolverTests.exact)
    var gradients = found.model.gradients(of: rows.inputs(sparse: isSparse), labels).byName
    for (index, weight) in found.model.values("fc1.weight").enumerated() {
      gradients["fc1.weight"]?[index] += Float(0.01 * solver.meanSquaredLength) * weight
    }
    for (_, values) in gradients { #expect(values.allSatisfy { abs($0) < 1e-5 }) }
  }

  // MARK: Outputs without examples

  @Test("ten outputs for five classes are the five outputs alone, and the others never win")
  func absentOutputs() throws {
    let features = RandomRows(100, columns: 12, seed: 4).values
    let few = (0..<100).map { $0 % 5 }
    var compact = solver(features, few, outputs: 5)
    var original = solver(features, few.map { 2 * $0 }, outputs: 10)
    let found = (try compact.solve(strength: 1e-3), try original.solve(strength: 1e-3))
    #expect(found.0.objective == found.1.objective && found.0.iterations == found.1.iterations)
    let (weights, biases) = (found.1.model.values("fc2.weight"), found.1.model.values("fc2.bias"))
    for output in 0..<10 {
      let row = Array(weights[output * 12..<(output + 1) * 12])
      if output.isMultiple(of: 2) {
        let same = found.0.model.values("fc2.weight")[output / 2 * 12..<(output / 2 + 1) * 12]
        #expect(mismatchInBits(row, Array(same)) == nil)
        #expect(biases[output] == found.0.model.values("fc2.bias")[output / 2])
      } else {
        #expect(row.allSatisfy { $0 == 0 } && biases[output] == HeadSolver.absentBias)
      }
    }
    #expect(predictions(found.1.model, features) == predictions(found.0.model, features).map { 2 * $0 })
  }

  @Test("a start is used, whatever its size and its outputs without examples")
  func start() throws {
    let features = RandomRows(100, columns: 12, seed: 4).values
    var solver = solver(features, (0..<100).map { 2 * ($0 % 5) }, outputs: 10)
    let cold = try solver.solve(strength: 1e-3)
    let warm = try solver.solve(strength: 1e-3, from: cold.model.parameters)
    #expect(warm.iterations == 0 && mismatch([warm.objective], [cold.objective], within: 1e-6) == nil)
    var shifted = cold.model
    let head = shifted.parameters.slices.suffix(2)
    for slice in head {
      shifted.parameters.setValues(of: slice, to: shifted.parameters.values(of: slice).map { $0 + 7 })
    }
    #expect(try solver.solve(strength: 1e-3, from: shifted.parameters).iterations <= 1)
    #expect(try solver.solve(strength: 1e-3, from: solver.model.parameters).objective - cold.objective < 1e-3)
  }

  // MARK: Little to learn from

  @Test("one image per class", arguments: [2, 5, 10])
  func onePerClass(classes: Int) throws {
    let features = RandomRows(classes, columns: 500, seed: 5).values
    var solver = solver(features, Array(0..<classes), outputs: 10)
    let found = try solver.solve(strength: 1e-3)
    #expect(found.ending == .converged && predictions(found.model, features) == Array(0..<classes))
  }

  @Test("one class alone always wins")
  func oneClass() throws {
    let features = RandomRows(4, columns: 6, seed: 6).values
    var solver = solver(features, [3, 3, 3, 3], outputs: 5)
    let found = try solver.solve(strength: 1e-3)
    #expect(found.objective == 0 && found.iterations == 0 && predictions(found.model, features) == [3, 3, 3, 3])
  }

  @Test(
    "features that say nothing, alike in all images or zero, leave the shares of the classes",
    arguments: [[0.5, 0, 2], [0, 0, 0], [1e-6, 1e-6, 1e-6]] as [[Float]], [1.0, 1e-4])
  func identicalImages(row: [Float], strength: Double) throws {
    let labels = [0, 0, 0, 1, 1, 2]
    var solver = solver([[Float]](repeating: row, count: 6), labels, outputs: 3)
    let found = try solver.solve(strength: strength, by: HeadSolverTests.exact)
    #expect(found.ending != .iterationLimit)
    let entropy = -(log(1.0 / 2) / 2 + log(1.0 / 3) / 3 + log(1.0 / 6) / 6)
    #expect(mismatch([found.objective], [entropy], within: 1e-6) == nil)
    for (weight, size) in zip(found.model.values("fc2.weight"), row + row + row) { #expect(abs(weight * size) < 1e-3) }
    let biases = found.model.values("fc2.bias")
    #expect(mismatch([biases[0] - biases[1], biases[1] - biases[2]], [log(1.5), log(2)], within: 1e-3) == nil)
  }

  @Test("features of rank one are solved as the one number that they are")
  func rankOne() throws {
    let sizes = (0..<40).map { Float($0 % 8) }
    let labels = (0..<40).map { $0 % 8 < 4 ? 0 : 1 }
    let direction: [Float] = [1, 0.5, 0.25]
    var wide = solver(sizes.map { size in direction.map { size * $0 } }, labels, outputs: 2)
    var narrow = solver(sizes.map { [$0] }, labels, outputs: 2)
    let found = try (
      wide.solve(strength: 0.01, by: HeadSolverTests.exact), narrow.solve(strength: 0.01, by: HeadSolverTests.exact)
    )
    // λ is a share of the squared length, which the direction makes 1.3125 times as large, and so is w · x squared.
    #expect(mismatch([found.0.objective], [found.1.objective], within: 1e-6) == nil)
    let weights = found.0.model.values("fc2.weight")
    #expect(mismatch([weights[1], weights[2]], [weights[0] / 2, weights[0] / 4], within: 1e-3) == nil)
  }

  @Test("without a penalty, classes that can be told apart end at the tolerance")
  func noPenalty() throws {
    let features = RandomRows(10, columns: 30, seed: 7).values
    var solver = solver(features, (0..<10).map { $0 % 2 }, outputs: 2)
    let found = try solver.solve(strength: 0)
    #expect(found.ending == .converged && found.objective < 1e-3)
    #expect(found.model.parameters.block.isFinite)
  }

  @Test("features that are no finite numbers are refused in words", arguments: [Float.nan, .infinity, 3e38])
  func notFinite(value: Float) throws {
    var features = RandomRows(10, columns: 5, seed: 8).values
    features[3][2] = value
    if value == 3e38 { features[4][2] = -value }
    var solver = solver(features, (0..<10).map { $0 % 2 }, outputs: 2)
    if value.isFinite {
      // Large, but numbers: the one column decides alone.
      #expect(try solver.solve(strength: 0.1).objective.isFinite)
    } else {
      let error = try #require(throws: HeadDivergence.self) { try solver.solve(strength: 0.1) }
      #expect(error.kind == .diverged)
      #expect(
        error.description == "no head can be solved with a penalty of strength 0.1: the objective is nan at the start")
    }
  }

  // MARK: Choosing a strength

  @Test("the strength with the most right answers on held-out examples is chosen, whatever their order")
  func choosing() throws {
    let model = Model.forPatterns([20])
    let (train, validation) = (Examples.patterns(24, seed: 1), Examples.patterns(200, seed: 2))
    var solver = HeadSolver(model, on: train)
    let strengths = [1e-3, 10, 0.1, 1e-5]
    let choice = try solver.choose(among: strengths, validation: validation)
    #expect(choice.candidates.map(\.strength) == [10, 0.1, 1e-3, 1e-5])
    for candidate in choice.candidates {
      var evaluator = Evaluator(validation, for: candidate.solution.model)
      let evaluation = evaluator.evaluate(candidate.solution.model)
      #expect(evaluation.correct == candidate.correct && evaluation.count == candidate.count)
      #expect(mismatch([evaluation.loss], [candidate.loss], within: 1e-6) == nil)
      #expect(
        choice.best.correct > candidate.correct
          || choice.best.correct == candidate.correct && choice.best.loss <= candidate.loss)
    }
    // A penalty of ten leaves hardly more than the shares of the classes.
    #expect(choice.best.strength < 10)
    let again = try solver.choose(among: strengths.reversed(), validation: validation)
    #expect(again.best.solution.model == choice.best.solution.model)
    var held = model
    held.freezeBody()
    let features = try solver.choose(among: strengths, validation: validation.behindFrozenPrefix(of: held))
    #expect(features.best.solution.model == choice.best.solution.model)
  }
}
