import GraftMatrices
import NumericChecks

/// `Tests/Golden/calibration.json`.
struct CalibrationGolden: Decodable {
  struct Case: Decodable {
    let name: String
    let logits: [[Float]]
    let labels: [Int]
    let expected: Double
    let fitted: Double
    let reliabilities: [Counts]
  }

  struct Counts: Decodable {
    let temperature: Double
    let images: [Int]
    let confidences: [Double]
    let correct: [Int]
    let ece: Double
    let mce: Double
    let accuracy: Double
    let confidence: Double
    let loss: Double
  }

  let cases: [Case]

  static func load() throws -> CalibrationGolden { try Golden.load(CalibrationGolden.self, from: "calibration") }
}
