import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The whole study: three systems on two halves, and two controls, for each seed.
package struct Reproduction: Sendable {
  /// The options of a reproduction.
  package struct Options: Sendable, Codable {
    /// The seeds, each of which trains everything once.
    package var seeds: [UInt64] = [0]
    /// Whether the two controls are trained as well.
    package var includesControls = true
    /// Trainings at a time.
    package var threads = 1
    /// Epochs from scratch. Fewer than the study's 100 make a rehearsal, on which no verdict is given.
    package var scratchEpochs = 100
    /// Epochs of a transfer and of its controls. Fewer than the study's 30 make a rehearsal too.
    package var transferEpochs = 30
    /// The folder of the checkpoints; nil writes none.
    package var folder: String?
    /// The program's version, for the record.
    package var version = ""
    /// The processor's name, for the record.
    package var machine = ""
    /// The operating system, for the record.
    package var system = ""

    /// Creates the study's own options, with seed 0.
    package init() {}

    /// Whether there are fewer epochs than the study's.
    package var isRehearsal: Bool { scratchEpochs < 100 || transferEpochs < 30 }
  }

  /// The options that it runs with.
  package let options: Options
  private let data: PaperData
  private let report: @Sendable (TrainingEvent) -> Void

  /// Creates a reproduction on `data`; `report` gets news of its trainings.
  package init(
    _ options: Options, on data: PaperData, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.data = data
    self.report = report
  }

  /// A finished training with its model.
  package struct Trained: Sendable {
    /// The trained model.
    package let model: Model
    /// The outcome on the test images.
    package let outcome: PaperTraining
  }

  /// Trains everything. Independent trainings run side by side; which thread runs what changes no bit of any result.
  package func run() throws -> [Trained] {
    let plan = options.seeds.flatMap { seed in tasks.map { (task: $0, seed: seed) } }
    return try inParallel(plan.count, threads: options.threads) { index in
      guard let half = plan[index].task.source else { return [] }
      return plan.indices.filter { plan[$0].seed == plan[index].seed && plan[$0].task == PaperTask(.network, half) }
    } body: { index, trained in
      try train(plan[index].task, seed: plan[index].seed, source: trained.first?.model)
    }
  }

  /// The tasks, the longest first so that the cores end together, the transfers last since they wait for the networks.
  private var tasks: [PaperTask] {
    let controls: [PaperSystem] = options.includesControls ? PaperSystem.controls : []
    let systems: [PaperSystem] = [.network] + controls + [.softmax, .transfer]
    return systems.flatMap { system in Half.allCases.map { PaperTask(system, $0) } }
  }

  private func train(_ task: PaperTask, seed: UInt64, source: Model?) throws -> Trained {
    let settings = settings(for: task.system, seed: seed)
    let model = model(for: task, seed: seed, source: source)
    let half = data[task.target]
    let label = options.seeds.count > 1 ? "\(task) seed \(seed)" : "\(task)"
    let trained = try half.train(
      model, settings, title: label, record: record(of: task, settings), report: report)
    let digest = try options.folder.map { try trained.save(to: "\($0)/seed-\(seed)/\(task).safetensors") }
    let parameters = model.parameters.slices.filter(model.trains).reduce(0) { $0 + $1.count }
    let outcome = PaperTraining(
      task: task, seed: seed, confusion: trained.evaluation.confusion,
      predictions: trained.evaluation.predictions, labels: half.test.labels, history: trained.history,
      seconds: trained.seconds, trainedParameters: parameters, checkpointDigest: digest)
    return Trained(model: trained.model, outcome: outcome)
  }

  private func model(for task: PaperTask, seed: UInt64, source: Model?) -> Model {
    func fresh(_ architecture: Architecture) -> Model {
      Model(
        architecture, inputShape: data[task.target].shape, classCount: data[task.target].outputs.count, seed: seed)
    }
    switch task.system {
    case .softmax: return fresh(.softmax)
    case .network, .scratchMatched: return fresh(.study)
    case .randomFrozen:
      var model = fresh(.study)
      model.freezeBody()
      return model
    case .transfer:
      // The study keeps the trained head with its ten outputs and trains it on.
      var model = source ?? fresh(.study)
      model.freezeBody()
      return model
    }
  }

  private func settings(for system: PaperSystem, seed: UInt64) -> TrainingSettings {
    switch system {
    case .softmax, .network:
      var settings = Recipe.study.settings(seed: seed)
      settings.epochs = options.scratchEpochs
      return settings
    case .transfer, .scratchMatched, .randomFrozen:
      var settings = Recipe.study.transferSettings(seed: seed)
      settings.epochs = options.transferEpochs
      return settings
    }
  }

  private func record(of task: PaperTask, _ settings: TrainingSettings) -> JSON.Object {
    var record = settings.json
    record["task"] = .string(task.description)
    record["data"] = .string(data.name)
    record["train_sha256"] = .string(data[task.target].trainDigest)
    record["graft"] = .string(options.version)
    return record
  }
}
