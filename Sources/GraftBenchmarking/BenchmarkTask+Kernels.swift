import GraftData
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

extension BenchmarkTask {
  /// Tasks for the kernels of a step, one by one, on one batch of 64 images.
  static func kernels(_ setting: BenchmarkSetting) -> [BenchmarkTask] {
    let bench = KernelBench(setting)
    var tasks = [
      dense(64, 784, 500, setting), dense(512, 784, 500, setting), dense(1024, 1024, 1024, setting),
      bench.transposedProduct, bench.denseGradient, bench.softmax,
    ]
    if bench.pixels != nil { tasks = bench.pixelTasks + tasks }
    return tasks
  }

  /// A task for `left · weight`, rows × depth by depth × columns.
  private static func dense(_ rows: Int, _ depth: Int, _ columns: Int, _ setting: BenchmarkSetting) -> BenchmarkTask {
    let block = Mutex(DenseCase(rows: rows, depth: depth, columns: columns, threads: setting.threads))
    let operations = Double(2 * rows * depth * columns)
    return BenchmarkTask(
      name: "product-\(rows)x\(depth)x\(columns)",
      summary: "a dense product, \(rows) × \(depth) by \(depth) × \(columns)",
      work: Work(denseOperations: operations, operations: operations)
    ) { block.withLock { block in Benchmark.secondsOfShort { block.run() } } }
  }
}

private struct DenseCase: Sendable {
  let left: Matrix
  let weight: PanelLayout
  let weights: AlignedFloats
  var output: Matrix
  let team: Team

  init(rows: Int, depth: Int, columns: Int, threads: Int) {
    left = Matrix.random(rows: rows, columns: depth)
    weight = PanelLayout(rows: depth, columns: columns)
    weights = AlignedFloats.random(count: weight.footprint)
    output = Matrix(rows: rows, columns: columns)
    team = threads > 1 ? Team(size: threads) : .alone
  }

  mutating func run() {
    product(left, rows: left.rows, weights, weight: weight, bias: nil, into: &output, team: team)
  }
}

/// A batch of 64 images and a layer of 500 units with a head of ten behind it.
private struct KernelBench: Sendable {
  let team: Team
  let pixels: PixelBatch?
  let litPixels: Double
  let images = 64
  let units = 500
  let first: PanelLayout
  let bias: PanelLayout
  let head: PanelLayout
  let headBias: PanelLayout
  let weights: AlignedFloats
  let hidden: Matrix
  let logits: Matrix

  init(_ setting: BenchmarkSetting) {
    team = setting.threads > 1 ? Team(size: setting.threads) : .alone
    let width = setting.shape.count
    let batches = Batches(
      of: setting.train.labels, size: images, shuffledBy: RandomKey(seed: 0, purpose: .shuffle))
    if case .sparse(let rows) = setting.train.inputs {
      var batch = PixelBatch(imageCapacity: images, columns: width, outputs: units)
      batch.fill(batches.order[batches[0]], of: rows)
      batch.arrange()
      pixels = batch
      litPixels = batches.order[batches[0]].reduce(0.0) { $0 + Double(rows.litCount(ofRow: $1)) }
    } else {
      (pixels, litPixels) = (nil, 0)
    }
    first = PanelLayout(rows: width, columns: units)
    bias = PanelLayout(offset: first.footprint, vectorOf: units)
    head = PanelLayout(offset: bias.offset + bias.footprint, rows: 10, columns: units)
    headBias = PanelLayout(offset: head.offset + head.footprint, vectorOf: 10)
    weights = AlignedFloats.random(count: headBias.offset + headBias.footprint)
    hidden = Matrix.random(rows: images, columns: units)
    logits = Matrix.random(rows: images, columns: 10)
  }

  var pixelTasks: [BenchmarkTask] {
    guard let pixels else { return [] }
    let dense = Double(2 * images * first.rows * units)
    let work = BenchmarkTask.Work(
      denseOperations: dense, operations: 2 * litPixels * Double(units), images: images)
    return [
      task("pixel-product", "forward of the first layer from lit pixels, 64 images, 784 to 500", work, hidden) {
        pixelProduct(pixels, weights, weight: first, bias: bias, rectifies: true, into: &$0, team: team)
      },
      task(
        "pixel-update", "gradient of the first layer from lit pixels, with momentum and update in the same pass", work,
        Update(weights)
      ) { update in
        WeightGradient.pixels(pixels, outputGradient: hidden)
          .move(&update.weights, at: first, by: update.step, state: &update.state, team: team)
      },
      task(
        "pixel-arrangement", "sorting a batch's pixels for that gradient", BenchmarkTask.Work(images: images), pixels
      ) { $0.arrange(team: team) },
    ]
  }

  var transposedProduct: BenchmarkTask {
    let operations = Double(2 * images * units * 10)
    return task(
      "head-product", "forward of the head, 64 × 500 by 500 × 10",
      BenchmarkTask.Work(denseOperations: operations, operations: operations, images: images), logits
    ) { productWithTransposed(hidden, rows: images, weights, weight: head, bias: headBias, into: &$0, team: team) }
  }

  var denseGradient: BenchmarkTask {
    let operations = Double(2 * images * units * 10)
    return task(
      "head-update", "gradient of the head, with momentum and update in the same pass",
      BenchmarkTask.Work(denseOperations: operations, operations: operations, images: images), Update(weights)
    ) { update in
      WeightGradient.product(left: logits, right: hidden, rows: images)
        .move(&update.weights, at: head, by: update.step, state: &update.state, team: team)
    }
  }

  var softmax: BenchmarkTask {
    let labels = (0..<images).map { $0 % 10 }
    return task(
      "softmax", "softmax, loss and gradient of 64 × 10 logits", BenchmarkTask.Work(images: images),
      (output: logits, losses: [Float](repeating: 0, count: images))
    ) { memory in
      memory.output.softmaxCrossEntropy(
        logits, labels: labels[...], gradientScale: 1 / 64, losses: &memory.losses, team: team)
    }
  }

  /// The memory of an update. The rate is zero, so that the weights stay unchanged however often it runs.
  private struct Update: Sendable {
    var weights: AlignedFloats
    var state: OptimizerState
    let step = UpdateStep.sgd(SGDStep(learningRate: 0, momentum: 0.9, weightDecay: 0, nesterov: false))

    init(_ weights: AlignedFloats) {
      self.weights = weights
      state = OptimizerState(count: weights.count, hasSecond: false)
    }
  }

  private func task<Memory: Sendable>(
    _ name: String, _ summary: String, _ work: BenchmarkTask.Work, _ memory: Memory,
    _ body: @escaping @Sendable (inout Memory) -> Void
  ) -> BenchmarkTask {
    let memory = Mutex(memory)
    return BenchmarkTask(name: name, summary: summary, work: work) {
      memory.withLock { memory in Benchmark.secondsOfShort { body(&memory) } }
    }
  }
}

extension Matrix {
  static func random(rows: Int, columns: Int) -> Matrix {
    var stream = RandomStream(RandomKey(seed: 1, purpose: .initialWeights))
    return Matrix((0..<rows).map { _ in (0..<columns).map { _ in stream.uniform(-1, 1) } })
  }
}

extension AlignedFloats {
  static func random(count: Int) -> AlignedFloats {
    var stream = RandomStream(RandomKey(seed: 2, purpose: .initialWeights))
    var result = AlignedFloats(zeros: count)
    for place in 0..<count { result[place] = stream.uniform(-0.05, 0.05) }
    return result
  }
}
