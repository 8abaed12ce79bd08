import Foundation
import GraftMatrices

/// Answers of trained models as chance could make them: each image has its own probability of being answered rightly,
/// and each seed moves all of them, those of doubtful images most.
struct SimulatedAnswers {
  static let images = 1_000
  /// Every image shows class 0.
  static let labels = [Int](repeating: 0, count: images)

  static func stream(_ seed: UInt64, _ index: Int) -> RandomStream {
    RandomStream(RandomKey(seed: seed, purpose: .evaluationOrder, index: index))
  }

  /// Of each image.
  private let ease: [Double]
  /// One per seed: what a lucky draw of labelled images does to every method.
  private let luck: [Double]
  private var stream: RandomStream

  /// - Parameter ease: The greater, the fewer errors: 0.9 / (ease + 1) of the images on average.
  init(ease: Double, seeds: Int, stream: RandomStream) {
    var stream = stream
    self.ease = (0..<Self.images).map { _ in 1 - 0.9 * pow(Double(stream.uniform()), ease) }
    luck = (0..<seeds).map { _ in 0.04 * Double(stream.normal()) }
    self.stream = stream
  }

  /// One list of answers per seed.
  ///
  /// - Parameter gain: How much the expected accuracy lies above that of gain 0; below it if negative.
  mutating func answers(gain: Double = 0) -> [[Int]] {
    let errors = 1 - ease.reduce(0, +) / Double(ease.count)
    return luck.map { luck in
      let shift = luck + 0.02 * Double(stream.normal())
      return ease.map { ease in
        let moved = ease + gain / errors * (1 - ease)
        return Double(stream.uniform()) < moved + 4 * moved * (1 - moved) * shift ? 0 : 1
      }
    }
  }
}
