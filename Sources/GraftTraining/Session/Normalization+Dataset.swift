import GraftData
import GraftMatrices
import GraftNetworks

extension Normalization {
  /// The usual first step for images: greys are scaled to [0, 1], as the study does. Colours are brought to a mean of 0 and a
  /// deviation of 1 in each channel, measured on all training images.
  package static func usual(for train: Dataset) -> Normalization {
    guard train.shape.channels > 1, train.count > 0 else { return .unit }
    let moments = train.channelMoments
    // A channel of one value has no deviation to divide by.
    return Normalization(
      means: moments.map { Float($0.mean) }, deviations: moments.map { $0.deviation > 0 ? Float($0.deviation) : 1 })
  }
}
