import Matrices

/// All scores of one source for one target.
public struct TransferScores: Sendable, Hashable {
  /// Finite numbers; a score that cannot be taken (``TransferScore/need``) has none.
  public let values: [TransferScore: Double]

  /// - Complexity: O(n d² ) for n images of d units, or O(n² d) where there are fewer images than units.
  public init(_ view: SourceView) {
    let labels = LabelAgreement(view)
    let features = LabelledFeatures(view)
    let found: [(TransferScore, Double?)] = [
      (.leep, labels.leep), (.nce, labels.nce), (.logME, features?.logME), (.hScore, features?.hScore),
      (.nearestMean, features?.nearestMeanAccuracy),
    ]
    values = found.reduce(into: [:]) { values, entry in
      if let value = entry.1, value.isFinite { values[entry.0] = value }
    }
  }

  public subscript(score: TransferScore) -> Double? { values[score] }
}
