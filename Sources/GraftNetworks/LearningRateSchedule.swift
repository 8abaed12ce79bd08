/// The course of the learning rate over a training. Lengths are in steps; step 0 is the first update.
///
/// Every rate is a closed form of the step, so that a resumed training needs nothing but its step.
public struct LearningRateSchedule: Sendable, Hashable {
  /// The shape of the course after the warm-up.
  public enum Shape: Sendable, Hashable {
    case constant
    /// Multiplied by `factor` after every `every` steps (PyTorch's `StepLR`).
    case step(every: Int, factor: Double)
    /// Half a cosine from the full rate at the first step down to `floor` behind the last one (Loshchilov and Hutter,
    /// ICLR 2017, equation 5, without restarts; PyTorch's `CosineAnnealingLR`).
    case cosine(floor: Double)
    /// Up from rate / 25 over the first 30 % of the steps, down to rate / 250,000 at the last one, both along half a cosine
    /// (Smith and Topin, 2018; PyTorch's `OneCycleLR` with its defaults, momentum left alone).
    case oneCycle
  }

  /// The shape after the warm-up.
  package let shape: Shape
  /// Steps over which the rate rises linearly, from rate / `warmUp`, before the shape begins (Goyal et al., 2017; PyTorch's
  /// `LinearLR`).
  package let warmUp: Int

  /// A schedule of a shape, with `warmUp` steps before it.
  public init(_ shape: Shape, warmUp: Int = 0) {
    precondition(warmUp >= 0)
    self.shape = shape
    self.warmUp = warmUp
  }

  /// The full rate at every step.
  public static let constant = LearningRateSchedule(.constant)

  /// The schedule in steps, made from one in epochs.
  package func scaled(by stepsPerEpoch: Int) -> LearningRateSchedule {
    var shape = shape
    if case .step(let every, let factor) = shape { shape = .step(every: every * stepsPerEpoch, factor: factor) }
    return LearningRateSchedule(shape, warmUp: warmUp * stepsPerEpoch)
  }

  /// The learning rate of one update.
  ///
  /// - Parameters:
  ///   - step: Counted from 0.
  ///   - total: Steps of the whole training; only `cosine` and `oneCycle` use them.
  ///   - rate: The full learning rate.
  public func rate(at step: Int, of total: Int, from rate: Double) -> Double {
    if step < warmUp {
      let start = 1 / Double(warmUp)
      return rate * (start + (1 - start) * Double(step) / Double(warmUp))
    }
    let position = step - warmUp
    let length = max(total - warmUp, 1)
    switch shape {
    case .constant: return rate
    case .step(let every, let factor):
      var result = rate
      for _ in 0..<(position / max(every, 1)) { result *= factor }
      return result
    case .cosine(let floor):
      return floor + (rate - floor) * LearningRateSchedule.fall(Double(min(position, length)) / Double(length))
    case .oneCycle:
      let (start, end) = (rate / 25, rate / 25 / 10_000)
      let peak = 0.3 * Double(length) - 1
      let last = Double(length - 1)
      if peak > 0, Double(position) <= peak {
        return rate + (start - rate) * LearningRateSchedule.fall(Double(position) / peak)
      }
      return end + (rate - end) * LearningRateSchedule.fall(min(1, (Double(position) - peak) / (last - peak)))
    }
  }

  /// (1 + cos πx) / 2 for x from 0 to 1, by a series that is the same on every machine.
  private static func fall(_ x: Double) -> Double {
    // cos πx = -sin π(x - 1/2), and the series of the sine converges fast within ±π/2.
    let angle = Double.pi * (x - 0.5)
    let square = angle * angle
    var term = angle
    var sine = angle
    for n in 1...12 {
      term *= -square / Double(2 * n * (2 * n + 1))
      sine += term
    }
    return 0.5 * (1 - sine)
  }
}
