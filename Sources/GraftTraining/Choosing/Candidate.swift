import GraftFiles
import GraftNetworks

/// A setting that a trial may choose. Every method has the same number of them, so that no method owes its figures to more tuning
/// than its control had.
package struct Candidate: Sendable, Hashable, CustomStringConvertible {
  /// The value that a candidate sets.
  package enum Setting: Sendable, Hashable {
    /// Learning rate and weight decay of the optimizer, for methods that train by gradient steps.
    case rate(Double, weightDecay: Double)
    /// Strength of the penalty of a head that is solved, in units of the features' mean square.
    case strength(Double)
  }

  /// The value that the candidate sets.
  package let setting: Setting

  /// A candidate with the given value.
  package init(_ setting: Setting) { self.setting = setting }

  /// The candidate as `TriedSetting.setting` gives it, such as `rate 0.05, decay 0.0`.
  package var description: String {
    switch setting {
    case .rate(let rate, let decay): "rate \(rate), decay \(decay)"
    case .strength(let strength): "strength \(strength)"
    }
  }

  /// The `settings` with the candidate's values in their place.
  package func applied(to settings: TrainingSettings) -> TrainingSettings {
    guard case .rate(let rate, let decay) = setting else { return settings }
    var settings = settings
    settings.learningRate = rate
    settings.weightDecay = decay
    return settings
  }

  /// The strength for a head that is solved. A probe before fine-tuning, which corrects it, has a usual strength: a hundredth of
  /// an example's worth.
  package func strength(images: Int) -> Double {
    if case .strength(let strength) = setting { strength } else { Candidate.probeStrength(images: images) }
  }

  /// The strength for the probe of `lp-ft`.
  package static func probeStrength(images: Int) -> Double { 0.01 / Double(max(images, 1)) }
}

extension Candidate {
  /// The candidates of a plan: the recipe's learning rate, a third and a tenth of it, each with and without weight decay; or, for
  /// a head that is solved, as many penalties.
  ///
  /// The decay is half an example's worth, as a penalty `1/2 · 1/2 · ‖w‖²` beside the sum of the examples' losses. It was found
  /// on digits that are no study's test images: with few labels a method's accuracy changes by a point or two over this range.
  ///
  /// - Parameter images: Labelled images that the plan trains on.
  package static func all(for plan: TransferPlan, images: Int) -> [Candidate] {
    all(solvingHead: plan.stages.isEmpty, rate: plan.settings.learningRate, images: images)
  }

  /// The candidates of a plan that is not made yet.
  package static func all(solvingHead: Bool, rate: Double, images: Int) -> [Candidate] {
    if solvingHead {
      return [1, 0.1, 0.03, 0.01, 0.001, 0.0001].map { Candidate(.strength(rounded($0 / Double(max(images, 1))))) }
    }
    let decay = min(largestDecay, 0.5 / Double(max(images, 1)))
    return [0, decay].flatMap { decay in
      [rate, 0.3 * rate, 0.1 * rate].map { Candidate(.rate(rounded($0), weightDecay: rounded(decay))) }
    }
  }

  /// The candidates of a head on features of photographs, which separate few images whatever the penalty: stronger ones than behind a
  /// small body.
  package static func behindPublishedBody(images: Int) -> [Candidate] {
    [10, 3, 1, 0.1, 0.01, 0.001].map { Candidate(.strength(rounded($0 / Double(max(images, 1))))) }
  }

  /// Number of candidates, the same for every method.
  package static let count = 6

  /// Least number of labelled images per class for which settings are chosen on a part of them.
  package static let leastForValidation = 20
  /// The share of the labelled images on which settings are chosen.
  package static let validationShare = 0.2

  /// Largest weight decay: a larger one would keep the weights at zero before they have learned anything.
  private static let largestDecay = 0.03

  /// The rate to three significant digits, so that its name is short: 0.06 and not 0.06000000000000001.
  package static func rounded(_ rate: Double) -> Double {
    guard rate > 0 else { return 0 }
    var scale = 1.0
    while rate * scale < 100 { scale *= 10 }
    return (rate * scale).rounded() / scale
  }
}
