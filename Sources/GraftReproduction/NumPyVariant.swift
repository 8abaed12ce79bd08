import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The outcome of one training of the older variant.
package struct NumPyOutcome: Sendable, Codable {
  /// The task: `.network` (from scratch) or `.transfer`.
  package let task: PaperTask
  /// The seed of the training.
  package let seed: UInt64
  /// Right answers on the test images.
  package let correct: Int
  /// Test images.
  package let images: Int
  /// The records of the epochs.
  package let history: [EpochRecord]
  /// Seconds spent training.
  package let seconds: Double

  /// Right answers among all.
  package var accuracy: Tally { Tally(correct: correct, images: images) }
}

/// The study's older code, in NumPy: full-batch gradient descent, 784-500-10, normal initial weights with variance 2 /
/// (inputs + outputs), zero biases, learning rate 0.0001, 200 epochs, then 100 on the other half with the hidden layer
/// frozen. Gradients are sums over all images divided by 10 (the class count, although the number of images was meant).
///
/// The original computes in Float64 and shifts the softmax by the global maximum. Here it is Float32 and each row's
/// maximum, which changes rounding and nothing else. The accuracies are not pooled.
package struct NumPyVariant: Sendable {
  private let options: Reproduction.Options
  private let data: PaperData
  private let workers: PaperWorkers
  private let report: @Sendable (TrainingEvent) -> Void

  /// Creates the variant on `data`; `report` gets news of its trainings.
  package init(
    _ options: Reproduction.Options, on data: PaperData, workers: PaperWorkers? = nil,
    report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.data = data
    self.workers = workers ?? PaperWorkers(threads: options.threads)
    self.report = report
  }

  /// Trains every seed in both directions: each half's network, then its transfer.
  package func run() throws -> [NumPyOutcome] {
    let plan = options.seeds.flatMap { seed in Half.allCases.map { (seed: seed, source: $0) } }
    let pairs: [[NumPyOutcome]] = try workers.map("numpy", plan.count) {
      try train(from: plan[$0].source, seed: plan[$0].seed)
    }
    return pairs.flatMap { $0 }
  }

  private func settings(epochs: Int, on examples: Examples, seed: UInt64) -> TrainingSettings {
    TrainingSettings(
      epochs: epochs, batchSize: max(examples.count, 1), optimizer: .sgd(momentum: 0), learningRate: 0.0001,
      loss: SoftmaxCrossEntropy(reduction: .sum(dividedBy: 10)), seed: seed)
  }

  private func train(from source: Half, seed: UInt64) throws -> [NumPyOutcome] {
    var model = Model(
      .study, inputShape: data[source].shape, classCount: data[source].outputs.count, seed: seed,
      initialization: .glorotNormal)
    var outcomes: [NumPyOutcome] = []
    for (task, epochs) in [
      (PaperTask(.network, source), 2 * options.scratchEpochs),
      (PaperTask(.transfer, source.other), options.scratchEpochs),
    ] {
      if task.system == .transfer { model.freezeBody() }
      let half = data[task.target]
      let run = try half.train(
        model, settings(epochs: epochs, on: half.train, seed: seed), title: "numpy \(task) seed \(seed)",
        report: report)
      model = run.model
      outcomes.append(
        NumPyOutcome(
          task: task, seed: seed, correct: run.evaluation.correct, images: run.evaluation.count, history: run.history,
          seconds: run.seconds))
    }
    return outcomes
  }
}
