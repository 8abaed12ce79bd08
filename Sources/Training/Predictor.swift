import Matrices
import Networks

/// A checkpoint put to use: bytes in, probabilities out.
public struct Predictor: Sendable {
  private let checkpoint: Checkpoint

  public init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// The probability of each output, for each image.
  ///
  /// - Parameter images: One byte a pixel, each in the model's shape.
  public func answers(for images: [[UInt8]]) -> [[Float]] {
    let model = checkpoint.model
    precondition(images.allSatisfy { $0.count == model.inputShape.count })
    guard !images.isEmpty else { return [] }
    let inputs = checkpoint.normalization.rows(images.flatMap { $0 }, columns: model.inputShape.count)
    let examples = Examples(inputs: inputs, labels: images.map { _ in 0 })
    var evaluator = Evaluator(examples, for: model)
    let logits = evaluator.logits(of: model)
    return images.indices.map { logits.softmax(row: $0) }
  }
}
