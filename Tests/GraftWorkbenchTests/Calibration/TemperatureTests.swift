import Foundation
import GraftMatrices
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct TemperatureTests {
  @Test("fitted temperatures are SciPy's")
  func golden() throws {
    for known in try CalibrationGolden.load().cases {
      let logits = Matrix(known.logits)
      let found = Temperature.fitted(logits: logits, labels: known.labels, expected: known.expected)
      #expect(mismatch([found], [known.fitted], within: 1e-9) == nil, "\(known.name)")
    }
  }

  @Test("logits three times too sharp get T = 3")
  func tooSure() {
    let seen = SimulatedLogits(10_000, sharpness: 3, seed: 1)
    let fitted = Temperature.fitted(logits: seen.logits, labels: seen.labels)
    #expect(abs(fitted - 3) < 0.1, "\(fitted)")
  }

  @Test("on images of the same kind the calibration error and the loss fall", arguments: [Float(0.3), 3])
  func heldOut(sharpness: Float) {
    let seen = SimulatedLogits(2_000, sharpness: sharpness, seed: 2)
    let other = SimulatedLogits(4_000, sharpness: sharpness, seed: 3)
    let fitted = Temperature.fitted(logits: seen.logits, labels: seen.labels)
    let before = Reliability(logits: other.logits, labels: other.labels)
    let after = Reliability(logits: other.logits, labels: other.labels, temperature: fitted)
    #expect(before.expectedCalibrationError > 0.1 && after.expectedCalibrationError < 0.03)
    #expect(after.meanLoss < before.meanLoss - 0.05)
    #expect(after.correctShare == before.correctShare)
  }

  @Test("no temperature changes an answer, and a higher one never makes surer", arguments: [0.05, 0.3, 1, 7, 20])
  func answers(temperature: Double) {
    let images = SimulatedLogits(200, seed: 4)
    for row in 0..<200 {
      let one = Matrix([images.logits.nested[row]])
      let answer = one.argmax(row: 0)
      let found = Reliability(logits: one, labels: [answer], temperature: temperature)
      let hotter = Reliability(logits: one, labels: [answer], temperature: 1.1 * temperature)
      #expect(found.correct == 1 && hotter.meanConfidence <= found.meanConfidence)
    }
  }

  @Test("the unit of the logits is the unit of T")
  func unit() {
    let images = SimulatedLogits(80, seed: 5)
    let doubled = Matrix(images.logits.nested.map { $0.map { 2 * $0 + 64 } })
    let one = Temperature.fitted(logits: images.logits, labels: images.labels)
    let two = Temperature.fitted(logits: doubled, labels: images.labels, expected: 2)
    #expect(abs(two / one - 2) < 1e-4)
  }

  @Test(
    "few images, all right: T is little below what was expected, and the lower the more images", arguments: [1.0, 0.3])
  func separable(expected: Double) {
    let few = Temperature.fitted(logits: Matrix([[6, 0, 0], [0, 6, 0]]), labels: [0, 1], expected: expected)
    let rows = (0..<300).map { image in (0..<3).map { $0 == image % 3 ? Float(6) : 0 } }
    let many = Temperature.fitted(logits: Matrix(rows), labels: (0..<300).map { $0 % 3 }, expected: expected)
    #expect(many < few && few < expected && few > 0.95 * expected && many > Temperature.range.lowerBound)
  }

  @Test(
    "few images of a model that is mostly right get a T near the true one",
    arguments: [(50, 1.65), (200, 1.9), (1_000, 2)])
  func few(images: Int, expected: Double) {
    let fitted = (0..<41).map { (seed: UInt64) in
      let images = SimulatedLogits(images, classes: 10, spread: 12, sharpness: 2, seed: 100 + seed)
      return Temperature.fitted(logits: images.logits, labels: images.labels)
    }
    let median = fitted.sorted()[20]
    #expect(abs(median / expected - 1) < 0.1, "\(median)")
  }

  @Test("where the images say nothing T is the expected one")
  func nothing() {
    func fitted(_ rows: [[Float]], _ labels: [Int], expected: Double = 1) -> Double {
      Temperature.fitted(logits: Matrix(rows), labels: labels, expected: expected)
    }
    #expect(Temperature.fitted(logits: Matrix(rows: 0, columns: 5), labels: []) == 1)
    #expect(fitted([[3, 3, 3], [-1, -1, -1]], [0, 2]) == 1)
    #expect(fitted([[4], [-2], [9]], [0, 0, 0]) == 1)
    #expect(fitted([[4, 4]], [1], expected: 0.4) == 0.4)
    #expect(fitted([[.nan, 1], [.infinity, 0], [0, -.infinity]], [0, 0, 0]) == 1)
  }

  @Test("T stays in its range, whatever is asked for")
  func bounds() {
    let range = Temperature.range
    let count = 5_000
    let wrong = Matrix(Array(repeating: [4, 0], count: count))
    #expect(
      Temperature.fitted(logits: wrong, labels: Array(repeating: 1, count: count)) > range.upperBound * (1 - 1e-12))
    let right = Matrix(Array(repeating: [1e-2, 0], count: count))
    let fitted = Temperature.fitted(logits: right, labels: Array(repeating: 0, count: count))
    #expect(fitted >= range.lowerBound && fitted < 0.3)
    // One image that a sure model gets wrong is no reason to give up all confidence.
    let one = Temperature.fitted(logits: Matrix([[2, 0]]), labels: [1])
    #expect(one > 1 && one < 1.5)
  }
}
