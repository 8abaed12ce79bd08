import GraftKernelCalls
import GraftMatrices

/// The exponential moving average of a model's weights over the steps of a training, which is often the better model: the
/// noise of single steps is averaged away (Polyak and Juditsky, SIAM Journal on Control and Optimization 30, 1992).
///
/// After step t, counted from 1, `average += (1 - dₜ) (weights - average)` with `dₜ = min(decay, (1 + t) / (10 + t))`: of the
/// first steps, whose weights are far from where they will be, little is remembered (TensorFlow's
/// `tf.train.ExponentialMovingAverage` with `num_updates`).
package struct WeightAverage: Sendable {
  private let decay: Double
  /// Where the weights that train lie in the block, and the running statistics, which describe what those weights compute and
  /// do not move where they are held; neighbours joined.
  private let trained: [Range<Int>]
  private var block: AlignedFloats

  /// - Parameter model: Its weights are the average before the first step.
  package init(of model: Model, decay: Double) {
    precondition(decay > 0 && decay < 1)
    self.decay = decay
    trained = zip(model.parameters.slices, model.isTrainable).filter { $1 || $0.isStatistic }.reduce(into: []) {
      ranges, pair in
      let layout = pair.0.layout
      let range = layout.offset..<layout.offset + layout.footprint
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    block = model.parameters.block
  }

  /// Takes in the weights after a step.
  ///
  /// - Parameter step: Steps done, this one included.
  /// - Complexity: O(weights that train): both are read and one is written.
  package mutating func follow(_ parameters: Parameters, after step: Int) {
    let kept = min(decay, Double(1 + step) / Double(10 + step))
    for range in trained { block.approach(parameters.block, by: Float(1 - kept), in: range) }
  }

  /// `parameters` with the average in place of each weight that trains and each running statistic; what is held is taken as it is.
  package func applied(to parameters: Parameters) -> Parameters {
    var result = parameters
    for range in trained { result.block.copy(range, of: block) }
    return result
  }

  /// Goes on from an average that was ``applied(to:)`` the weights of then.
  package mutating func restore(_ parameters: Parameters) { block = parameters.block }
}
