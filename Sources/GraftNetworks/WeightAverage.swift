import GraftKernelCalls
import GraftMatrices

/// The exponential moving average of a model's weights over the steps of a training, which is often the better model: the
/// noise of single steps is averaged away (Polyak and Juditsky, SIAM Journal on Control and Optimization 30, 1992).
///
/// After step t, counted from 1, `average += (1 - dₜ) (weights - average)` with `dₜ = min(decay, (1 + t) / (10 + t))`: little is
/// remembered of the first steps, whose weights are far from their later values (TensorFlow's `tf.train.ExponentialMovingAverage`
/// with `num_updates`).
package struct WeightAverage: Sendable {
  private let decay: Double
  /// Ranges in the block of the trainable weights and of the running statistics, with neighbours joined. Running statistics
  /// describe the outputs of those weights, and do not move in frozen layers.
  private let trained: [Range<Int>]
  private var block: AlignedFloats

  /// An average before the first step.
  ///
  /// - Parameter model: The model whose weights are the first average.
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

  /// Updates the average after a step.
  ///
  /// - Parameter step: Steps done, this one included.
  /// - Complexity: O(weights that train): both are read and one is written.
  package mutating func follow(_ parameters: Parameters, after step: Int) {
    let kept = min(decay, Double(1 + step) / Double(10 + step))
    for range in trained { block.approach(parameters.block, by: Float(1 - kept), in: range) }
  }

  /// The `parameters` with the average in place of each trainable weight and each running statistic; frozen weights stay as they
  /// are.
  package func applied(to parameters: Parameters) -> Parameters {
    var result = parameters
    for range in trained { result.block.copy(range, of: block) }
    return result
  }

  /// Continues from parameters that `applied(to:)` returned.
  package mutating func restore(_ parameters: Parameters) { block = parameters.block }
}
