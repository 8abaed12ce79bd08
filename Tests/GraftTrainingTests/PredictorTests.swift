import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct PredictorTests {
  private let images = PatternImages(perClass: 20, classes: 4, seed: 1)

  private func checkpoint(_ normalization: Normalization, units: [Int] = [20]) -> Checkpoint {
    Checkpoint(
      model: .forPatterns(units), normalization: normalization,
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: ["a", "b", "c", "d"]), record: JSON.Object())
  }

  private func predictor(_ normalization: Normalization) -> (predictor: Predictor, model: Model) {
    let checkpoint = checkpoint(normalization)
    return (Predictor(checkpoint), checkpoint.model)
  }

  @Test(
    "one image at a time has the answers of all together, after bright and dark ones",
    arguments: [Normalization.unit, Normalization(mean: 0.3, deviation: 0.5)], [[], [20], [40, 7]] as [[Int]])
  func oneByOne(normalization: Normalization, units: [Int]) {
    let checkpoint = checkpoint(normalization, units: units)
    var one = ImagePredictor(checkpoint)
    let bytes =
      (0..<20).map { Array(images.pixels[$0 * 36..<($0 + 1) * 36]) }
      + [[UInt8](repeating: 255, count: 36), [UInt8](repeating: 0, count: 36), Array(images.pixels[36..<72])]
    let all = Predictor(checkpoint).answers(for: bytes, threads: 2)
    var answer = [Float](repeating: 0, count: 4)
    for (image, expected) in zip(bytes, all) {
      one.predict(image[...], into: &answer)
      #expect(mismatch(answer, expected, within: 1e-6) == nil)
      #expect(one.predict(image[...]) == answer.indices.max { answer[$0] < answer[$1] })
    }
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

  @Test("images in a file have the answers of the same images in memory, also in several views")
  func inFile() throws {
    let data = Dataset(images)
    for views in [1, 3] {
      let ensemble = try Ensemble([checkpoint(.unit)], views: Ensemble.Views(count: views))
      let expected = try ensemble.logits(of: data.pixels)
      let logits = try ensemble.logits(of: data.inFile().rows)
      #expect(mismatch(logits.nested.flatMap { $0 }, expected.nested.flatMap { $0 }, within: 1e-6) == nil)
    }
  }

  @Test("no images have no answers")
  func none() { #expect(predictor(.unit).predictor.answers(for: []).isEmpty) }
}
