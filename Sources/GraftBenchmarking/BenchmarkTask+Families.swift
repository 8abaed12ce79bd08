import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

extension BenchmarkTask {
  /// The networks of blocks that are timed.
  private static let families = ["efficientnet-lite0", "mobilenet-v2", "resnet18"]

  /// Names of the tasks of networks of blocks. They run only if they are asked for: a step takes gigabytes of memory.
  static let familyNames = families.flatMap { ["\($0)-image", "\($0)-step"] }

  /// Images of a step, and of a list that is answered.
  private static let stepImages = 16
  private static let side = 224

  /// Tasks for one image and for one training step of each network, with random weights, on noise of 224 × 224 in colour.
  static func families(_ setting: BenchmarkSetting) throws -> [BenchmarkTask] {
    let shape = ImageShape(channels: 3, height: side, width: side)
    var stream = RandomStream(RandomKey(seed: 0, purpose: .syntheticDigits, index: 0))
    let data = Dataset(
      name: "noise", shape: shape, classNames: (0..<1000).map(String.init),
      pixels: (0..<stepImages * shape.count).map { _ in UInt8(stream.uniform(0, 255)) },
      labels: (0..<stepImages).map { $0 * 61 })
    let normalization = Normalization(means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225])
    let outputs = ClassOutputs(.original, choosing: Array(0..<1000), of: data.classNames)
    let examples = try Examples(data, outputs: outputs, normalization: normalization)
    return try families.flatMap { name in
      let architecture = try Architecture(parsing: name)
      let model: @Sendable () -> Model = { Model(architecture, inputShape: shape, classCount: 1000, seed: 0) }
      return [
        image(name, model, examples, threads: setting.threads), step(name, model, examples, setting.threads),
      ]
    }
  }

  private static func image(
    _ name: String, _ model: @escaping @Sendable () -> Model, _ examples: Examples, threads: Int
  ) -> BenchmarkTask {
    let program = Mutex<(program: Program, layers: Int)?>(nil)
    let operations = 2 * model().layers.reduce(0) { $0 + $1.multiplyAdds }
    return BenchmarkTask(
      name: "\(name)-image",
      summary: "the logits of one photograph of 224 × 224, \(name); the mean of \(stepImages), one after the other",
      work: Work(denseOperations: Double(operations), operations: Double(operations), images: 1)
    ) {
      program.withLock { kept in
        let own = kept ?? { (Program(model()), model().layers.count) }()
        kept = own
        return Benchmark.seconds {
          _ = own.program.outputs(of: examples.inputs, through: own.layers, threads: threads)
        } / Double(stepImages)
      }
    }
  }

  private static func step(
    _ name: String, _ model: @escaping @Sendable () -> Model, _ examples: Examples, _ threads: Int
  ) -> BenchmarkTask {
    let session = Mutex<TrainingSession?>(nil)
    var settings = Recipe.study.settings(seed: 0)
    settings.batchSize = stepImages
    let layers = model().layers
    // Forward pass, weight gradient and, except in the first layer, input gradient.
    let each = 6 * layers.reduce(0) { $0 + $1.multiplyAdds } - 2 * layers[0].multiplyAdds
    let operations = Double(each * stepImages)
    return BenchmarkTask(
      name: "\(name)-step",
      summary: "a training step on \(stepImages) photographs of 224 × 224, \(name), SGD with momentum",
      work: Work(denseOperations: operations, operations: operations, images: stepImages)
    ) { [settings] in
      try session.withLock { session in
        if session == nil { session = TrainingSession(model(), on: examples, settings, threads: threads) }
        return try Benchmark.seconds { _ = try session?.runEpoch() }
      }
    }
  }
}
