import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining

/// The accuracies with ten labels per class: the network from scratch against the other half's body, on the same draws
/// of labelled images.
package struct FewLabelsOutcome: Sendable, Codable {
  /// The half that both are trained and tested on.
  package let target: Half
  /// Labelled training images per class.
  package let labelsPerClass: Int
  /// The accuracies from scratch in percent, one per draw.
  package let scratch: Sample
  /// The accuracies of the transfer in percent, one per draw.
  package let transfer: Sample

  package init(target: Half, labelsPerClass: Int, scratch: Sample, transfer: Sample) {
    (self.target, self.labelsPerClass) = (target, labelsPerClass)
    (self.scratch, self.transfer) = (scratch, transfer)
  }

  /// Transfer minus scratch on the same draw, in points.
  package var gain: Sample { Sample(zip(transfer.values, scratch.values).map { $0 - $1 }) }
}

/// The experiment with few labels: scratch against transfer, each with 400 steps of Adam over all labelled images.
///
/// Scratch learns at 0.001. The transfer takes 200 steps for the new head alone at 0.003, then 200 for everything at
/// 0.0003. Nothing is chosen here. The rates come from PyTorch runs that tried three for each of the two on the same
/// test images, so both sides owe them the same small favour.
struct FewLabels {
  static let labelsPerClass = 10
  static let draws = 10
  /// Steps of each of the transfer's two stages.
  static let steps = 200

  /// Whether every class has as many labels as are drawn.
  static func fits(_ data: PaperData) -> Bool { data.trainCounts.allSatisfy { $0 >= labelsPerClass } }

  let half: HalfData
  let target: Half
  /// The other half's network.
  let source: Model

  func run() throws -> FewLabelsOutcome {
    var scratch: [Double] = []
    var transfer: [Double] = []
    for draw in 0..<FewLabels.draws {
      let labelled = try half.share(.perClass(FewLabels.labelsPerClass), seed: UInt64(draw))
      // The source is the first seed's network, and that is often a small number too.
      let seed = TransferPlan.sourceSeed(UInt64(draw))
      let fresh = Model(source.architecture, inputShape: half.shape, classCount: half.outputs.count, seed: seed)
      scratch.append(
        try accuracy(of: train(fresh, on: labelled, steps: 2 * FewLabels.steps, learningRate: 0.001, seed: seed)))
      var model = source.replacingHead(classCount: half.outputs.count, seed: seed)
      model.freezeBody()
      model = try train(model, on: labelled, steps: FewLabels.steps, learningRate: 0.003, seed: seed)
      model.unfreeze()
      transfer.append(
        try accuracy(of: train(model, on: labelled, steps: FewLabels.steps, learningRate: 0.0003, seed: seed)))
    }
    return FewLabelsOutcome(
      target: target, labelsPerClass: FewLabels.labelsPerClass, scratch: Sample(scratch), transfer: Sample(transfer))
  }

  private func train(
    _ model: Model, on labelled: Examples, steps: Int, learningRate: Double, seed: UInt64
  ) throws -> Model {
    let settings = TrainingSettings(
      epochs: steps, batchSize: labelled.count, optimizer: .adam(), learningRate: learningRate, seed: seed)
    var training = TrackedTraining(model, on: labelled, settings)
    try training.run()
    return training.model
  }

  private func accuracy(of model: Model) throws -> Double {
    var evaluator = Evaluator(half.test, for: model)
    return try evaluator.evaluate(model).checkingOutputs(.diverged).accuracy.percent
  }
}

extension FewLabelsOutcome {
  /// Runs both directions, from the networks of a reproduction's first seed.
  package static func run(
    on data: PaperData, after trained: [Reproduction.Trained], workers: PaperWorkers
  ) throws -> [FewLabelsOutcome] {
    let studies = Half.allCases.compactMap { target in
      trained.first { $0.outcome.task == PaperTask(.network, target.other) }?.model.map {
        FewLabels(half: data[target], target: target, source: $0)
      }
    }
    return try workers.map("few labels", studies.count) { try studies[$0].run() }
  }
}
