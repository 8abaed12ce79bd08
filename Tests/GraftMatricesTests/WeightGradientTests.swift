import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct WeightGradientTests {
  enum Kind: String, CaseIterable, Sendable { case product, pixels, columnSums }

  struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isAdaptive: Bool
    let step: @Sendable (Int) -> UpdateStep

    static func sgd(_ name: String, momentum: Float = 0, decay: Float = 0, nesterov: Bool = false) -> Rule {
      Rule(testDescription: name, isAdaptive: false) { _ in
        .sgd(SGDStep(learningRate: 0.1, momentum: momentum, weightDecay: decay, nesterov: nesterov))
      }
    }

    static func adam(_ name: String, decay: Double = 0, decoupled: Bool = false) -> Rule {
      Rule(testDescription: name, isAdaptive: true) { step in
        .adam(
          AdamStep(
            learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: decay, decoupled: decoupled,
            step: step))
      }
    }

    static let all = [
      sgd("sgd"), sgd("momentum", momentum: 0.9), sgd("momentum, decay", momentum: 0.9, decay: 0.01),
      sgd("nesterov, decay", momentum: 0.9, decay: 0.01, nesterov: true), adam("adam"),
      adam("adam, decay", decay: 0.01),
      adam("adamw", decay: 0.05, decoupled: true),
    ]
  }

  /// A gradient of a matrix of `rows` x `columns` over `examples`, and what the reference says it is.
  private func gradient(
    _ kind: Kind, rows: Int, columns: Int, examples: Int, seed: UInt64
  ) -> (gradient: WeightGradient, expected: [[Float]]) {
    let right = randomMatrix(examples, columns, seed: seed)
    switch kind {
    case .product:
      let left = randomMatrix(examples, rows, seed: seed + 1)
      return (
        .product(left: Matrix(left), right: Matrix(right), rows: examples),
        ReferenceProducts.transposedProduct(left, right)
      )
    case .pixels:
      let images = RandomRows(examples, columns: rows, density: 0.3, seed: seed)
      var batch = PixelBatch(imageCapacity: examples + 3, columns: rows, outputs: columns)
      batch.fill(Array(0..<examples)[...], of: images.sparse)
      batch.arrange()
      return (
        .pixels(batch, outputGradient: Matrix(right)), ReferenceProducts.transposedProduct(images.values, right)
      )
    case .columnSums:
      let sums = (0..<columns).map { column in right.reduce(Float(0)) { $0 + $1[column] } }
      return (.columnSums(Matrix(right), rows: examples), [sums])
    }
  }

  private func layout(_ kind: Kind, _ rows: Int, _ columns: Int) -> PanelLayout {
    kind == .columnSums
      ? PanelLayout(offset: 64, vectorOf: columns) : PanelLayout(offset: 64, rows: rows, columns: columns)
  }

  @Test("adding has the bits of the reference, and adds to what is there", arguments: Kind.allCases, Sizes.widths)
  func addition(kind: Kind, columns: Int) {
    for rows in [1, 2, 3, 16, 17, 33] {
      for examples in [1, 2, 5] {
        let first = gradient(kind, rows: rows, columns: columns, examples: examples, seed: 1)
        let second = gradient(kind, rows: rows, columns: columns, examples: examples, seed: 9)
        let layout = layout(kind, rows, columns)
        var block = AlignedFloats(zeros: layout.offset + layout.footprint + 1024)
        first.gradient.add(to: &block, at: layout)
        #expect(mismatchInBits(block.matrix(at: layout).flatMap { $0 }, first.expected.flatMap { $0 }) == nil)
        second.gradient.add(to: &block, at: layout)
        let sums = zip(first.expected, second.expected).flatMap { zip($0, $1).map(+) }
        #expect(mismatchInBits(block.matrix(at: layout).flatMap { $0 }, sums) == nil)
        #expect(block.padding(of: layout).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(
    "moving at once has the bits of adding first, leaves the padding zero and touches nothing else",
    arguments: Rule.all, Kind.allCases)
  func fused(rule: Rule, kind: Kind) {
    for (rows, columns) in [(1, 5), (1, 40), (2, 16), (3, 17), (16, 10), (17, 33), (33, 64)] {
      let layout = layout(kind, rows, columns)
      let count = layout.offset + layout.footprint + 1024
      var fused = AlignedFloats(zeros: count)
      // What is around the matrix, another one's weights, has momentum too: a step too many would move it.
      for place in 0..<count { fused[place] = 2 }
      for place in layout.offset..<layout.offset + layout.footprint { fused[place] = 0 }
      fused.set(randomMatrix(layout.rows, columns, seed: 3), at: layout)
      var fusedState = OptimizerState(count: count, hasSecond: rule.isAdaptive)
      for place in (0..<count) where fused[place] == 2 { fusedState.first[place] = 0.5 }
      let before = (weights: fused, state: fusedState)
      var (apart, apartState) = (fused, fusedState)
      for step in 1...4 {
        let gradient = gradient(kind, rows: rows, columns: columns, examples: 5, seed: UInt64(10 * step)).gradient
        gradient.move(&fused, at: layout, by: rule.step(step), state: &fusedState)
        var sum = AlignedFloats(zeros: count)
        gradient.add(to: &sum, at: layout)
        rule.step(step).move(&apart, at: layout, along: sum, state: &apartState)
      }
      #expect(mismatchInBits(fused.floats(of: layout), apart.floats(of: layout)) == nil, "\(rows) x \(columns)")
      #expect(fusedState == apartState, "\(rows) x \(columns)")
      #expect(fused == apart, "\(rows) x \(columns): something outside the matrix moved")
      #expect(fused.padding(of: layout).allSatisfy { $0 == 0 }, "\(rows) x \(columns)")
      #expect(fused.matrix(at: layout) != before.weights.matrix(at: layout))
      for place in Array(0..<layout.offset) + Array(layout.offset + layout.footprint..<count) {
        guard fused[place] == 2, fusedState.first[place] == 0.5 else {
          Issue.record(
            "\(rows) x \(columns): the float \(place - layout.offset) moved, the matrix ends at \(layout.footprint)")
          break
        }
      }
    }
  }

  @Test("a velocity too small for full precision counts as zero")
  func fading() {
    let layout = PanelLayout(rows: 2, columns: 40)
    var batch = PixelBatch(imageCapacity: 1, columns: 2, outputs: 40)
    batch.arrange()
    var weights = AlignedFloats(zeros: layout.footprint)
    var state = OptimizerState(count: layout.footprint, hasSecond: false)
    for place in 0..<layout.footprint {
      state.first[place] = place.isMultiple(of: 2) ? .leastNormalMagnitude / 8 : 1e-37
    }
    let step = SGDStep(learningRate: 0.5, momentum: 0.5, weightDecay: 0, nesterov: false)
    WeightGradient.pixels(batch, outputGradient: Matrix(rows: 1, columns: 40))
      .move(&weights, at: layout, by: .sgd(step), state: &state)
    #expect(state.first[0] == 0 && state.first[1] == 5e-38)
    #expect(Float.leastNormalMagnitude / 2 > 0, "the caller's own mode is as it was")
  }

  @Test("a batch that lights nothing still decays and coasts", arguments: [10, 40])
  func allZeroBatch(outputs: Int) {
    let rows = RandomRows(3, columns: 12, density: 0, seed: 1)
    var batch = PixelBatch(imageCapacity: 3, columns: 12, outputs: outputs)
    batch.fill([0, 1, 2], of: rows.sparse)
    batch.arrange()
    let gradient = WeightGradient.pixels(batch, outputGradient: Matrix(randomMatrix(3, outputs, seed: 2)))
    let layout = PanelLayout(rows: 12, columns: outputs)
    var weights = AlignedFloats(zeros: layout.footprint)
    weights.set([[Float]](repeating: [Float](repeating: 1, count: outputs), count: 12), at: layout)
    var state = OptimizerState(count: layout.footprint, hasSecond: false)
    state.first.set([[Float]](repeating: [Float](repeating: 2, count: outputs), count: 12), at: layout)
    let step = SGDStep(learningRate: 0.5, momentum: 0.5, weightDecay: 0.25, nesterov: false)
    gradient.move(&weights, at: layout, by: .sgd(step), state: &state)
    // v = 0.5 · 2 + 0.25 · 1, w = 1 - 0.5 · v
    #expect(weights.matrix(at: layout).allSatisfy { $0.allSatisfy { $0 == 0.375 } })
    #expect(state.first.matrix(at: layout).allSatisfy { $0.allSatisfy { $0 == 1.25 } })
  }
}
