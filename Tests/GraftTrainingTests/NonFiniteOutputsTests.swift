import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Weights that are finite, and outputs that are not")
struct NonFiniteOutputsTests {
  private let examples = Examples.patterns(150)
  private let images = PatternImages(perClass: 5, classes: 4, seed: 1)

  /// Its weights times `factor`; 1e20 twice is more than a Float holds.
  private func model(_ factor: Float) -> Model {
    var model = Model.forPatterns([20])
    for slice in model.parameters.slices where slice.role == .weight { model.setValues(of: slice) { $0 * factor } }
    return model
  }

  private func checkpoint(_ factor: Float) -> Checkpoint {
    Checkpoint(
      model: model(factor), normalization: .unit,
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: ["a", "b", "c", "d"]), record: JSON.Object())
  }

  @Test("an evaluation says so, and which example is the first")
  func evaluation() throws {
    var evaluator = Evaluator(examples, for: model(1))
    #expect(try evaluator.evaluate(model(1)).checkingOutputs().count == 150)
    let broken = evaluator.evaluate(model(1e20))
    let error = try #require(throws: NonFiniteOutputs.self) { try broken.checkingOutputs(.diverged) }
    #expect(error.kind == .diverged && error.images == 150)
    #expect(
      error.description
        == "the outputs of the model are not finite numbers (the first for image \(error.image) of 150): "
        + "its weights are too large to compute with")
    // Of logits that are there already, one value is enough.
    var logits = Matrix(rows: 3, columns: 2)
    logits[1, 1] = -.infinity
    let kept = Evaluation(logits: logits, labels: [0, 0, 1])
    #expect(try #require(throws: NonFiniteOutputs.self) { try kept.checkingOutputs() }.image == 2)
  }

  @Test("alone, beside a sound one, or over views, one such model is no answer")
  func ensembles() throws {
    #expect(throws: NonFiniteOutputs.self) { try Ensemble([checkpoint(1e20)]).logits(of: images.pixels) }
    let both = try Ensemble([checkpoint(1), checkpoint(1e20)])
    let error = try #require(throws: NonFiniteOutputs.self) { try both.logits(of: images.pixels) }
    #expect(error.kind == .badData && error.description.hasPrefix("the outputs of checkpoint 2 of those put together"))
    let views = try Ensemble([checkpoint(1e20)], views: Ensemble.Views(count: 2))
    #expect(throws: NonFiniteOutputs.self) { try views.logits(of: images.pixels) }
    #expect(try Ensemble([checkpoint(1)]).logits(of: images.pixels).rows == 20)
  }

  @Test("held-out outputs that overflow end a training as diverged")
  func training() throws {
    // No training image is lit, so that its loss stays finite whatever the weights are.
    let dark = Examples(
      inputs: Normalization.unit.rows([UInt8](repeating: 0, count: 36 * 8), columns: 36),
      labels: Array(repeating: 0, count: 8))
    var training = TrackedTraining(
      model(1e20), on: dark, .momentum(learningRate: 1e-30), watching: .choosing(examples, patience: 3))
    let error = try #require(throws: Divergence.self) { try training.runEpoch() }
    #expect(error.epoch == 1 && error.loss.isNaN && error.kind == .diverged)
  }
}
