import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

extension BenchmarkTask {
  /// Tasks for epochs and trainings as in the study, and for prediction.
  static func recipes(_ setting: BenchmarkSetting) -> [BenchmarkTask] {
    let scratch = Recipe.study.settings(seed: 0)
    var adam = scratch
    adam.optimizer = .adam()
    return [
      epoch(
        "network-epoch", "an epoch of 784-500-10, SGD with momentum, batches of 64", .study, units: 500, scratch,
        setting),
      epoch(
        "softmax-epoch", "an epoch of softmax regression, SGD with momentum", .softmax, units: nil, scratch, setting),
      epoch("adam-epoch", "an epoch of 784-500-10, Adam", .study, units: 500, adam, setting),
      denseEpoch(scratch, setting),
      convolutionalEpoch("convolution-epoch", "cnn:small", .smallConvolutional, scratch, setting),
      transfer(setting), predictOne(setting), predictBatch(setting),
    ]
  }

  private static func epoch(
    _ name: String, _ summary: String, _ architecture: Architecture, units hiddenUnits: Int?,
    _ settings: TrainingSettings, _ setting: BenchmarkSetting
  ) -> BenchmarkTask {
    let session = Mutex<TrainingSession?>(nil)
    let units = hiddenUnits ?? setting.outputs.count
    let head = hiddenUnits == nil ? 0 : units * setting.outputs.count
    let images = setting.train.count
    // Forward pass and gradient of the first layer; forward pass, input gradient and gradient of the head.
    return BenchmarkTask(
      name: name, summary: summary,
      work: Work(
        denseOperations: Double(images) * Double(4 * setting.shape.count * units + 6 * head),
        operations: 4 * setting.litPixels * Double(units) + Double(images) * Double(6 * head), images: images)
    ) { try session.withLock { try secondsOfEpoch(of: &$0, setting.model(architecture), settings, setting) } }
  }

  /// Times an epoch. The session is made when the task first runs, so that a task that does not run takes no memory.
  private static func secondsOfEpoch(
    of session: inout TrainingSession?, _ model: Model, _ settings: TrainingSettings, _ setting: BenchmarkSetting,
    isDense: Bool = false
  ) throws -> Double {
    if session == nil {
      session = TrainingSession(
        model, on: isDense ? setting.train.dense : setting.train, settings, threads: setting.threads)
    }
    return try Benchmark.seconds { _ = try session?.runEpoch() }
  }

  /// The network's epoch with every pixel multiplied, lit or not: the cost of denser data. The rows are written out
  /// when it first runs.
  private static func denseEpoch(_ settings: TrainingSettings, _ setting: BenchmarkSetting) -> BenchmarkTask {
    let session = Mutex<TrainingSession?>(nil)
    let images = setting.train.count
    let operations = Double(images) * Double(4 * setting.shape.count * 500 + 6 * 500 * setting.outputs.count)
    return BenchmarkTask(
      name: "dense-epoch", summary: "an epoch of 784-500-10 as if no pixel were zero",
      work: Work(denseOperations: operations, operations: operations, images: images)
    ) { try session.withLock { try secondsOfEpoch(of: &$0, setting.model(.study), settings, setting, isDense: true) } }
  }

  /// A task for an epoch of a convolutional network.
  static func convolutionalEpoch(
    _ name: String, _ network: String, _ architecture: Architecture, _ settings: TrainingSettings,
    _ setting: BenchmarkSetting
  ) -> BenchmarkTask {
    let session = Mutex<TrainingSession?>(nil)
    let images = setting.train.count
    let model = setting.model(architecture)
    // Forward pass, weight gradient and, except in the first layer, input gradient.
    let operations = 6 * model.layers.reduce(0) { $0 + $1.multiplyAdds } - 2 * model.layers[0].multiplyAdds
    let work = Double(images) * Double(operations)
    return BenchmarkTask(
      name: name, summary: "an epoch of \(network), SGD with momentum, batches of 64",
      work: Work(denseOperations: work, operations: work, images: images)
    ) { try session.withLock { try secondsOfEpoch(of: &$0, model, settings, setting) } }
  }

  /// A task for 30 epochs of the head, with the features of the body computed first.
  private static func transfer(_ setting: BenchmarkSetting) -> BenchmarkTask {
    var model = setting.model(.study)
    model.freezeBody()
    let frozen = model
    let settings = Recipe.study.transferSettings(seed: 0)
    let images = setting.train.count
    let head = 500 * setting.outputs.count
    return BenchmarkTask(
      name: "transfer", summary: "30 epochs of the head behind a frozen body, Adam; the body's output computed once",
      work: Work(
        denseOperations: Double(images) * Double(2 * setting.shape.count * 500 + 30 * 4 * head),
        operations: 2 * setting.litPixels * 500 + Double(images) * Double(30 * 4 * head), images: 30 * images)
    ) {
      try Benchmark.seconds {
        var session = TrainingSession(frozen, on: setting.train, settings, threads: setting.threads)
        while session.epoch < settings.epochs { _ = try session.runEpoch() }
      }
    }
  }

  private static func predictOne(_ setting: BenchmarkSetting) -> BenchmarkTask {
    let checkpoint = Checkpoint(
      model: setting.model(.study), normalization: setting.normalization, outputs: setting.outputs,
      record: JSON.Object())
    let predictor = Mutex(ImagePredictor(checkpoint))
    let width = setting.shape.count
    let count = min(2000, setting.testPixels.count / width)
    return BenchmarkTask(
      name: "predict-one", summary: "one image of 784 bytes to ten probabilities, 784-500-10; median of 2,000",
      work: Work(denseOperations: Double(2 * (width * 500 + 5000)), operations: 0, images: 1)
    ) {
      predictor.withLock { predictor in
        var probabilities = [Float](repeating: 0, count: setting.outputs.count)
        return Benchmark.median(
          of: (0..<count).map { index in
            let image = setting.testPixels[index * width..<(index + 1) * width]
            return Benchmark.seconds { predictor.predict(image, into: &probabilities) }
          })
      }
    }
  }

  private static func predictBatch(_ setting: BenchmarkSetting) -> BenchmarkTask {
    let predictor = Predictor(
      Checkpoint(
        model: setting.model(.study), normalization: setting.normalization, outputs: setting.outputs,
        record: JSON.Object()))
    let images = setting.testPixels.count / setting.shape.count
    return BenchmarkTask(
      name: "predict-batch", summary: "the logits of all \(images) test images from their bytes, 784-500-10",
      work: Work(denseOperations: Double(images) * Double(2 * (setting.shape.count * 500 + 5000)), images: images)
    ) { Benchmark.seconds { _ = predictor.logits(of: setting.testPixels, threads: setting.threads) } }
  }
}
