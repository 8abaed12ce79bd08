import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

private struct OptimizerCases: Decodable {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Settings: Decodable, Sendable {
      let weightDecay: Double
      let momentum: Double?
      let nesterov: Bool?
      let beta1: Double?
      let beta2: Double?
      let eps: Double?
    }
    let name: String
    let optimizer: String
    let settings: Settings
    let learningRate: Double
    let initial: [Float]
    let gradients: [[Float]]
    let parameters: [[Float]]
    var testDescription: String { name }

    var rule: Optimizer.Rule? {
      switch optimizer {
      case "sgd": .sgd(momentum: settings.momentum ?? .nan, nesterov: settings.nesterov ?? false)
      case "adam", "adamw":
        .adam(
          beta1: settings.beta1 ?? .nan, beta2: settings.beta2 ?? .nan, epsilon: settings.eps ?? .nan,
          decoupled: optimizer == "adamw")
      default: nil
      }
    }
  }
  let cases: [Case]
}

@Suite struct OptimizerTests {
  /// A model whose only bias holds the seven parameters; a gradient of a bias is a sum of rows, here of one row.
  private func run(_ known: OptimizerCases.Case, _ path: PlainTrainer.Path) throws -> [[Float]] {
    var model = Model(units: [], inputs: 3, classCount: known.initial.count, seed: 0)
    let bias = try #require(model.parameters.slice(named: "fc1.bias"))
    model.parameters.setValues(of: bias, to: known.initial)
    var optimizer = Optimizer(
      try #require(known.rule), weightDecay: known.settings.weightDecay, for: model.parameters)
    var buffer = GradientBuffer(for: model.parameters)
    let weights = model.values("fc1.weight")
    let after = known.gradients.map { values in
      let gradient = WeightGradient.columnSums(Matrix([values]), rows: 1)
      optimizer.beginStep(learningRate: known.learningRate)
      switch path {
      case .fused: optimizer.receive(gradient, of: bias, in: &model.parameters, team: .alone)
      case .buffered:
        buffer.reset()
        buffer.receive(gradient, of: bias, in: &model.parameters, team: .alone)
        optimizer.update(&model.parameters, along: buffer)
      }
      return model.values("fc1.bias")
    }
    #expect(optimizer.step == known.gradients.count)
    #expect(model.values("fc1.weight") == weights, "a slice without a gradient moved")
    return after
  }

  @Test("twenty steps end where PyTorch's do", arguments: PlainTrainer.Path.allCases)
  func agreesWithPyTorch(path: PlainTrainer.Path) throws {
    let golden = try Golden.load(OptimizerCases.self, from: "optimizers")
    #expect(golden.cases.count == 9)
    for known in golden.cases {
      let after = try run(known, path)
      #expect(after.count == 20 && known.parameters.count == 20)
      let tolerance = known.optimizer == "sgd" ? 2e-5 : 2e-6
      for (step, (found, expected)) in zip(after, known.parameters).enumerated() {
        #expect(mismatch(found, expected, within: tolerance) == nil, "\(known.name), step \(step)")
      }
    }
  }

  @Test("both paths to the weights give the same bits")
  func pathsAgree() throws {
    for known in try Golden.load(OptimizerCases.self, from: "optimizers").cases {
      let (fused, buffered) = (try run(known, .fused), try run(known, .buffered))
      #expect(mismatchInBits(fused.flatMap { $0 }, buffered.flatMap { $0 }) == nil, "\(known.name)")
    }
  }

  @Test("a parameter that never had a gradient stays where it is, but for weight decay")
  func untouchedParameter() throws {
    for known in try Golden.load(OptimizerCases.self, from: "optimizers").cases
    where known.settings.weightDecay == 0 {
      let after = try run(known, .fused)
      #expect(after.allSatisfy { $0.last == known.initial.last }, "\(known.name)")
    }
  }

  @Test("a gradient buffer adds what it receives and knows which slices it heard of")
  func buffer() throws {
    var model = Model(units: [3], inputs: 4, classCount: 2, seed: 1)
    let bias = try #require(model.parameters.slice(named: "fc2.bias"))
    var buffer = GradientBuffer(for: model.parameters)
    let gradient = WeightGradient.columnSums(Matrix([[1, 2], [10, 20]]), rows: 2)
    for _ in 0..<2 { buffer.receive(gradient, of: bias, in: &model.parameters, team: .alone) }
    var holder = model.parameters
    holder.block = buffer.sum
    #expect(holder.values(of: bias) == [22, 44])
    #expect(buffer.received.map(\.name) == ["fc2.bias"])
    buffer.reset()
    #expect(buffer.received.isEmpty)
    #expect(buffer.sum == AlignedFloats(zeros: buffer.sum.count))
  }

  @Test(
    "rules have the names of the command line",
    arguments: [
      (Optimizer.Rule.sgd(momentum: 0.9), "sgd"), (.adam(), "adam"), (.adam(decoupled: true), "adamw"),
    ])
  func names(rule: Optimizer.Rule, name: String) { #expect(rule.name == name) }
}
