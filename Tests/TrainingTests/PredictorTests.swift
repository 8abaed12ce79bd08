import Files
import Matrices
import Networks
import NumericChecks
import Testing
import Training

@Suite struct PredictorTests {
  private let images = PatternImages(perClass: 20, classes: 4, seed: 1)

  private func predictor(_ normalization: Normalization) -> (predictor: Predictor, model: Model) {
    let model = Model.forPatterns([20])
    let outputs = ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: ["a", "b", "c", "d"])
    return (
      Predictor(
        Checkpoint(model: model, normalization: normalization, outputs: outputs, record: JSON.Object())), model
    )
  }

  @Test(
    "answers are the probabilities of the model behind its normalization, image by image",
    arguments: [Normalization.unit, Normalization(mean: 0.3, deviation: 0.5)])
  func answers(normalization: Normalization) {
    let (predictor, model) = predictor(normalization)
    let bytes = (0..<80).map { Array(images.pixels[$0 * 36..<($0 + 1) * 36]) }
    let answers = predictor.answers(for: bytes)
    let logits = Matrix(model.logits(of: normalization.rows(images.pixels, columns: 36)))
    #expect(answers.count == 80)
    for (row, answer) in answers.enumerated() { #expect(mismatchInBits(answer, logits.softmax(row: row)) == nil) }
    #expect(mismatch(predictor.answers(for: [bytes[7]])[0], answers[7], within: 1e-6) == nil)
  }

  @Test("no images have no answers")
  func none() { #expect(predictor(.unit).predictor.answers(for: []).isEmpty) }
}
