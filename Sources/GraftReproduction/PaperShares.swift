import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining

/// One way to read the report's second table, run on a share of the training data.
///
/// Its code was never published, its heading says "Neural Network", its text "transfer learning". So every reading is run.
package enum PaperShareReading: String, Sendable, CaseIterable, Codable {
  /// Softmax regression on the share: the table's left half.
  case softmax
  /// The network from scratch on the share.
  case scratch
  /// The other half's network (trained on all of it), transferred on the share as the code does: Adam, 0.001.
  case transfer
  /// The same, counted as the code counts: over source and target.
  case transferPooled = "transfer-pooled"
  /// The same with Adam at 0.0001, at which the report's transfer loss figures begin where they are printed: a guess.
  case slowTransfer = "transfer-slow"
  case slowTransferPooled = "transfer-slow-pooled"

  var column: PaperSystem { self == .softmax ? .softmax : .network }
}

/// The result of a training on a share of the data under one reading, over all seeds.
package struct PaperShareCell: Sendable, Codable {
  /// The reading of the table.
  package let reading: PaperShareReading
  /// The half that is trained and tested on.
  package let target: Half
  /// The share of the target's training images in percent, stratified.
  package let percent: Int
  /// The accuracy that the report printed, in percent; nil if there is none to compare with.
  package let published: Double?
  /// The test images that are counted.
  package let images: Int
  /// Right answers, one per seed.
  package let correct: [Int]

  /// The accuracies in percent, one per seed.
  package var accuracy: Sample { Sample(correct.map { 100 * Double($0) / Double(images) }) }
}

/// The report's second table under every reading.
package struct PaperShares: Sendable {
  /// The shares of the report's table, in percent.
  package static let percents = [20, 50, 80]

  private let options: Reproduction.Options
  private let data: PaperData
  private let trained: [Reproduction.Trained]
  private let workers: PaperWorkers
  private let report: @Sendable (TrainingEvent) -> Void

  /// Creates the study on `data`; `report` gets news of its trainings.
  ///
  /// - Parameter trained: A reproduction's trainings, whose networks are the sources.
  package init(
    _ options: Reproduction.Options, on data: PaperData, after trained: [Reproduction.Trained],
    workers: PaperWorkers? = nil, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.data = data
    self.trained = trained
    self.workers = workers ?? PaperWorkers(threads: options.threads)
    self.report = report
  }

  private struct Item: Sendable {
    let reading: PaperShareReading
    let target: Half
    let percent: Int
    let seed: UInt64
  }

  /// Trains every share under every reading.
  package func run(published: PublishedPaper, reference: ReferenceRuns) throws -> [PaperShareCell] {
    // The pooled readings are other countings of the same trainings.
    let readings: [PaperShareReading] = [.scratch, .softmax, .transfer, .slowTransfer]
    let items = PaperShares.percents.reversed().flatMap { percent in
      readings.flatMap { reading in
        Half.allCases.flatMap { target in
          options.seeds.map { Item(reading: reading, target: target, percent: percent, seed: $0) }
        }
      }
    }
    let correct: [Int] = try workers.map("shares", items.count) { try train(items[$0]) }
    return PaperShares.percents.flatMap { percent in
      Half.allCases.flatMap { target in
        PaperShareReading.allCases.map { reading in
          cell(reading, target, percent, zip(items, correct).map { ($0, $1) }, published, reference)
        }
      }
    }
  }

  private func cell(
    _ reading: PaperShareReading, _ target: Half, _ percent: Int, _ results: [(item: Item, correct: Int)],
    _ published: PublishedPaper, _ reference: ReferenceRuns
  ) -> PaperShareCell {
    let base: PaperShareReading =
      switch reading {
      case .transferPooled: .transfer
      case .slowTransferPooled: .slowTransfer
      default: reading
      }
    let own = results.filter { $0.item.reading == base && $0.item.target == target && $0.item.percent == percent }
    let isPooled = base != reading
    let sources = options.seeds.map { isPooled ? source(of: target, seed: $0)?.outcome : nil }
    return PaperShareCell(
      reading: reading, target: target, percent: percent,
      published: data.isStudys(published, reference)
        ? published.accuracy(of: PaperTask(reading.column, target), percent: percent) : nil,
      images: data[target].test.count + (isPooled ? data[target.other].test.count : 0),
      correct: zip(own, sources).map { $0.correct + ($1?.correct ?? 0) })
  }

  private func source(of target: Half, seed: UInt64) -> Reproduction.Trained? {
    trained.first { $0.outcome.task == PaperTask(.network, target.other) && $0.outcome.seed == seed }
  }

  private func train(_ item: Item) throws -> Int {
    let half = data[item.target]
    let fresh: (Architecture) -> Model = { architecture in
      Model(architecture, inputShape: half.shape, classCount: half.outputs.count, seed: item.seed)
    }
    var settings = Recipe.study.settings(seed: item.seed)
    settings.epochs = options.scratchEpochs
    var model = fresh(item.reading == .softmax ? .softmax : .study)
    if item.reading == .transfer || item.reading == .slowTransfer {
      model = source(of: item.target, seed: item.seed)?.model ?? model
      model.freezeBody()
      settings = Recipe.study.transferSettings(seed: item.seed)
      settings.epochs = options.transferEpochs
      if item.reading == .slowTransfer { settings.learningRate = 0.0001 }
    }
    let label = "\(item.reading.rawValue) \(item.target.rawValue) \(item.percent) % seed \(item.seed)"
    let trained = try half.train(
      model, settings, on: .fraction(Double(item.percent) / 100), title: label, report: report)
    return trained.evaluation.correct
  }
}

extension ReproductionResult {
  /// The distance of each reading from the second table, in words.
  package var shareSummary: String {
    let network = PaperShareReading.allCases.filter { $0 != .softmax }
    let distances = network.compactMap { reading -> String? in
      let own = shares.filter { $0.reading == reading }
      let gaps = own.compactMap { cell in cell.published.map { abs(cell.accuracy.mean - $0) } }
      guard !gaps.isEmpty else { return nil }
      return "\(reading.rawValue) \(percent(gaps.reduce(0, +) / Double(gaps.count)))"
    }
    guard !distances.isEmpty else { return "cannot be decided from the publication" }
    return "cannot be decided from the publication: mean distance to its right half in points, by reading: "
      + distances.joined(separator: ", ")
  }
}
