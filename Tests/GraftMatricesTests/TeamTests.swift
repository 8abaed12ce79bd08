import Foundation
import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

/// Every kernel, by every build that this machine can run, by teams of several sizes: the bits are those of one thread of the
/// portable build, which other tests compare with the reference.
@Suite struct TeamTests {
  private static let builds = Processor.allCases.filter(\.isAvailable)

  private struct Work {
    let units: Int
    let examples: Int
    let inputs: Int
    let first: TestParameters
    let second: TestParameters
    let images: RandomRows

    init(units: Int, examples: Int, inputs: Int) {
      (self.units, self.examples, self.inputs) = (units, examples, inputs)
      first = TestParameters(rows: inputs, columns: units, seed: 1)
      second = TestParameters(rows: 10, columns: units, biasColumns: 10, seed: 2)
      images = RandomRows(examples, columns: inputs, density: 0.3, seed: 3)
    }

    /// All that a training step asks of the kernels, with dense and with sparse inputs.
    func results(_ team: Team) -> [Float] {
      var batch = PixelBatch(imageCapacity: examples, columns: inputs, outputs: units)
      batch.fill(Array(0..<examples)[...], of: images.sparse)
      batch.arrange(team: team)
      let dense = Matrix(images.values)
      var (hidden, again) = (Matrix(rows: examples, columns: units), Matrix(rows: examples, columns: units))
      pixelProduct(
        batch, first.block, weight: first.weight, bias: first.bias, rectifies: true, into: &hidden, team: team)
      product(
        dense, rows: examples, first.block, weight: first.weight, bias: first.bias, rectifies: true, into: &again,
        team: team)
      var (logits, gradient) = (Matrix(rows: examples, columns: 10), Matrix(rows: examples, columns: 10))
      productWithTransposed(
        hidden, rows: examples, second.block, weight: second.weight, bias: second.bias, into: &logits, team: team)
      var losses = [Float](repeating: 0, count: examples)
      gradient.softmaxCrossEntropy(
        logits, labels: (0..<examples).map { $0 % 10 }[...], gradientScale: 0.1, losses: &losses, team: team)
      var hiddenGradient = Matrix(rows: examples, columns: units)
      product(
        gradient, rows: examples, second.block, weight: second.weight, where: hidden, into: &hiddenGradient, team: team)
      var parts = [hidden, again, logits, gradient, hiddenGradient].map { $0.nested.flatMap { $0 } } + [losses]
      parts += updates(batch, dense, hidden, gradient, hiddenGradient, team)
      return parts.flatMap { $0 }
    }

    private func updates(
      _ batch: PixelBatch, _ dense: Matrix, _ hidden: Matrix, _ gradient: Matrix, _ hiddenGradient: Matrix, _ team: Team
    ) -> [[Float]] {
      let steps: [UpdateStep] = [
        .sgd(SGDStep(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true)),
        .adam(
          AdamStep(
            learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false, step: 3)),
      ]
      return steps.flatMap { step -> [[Float]] in
        var (one, two) = (first.block, second.block)
        var oneState = OptimizerState(count: one.count, hasSecond: true)
        var twoState = OptimizerState(count: two.count, hasSecond: true)
        for gradient in [
          WeightGradient.pixels(batch, outputGradient: hiddenGradient),
          .product(left: dense, right: hiddenGradient, rows: examples),
        ] {
          gradient.move(&one, at: first.weight, by: step, state: &oneState, team: team)
        }
        WeightGradient.columnSums(hiddenGradient, rows: examples)
          .move(&one, at: first.bias, by: step, state: &oneState, team: team)
        WeightGradient.product(left: gradient, right: hidden, rows: examples)
          .move(&two, at: second.weight, by: step, state: &twoState, team: team)
        var sum = AlignedFloats(zeros: two.count)
        WeightGradient.product(left: gradient, right: hidden, rows: examples)
          .add(to: &sum, at: second.weight, team: team)
        step.move(&two, at: second.weight, along: sum, state: &twoState, team: team)
        return [
          one.floats(of: first.weight), one.floats(of: first.bias), two.floats(of: second.weight),
          oneState.first.floats(of: first.weight), twoState.first.floats(of: second.weight),
        ]
      }
    }
  }

  @Test(
    "every build and every number of threads give the same bits", arguments: [1, 10, 16, 17, 33, 70, 130],
    [1, 2, 7, 20])
  func sameBits(units: Int, examples: Int) {
    let work = Work(units: units, examples: examples, inputs: 41)
    let expected = work.results(Team(size: 1, processor: .portable))
    #expect(expected.allSatisfy { $0.isFinite })
    for build in Self.builds {
      for size in [1, 2, 3, 7] {
        let found = work.results(Team(size: size, processor: build, smallestPart: 1))
        #expect(mismatchInBits(found, expected) == nil, "\(build), \(size) threads")
      }
    }
  }

  @Test("a team that slept does the next call too, and one that is busy leaves its caller to work alone")
  func sleepAndContention() {
    let work = Work(units: 70, examples: 20, inputs: 41)
    let expected = work.results(.alone)
    let team = Team(size: 3, smallestPart: 1)
    #expect(mismatchInBits(work.results(team), expected) == nil)
    Thread.sleep(forTimeInterval: 0.05)
    #expect(mismatchInBits(work.results(team), expected) == nil)
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      #expect(mismatchInBits(work.results(team), expected) == nil)
    }
  }

  @Test("a team that has nothing to do takes no processor time")
  func idle() async {
    await #expect(processExitsWith: .success) {
      let team = Team(size: 4, smallestPart: 1)
      _ = Work(units: 70, examples: 20, inputs: 41).results(team)
      usleep(50_000)
      let before = clock()
      usleep(300_000)
      let seconds = Double(clock() - before) / Double(CLOCKS_PER_SEC)
      exit(withExtendedLifetime(team) { seconds < 0.03 } ? 0 : 1)
    }
  }

  @Test("the members of a team end with it")
  func end() async {
    await #expect(processExitsWith: .success) {
      func threads() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0 }
      let before = threads()
      var team: Team? = Team(size: 5, smallestPart: 1)
      if let team { _ = Work(units: 70, examples: 20, inputs: 41).results(team) }
      let during = threads()
      team = nil
      var tries = 0
      while threads() > before && tries < 200 {
        usleep(10_000)
        tries += 1
      }
      // Where there is no such folder, there is nothing to see.
      exit(before == 0 || (during == before + 4 && threads() <= before) ? 0 : 1)
    }
  }

  @Test("a call with little work is not shared")
  func smallWork() {
    let (layout, rows) = (PanelLayout(rows: 10, columns: 20), Matrix(rows: 4, columns: 10))
    rows.block.withFloats { floats in
      let product = Product(
        Rows(floats, stride: rows.stride), rows: 4, weights: floats, layout: layout, bias: nil, rectifies: false,
        mask: nil, output: WritableRows(UnsafeMutablePointer(mutating: floats), stride: rows.stride))
      #expect(KernelCall.product(product).work == 4 * 10 * 20)
    }
  }
}
