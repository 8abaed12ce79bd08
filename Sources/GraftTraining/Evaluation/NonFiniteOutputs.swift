import GraftFiles
import GraftMatrices

/// A model whose outputs are not finite numbers: weights that are finite one by one, and overflow when they are multiplied.
///
/// Such outputs have no largest one, no probabilities and no loss, so there is no answer to count.
public struct NonFiniteOutputs: Failure, Hashable {
  /// The first image with such outputs, counted from 1.
  public let image: Int
  /// All images that were asked for.
  public let images: Int
  /// The number of the checkpoint among several that answer together, counted from 1; nil of a single one.
  public var member: Int?
  /// Usually a bad checkpoint; of a training that has just ended, a divergence.
  public var kind = FailureKind.badData

  public var description: String {
    let model = member.map { "checkpoint \($0) of those put together" } ?? "the model"
    return "the outputs of \(model) are not finite numbers (the first for image \(image) of \(images)): "
      + "its weights are too large to compute with"
  }
}

extension Matrix {
  /// - Throws: If a logit is infinite or not a number.
  package func checkingOutputs(member: Int? = nil) throws(NonFiniteOutputs) -> Matrix {
    if let row = firstRowNotFinite(of: rows) { throw NonFiniteOutputs(image: row + 1, images: rows, member: member) }
    return self
  }

  /// The first of the first `count` rows with a value that is infinite or not a number.
  func firstRowNotFinite(of count: Int) -> Int? {
    (0..<count).first { row in !(0..<columns).allSatisfy { self[row, $0].isFinite } }
  }
}

extension Evaluation {
  /// - Parameter kind: The kind of failure that it would be.
  /// - Throws: If the outputs for an example are not finite numbers.
  public func checkingOutputs(_ kind: FailureKind = .badData) throws(NonFiniteOutputs) -> Evaluation {
    guard let first = firstNotFinite else { return self }
    throw NonFiniteOutputs(image: first + 1, images: count, kind: kind)
  }
}
