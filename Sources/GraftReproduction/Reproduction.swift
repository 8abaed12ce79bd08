import Foundation
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
  private let workers: PaperWorkers
  private let report: @Sendable (TrainingEvent) -> Void

  /// Creates a reproduction on `data`; `report` gets news of the trainings of this process.
  ///
  /// - Parameter workers: Those who train; by default the threads of this process.
  package init(
    _ options: Options, on data: PaperData, workers: PaperWorkers? = nil,
    report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.data = data
    self.workers = workers ?? PaperWorkers(threads: options.threads)
    self.report = report
  }

  /// A finished training with its model.
  package struct Trained: Sendable, Codable {
    /// The trained model with its record; nil if it was trained by another rank of a job and nothing begins from it.
    package fileprivate(set) var checkpoint: Checkpoint?
    /// The outcome on the test images.
    package fileprivate(set) var outcome: PaperTraining

    /// The trained model, as ``checkpoint``.
    package var model: Model? { checkpoint?.model }
  }

  /// Trains everything. Independent trainings run side by side; which thread, or which rank of a job, runs what changes no bit of any result.
  package func run() throws -> [Trained] {
    let chains = chains
    let trained = try workers.map("trainings", chains.count, keep: { try keep($1) }, { try train(chains[$0]) })
    // In the order of the seeds and tasks, whatever was trained together.
    let all = trained.flatMap { $0 }
    return options.seeds.flatMap { seed in
      tasks.compactMap { task in all.first { $0.outcome.seed == seed && $0.outcome.task == task } }
    }
  }

  /// Trainings of one seed of which each but the first begins from the one before.
  private struct Chain {
    let seed: UInt64
    let tasks: [PaperTask]
  }

  /// All trainings, the longest first so that the cores end together: a network with the transfer to the other half, which waits for it, and
  /// others alone.
  private var chains: [Chain] {
    options.seeds.flatMap { seed in
      tasks.filter { $0.source == nil }.map { task in
        Chain(
          seed: seed, tasks: task.system == .network ? [task, PaperTask(.transfer, task.target.other)] : [task])
      }
    }
  }

  /// The tasks in the order of the results.
  private var tasks: [PaperTask] {
    let controls: [PaperSystem] = options.includesControls ? PaperSystem.controls : []
    let systems: [PaperSystem] = [.network] + controls + [.softmax, .transfer]
    return systems.flatMap { system in Half.allCases.map { PaperTask(system, $0) } }
  }

  private func train(_ chain: Chain) throws -> [Trained] {
    var trained: [Trained] = []
    for task in chain.tasks {
      trained.append(try train(task, seed: chain.seed, source: trained.last?.model))
    }
    return trained
  }

  /// Writes the checkpoints of a chain. Other ranks get those from which more is trained.
  private func keep(_ chain: [Trained]) throws -> [Trained] {
    try chain.map { one in
      var kept = one
      kept.outcome.checkpointDigest = try options.folder.flatMap { folder in
        try one.checkpoint?.save(to: "\(folder)/seed-\(one.outcome.seed)/\(one.outcome.task).safetensors")
      }
      if workers.areRanks, one.outcome.task.system != .network { kept.checkpoint = nil }
      return kept
    }
  }

  private func train(_ task: PaperTask, seed: UInt64, source: Model?) throws -> Trained {
    let settings = settings(for: task.system, seed: seed)
    let model = model(for: task, seed: seed, source: source)
    let half = data[task.target]
    let label = options.seeds.count > 1 ? "\(task) seed \(seed)" : "\(task)"
    let trained = try half.train(
      model, settings, title: label, record: record(of: task, settings), report: report)
    let parameters = model.parameters.slices.filter(model.trains).reduce(0) { $0 + $1.count }
    let outcome = PaperTraining(
      task: task, seed: seed, confusion: trained.evaluation.confusion,
      predictions: trained.evaluation.predictions, labels: half.test.labels, history: trained.history,
      seconds: trained.seconds, trainedParameters: parameters, checkpointDigest: nil)
    return Trained(checkpoint: trained.checkpoint, outcome: outcome)
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

extension Reproduction.Trained {
  private enum Key: CodingKey { case checkpoint, outcome }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    outcome = try values.decode(PaperTraining.self, forKey: .outcome)
    checkpoint = try values.decodeIfPresent(Data.self, forKey: .checkpoint).map { try Checkpoint(decoding: Array($0)) }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(outcome, forKey: .outcome)
    try values.encodeIfPresent(checkpoint.map { Data(try $0.encoded()) }, forKey: .checkpoint)
  }
}
