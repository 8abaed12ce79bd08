/// A score of how well a source will transfer to a target; larger is better for each of them.
package enum TransferScore: String, Sendable, CaseIterable {
  /// LEEP: Nguyen et al., ICML 2020.
  case leep
  /// NCE: Tran, Nguyen and Hassner, ICCV 2019.
  case nce
  /// LogME: You et al., ICML 2021.
  case logME = "logme"
  /// Ibrahim, Ponomareva and Mazumder, 2021: the H-score of Bao et al., ICIP 2019, with a shrunk covariance.
  case hScore = "h-score"
  /// The accuracy of the nearest class mean, leaving one image out.
  case nearestMean = "nearest-mean"

  /// The score's name in tables.
  package var name: String {
    switch self {
    case .leep: "LEEP"
    case .nce: "NCE"
    case .logME: "LogME"
    case .hScore: "H-score"
    case .nearestMean: "nearest mean"
    }
  }

  /// The requirement that is not met if a score has no value.
  package var need: String {
    switch self {
    case .leep, .nce: "needs an image and probabilities of the source's classes"
    case .logME: "needs an image and finite features"
    case .hScore: "needs two images and finite features"
    case .nearestMean: "needs two images of some class and finite features"
    }
  }
}
