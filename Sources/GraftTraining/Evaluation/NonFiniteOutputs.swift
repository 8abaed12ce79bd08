import GraftFiles
import GraftMatrices

/// A failure of a model whose outputs are not finite numbers: its weights are finite one by one, and overflow when multiplied.
///
/// Such outputs have no largest one, no probabilities and no loss, so there is no answer to count.
public struct NonFiniteOutputs: Failure, Hashable {
  /// The first image with such outputs, counted from 1.
  package let image: Int
  /// Number of images in the request.
  package let images: Int
  /// The number, counted from 1, of the checkpoint in an ensemble; nil for a single model.
  package var member: Int?
  /// Bad data for a checkpoint; a divergence for a training that has just ended.
  public var kind = FailureKind.badData

  /// The failure in words.
  public var description: String {
    let model = member.map { "checkpoint \($0) of those put together" } ?? "the model"
    return "the outputs of \(model) are not finite numbers (the first for image \(image) of \(images)): "
      + "its weights are too large to compute with"
  }
}

extension Matrix {
  /// Checks that all logits are finite, and returns them.
  ///
  /// - Throws: If a logit is infinite or not a number.
  package func checkingOutputs(member: Int? = nil) throws(NonFiniteOutputs) -> Matrix {
    if let row = firstRowNotFinite(of: rows) { throw NonFiniteOutputs(image: row + 1, images: rows, member: member) }
    return self
  }

  /// The first of the first `count` rows that has an infinite value or a NaN.
  func firstRowNotFinite(of count: Int) -> Int? {
    (0..<count).first { row in !(0..<columns).allSatisfy { self[row, $0].isFinite } }
  }
}

extension Evaluation {
  /// Checks that all outputs are finite, and returns the evaluation.
  ///
  /// - Parameter kind: The kind of the failure that is thrown.
  /// - Throws: If the outputs for an example are not finite numbers.
  package func checkingOutputs(_ kind: FailureKind = .badData) throws(NonFiniteOutputs) -> Evaluation {
    guard let first = firstNotFinite else { return self }
    throw NonFiniteOutputs(image: first + 1, images: count, kind: kind)
  }
}
