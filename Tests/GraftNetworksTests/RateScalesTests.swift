import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite("Learning rates of single slices")
struct RateScalesTests {
  static let rules: [Optimizer.Rule] = [
    .sgd(momentum: 0), .sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adam(), .adam(decoupled: true),
  ]

  /// One for each slice of a model of three layers, none like another; 0 holds a slice.
  static let scales = [0.1, 1, 0, 1 / 2.6, 3, 1 / (2.6 * 2.6)]
  /// As a schedule would change them.
  static let rates = [0.05, 0.05, 0.2, 0.01, 0.1, 0.003]

  private let model = Model(units: [17, 5], inputs: 7, classCount: 3, seed: 1)

  /// Every slice's gradient at `step`: random, and the same whatever the weights.
  private func gradient(of slice: ParameterSlice, step: Int) -> WeightGradient {
    let seed = UInt64(1_000 * step + slice.layout.offset)
    let right = Matrix(randomMatrix(4, slice.layout.columns, seed: seed))
    if slice.shape.count == 1 { return .columnSums(right, rows: 4) }
    return .product(left: Matrix(randomMatrix(4, slice.layout.rows, seed: seed + 500)), right: right, rows: 4)
  }

  /// The parameters after all steps.
  private func trained(
    _ rule: Optimizer.Rule, scales: [Double], rates: [Double] = RateScalesTests.rates, _ path: PlainTrainer.Path
  ) -> Parameters {
    var parameters = model.parameters
    var optimizer = Optimizer(rule, weightDecay: 0.02, for: parameters, rateScales: scales)
    var buffer = GradientBuffer(for: parameters)
    for (step, rate) in rates.enumerated() {
      optimizer.beginStep(learningRate: rate)
      buffer.reset()
      for slice in parameters.slices {
        let gradient = gradient(of: slice, step: step)
        switch path {
        case .fused: optimizer.receive(gradient, of: slice, in: &parameters, team: .alone)
        case .buffered: buffer.receive(gradient, of: slice, in: &parameters, team: .alone)
        }
      }
      if path == .buffered { optimizer.update(&parameters, along: buffer) }
    }
    return parameters
  }

  @Test("each slice moves as under an optimizer of its own rate", arguments: rules, PlainTrainer.Path.allCases)
  func slices(rule: Optimizer.Rule, path: PlainTrainer.Path) {
    let scaled = trained(rule, scales: Self.scales, path)
    for (slice, scale) in zip(model.parameters.slices, Self.scales) {
      let alone = trained(rule, scales: [], rates: Self.rates.map { $0 * scale }, path)
      #expect(mismatchInBits(scaled.values(of: slice), alone.values(of: slice)) == nil, "\(slice.name)")
      #expect((scaled.values(of: slice) == model.parameters.values(of: slice)) == (scale == 0), "\(slice.name)")
    }
  }

  @Test("both paths to the weights give the same bits", arguments: rules)
  func pathsAgree(rule: Optimizer.Rule) {
    #expect(trained(rule, scales: Self.scales, .fused) == trained(rule, scales: Self.scales, .buffered))
  }

  @Test("scales of one are no scales", arguments: rules)
  func ones(rule: Optimizer.Rule) {
    let ones = [Double](repeating: 1, count: 6)
    for path in PlainTrainer.Path.allCases {
      #expect(trained(rule, scales: ones, path) == trained(rule, scales: [], path))
    }
  }
}

@Suite("A pull added to a gradient")
struct PullTests {
  private let model = Model(units: [17, 5], inputs: 7, classCount: 3, seed: 1)
  private let anchor = Model(units: [17, 5], inputs: 7, classCount: 3, seed: 2).parameters

  /// Gradients of `names`, all from a real batch.
  private func buffer(hearing names: [String]) -> GradientBuffer {
    var copy = model
    copy.isTrainable = model.parameters.slices.map { names.contains($0.name) }
    let inputs = RandomRows(6, columns: 7, seed: 3).inputs(sparse: false)
    var workspace = Workspace(for: copy, inputs: inputs, capacity: 6)
    let batch = Batch(inputs: inputs, rows: Array(0..<6)[...], labels: [0, 1, 2, 0, 1, 2])
    var buffer = GradientBuffer(for: copy.parameters)
    copy.forward(batch, mode: .training(RandomKey(seed: 0, purpose: .dropout)), in: &workspace)
    _ = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
    copy.backward(batch, in: &workspace, into: &buffer)
    return buffer
  }

  private func values(_ block: AlignedFloats, _ slice: ParameterSlice) -> [Float] {
    var holder = model.parameters
    holder.block = block
    return holder.values(of: slice)
  }

  private let heard = ["fc2.weight", "fc2.bias", "fc3.weight"]

  @Test(
    "is strength times the distance from the anchor, or from zero", arguments: [true, false], [0.5, 0.003] as [Float])
  func amounts(hasAnchor: Bool, strength: Float) {
    let before = buffer(hearing: heard)
    var after = before
    after.addPull(
      of: model.parameters.slices, in: model.parameters, towards: hasAnchor ? anchor : nil, strength: strength)
    for slice in model.parameters.slices {
      let (old, new) = (values(before.sum, slice), values(after.sum, slice))
      guard heard.contains(slice.name) else {
        #expect(mismatchInBits(new, old) == nil, "\(slice.name) heard of no gradient and is pulled")
        continue
      }
      let weights = model.parameters.values(of: slice).map(Double.init)
      let towards = hasAnchor ? anchor.values(of: slice).map(Double.init) : weights.map { _ in 0 }
      let expected = old.indices.map { Double(old[$0]) + Double(strength) * (weights[$0] - towards[$0]) }
      #expect(mismatch(new, expected, within: 1e-6, floor: 0.01) == nil, "\(slice.name)")
      #expect(new != old)
    }
  }

  @Test("pulls the slices that are named and no others")
  func named() {
    let before = buffer(hearing: heard)
    var after = before
    after.addPull(of: model.headSlices, in: model.parameters, towards: anchor, strength: 1)
    let changed = model.parameters.slices.filter { values(after.sum, $0) != values(before.sum, $0) }
    #expect(changed.map(\.name) == ["fc3.weight"] && after.received == before.received)
  }

  @Test("leaves the padding at zero")
  func padding() {
    var buffer = buffer(hearing: model.parameters.slices.map(\.name))
    for anchor in [anchor, nil] {
      buffer.addPull(of: model.parameters.slices, in: model.parameters, towards: anchor, strength: 7)
    }
    var pulled = model
    pulled.parameters.block = buffer.sum
    #expect(!pulled.padding.isEmpty && pulled.padding.allSatisfy { $0 == 0 })
  }
}
