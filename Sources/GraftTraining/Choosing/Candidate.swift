import GraftFiles
import GraftNetworks

/// A setting that a trial may choose: of every method the same number, so that no method owes its figures to having been tuned
/// more than its control.
public struct Candidate: Sendable, Hashable, CustomStringConvertible {
  public enum Setting: Sendable, Hashable {
    /// Of the optimizer, for whatever trains by gradient steps.
    case rate(Double, weightDecay: Double)
    /// Of a head that is solved: its penalty in units of the features' mean square.
    case strength(Double)
  }

  public let setting: Setting

  public init(_ setting: Setting) { self.setting = setting }

  public var description: String {
    switch setting {
    case .rate(let rate, let decay): "rate \(rate), decay \(decay)"
    case .strength(let strength): "strength \(strength)"
    }
  }

  /// `settings` with what the candidate says in their place.
  package func applied(to settings: TrainingSettings) -> TrainingSettings {
    guard case .rate(let rate, let decay) = setting else { return settings }
    var settings = settings
    settings.learningRate = rate
    settings.weightDecay = decay
    return settings
  }

  /// The strength for a head that is solved. A probe before fine-tuning, which corrects it, has a usual one: a hundredth of an
  /// example's worth.
  package func strength(images: Int) -> Double {
    if case .strength(let strength) = setting { strength } else { Candidate.probeStrength(images: images) }
  }

  /// Of the probe of `lp-ft`.
  package static func probeStrength(images: Int) -> Double { 0.01 / Double(max(images, 1)) }
}

extension Candidate {
  /// What may be chosen: the recipe's learning rate, a third and a tenth of it, each with and without weight decay; or, for
  /// a head that is solved, as many penalties.
  ///
  /// The decay is half an example's worth: that of a penalty `1/2 · 1/2 · ‖w‖²` beside the sum of the examples' losses. Found on
  /// digits that are no study's test images: with few labels a method's accuracy changes by a point or two over this range.
  ///
  /// - Parameter images: Labelled images that the plan trains on.
  package static func all(for plan: TransferPlan, images: Int) -> [Candidate] {
    all(solvingHead: plan.stages.isEmpty, rate: plan.settings.learningRate, images: images)
  }

  /// The same for a plan that is not made yet.
  package static func all(solvingHead: Bool, rate: Double, images: Int) -> [Candidate] {
    if solvingHead {
      return [1, 0.1, 0.03, 0.01, 0.001, 0.0001].map { Candidate(.strength(rounded($0 / Double(max(images, 1))))) }
    }
    let decay = min(largestDecay, 0.5 / Double(max(images, 1)))
    return [0, decay].flatMap { decay in
      [rate, 0.3 * rate, 0.1 * rate].map { Candidate(.rate(rounded($0), weightDecay: rounded(decay))) }
    }
  }

  /// How many there are, of every method.
  package static let count = 6

  /// From so many labelled images per class on, settings are chosen on a part of them.
  package static let leastForValidation = 20
  /// That part.
  package static let validationShare = 0.2

  /// More would hold the weights at zero before they have learned anything.
  private static let largestDecay = 0.03

  /// To three significant digits, so that a name is a name: 0.06 and not 0.06000000000000001.
  package static func rounded(_ rate: Double) -> Double {
    guard rate > 0 else { return 0 }
    var scale = 1.0
    while rate * scale < 100 { scale *= 10 }
    return (rate * scale).rounded() / scale
  }
}
