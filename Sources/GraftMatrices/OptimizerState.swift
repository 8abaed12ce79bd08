import GraftKernelCalls

/// The state that an optimizer keeps for each parameter: SGD's velocity, or Adam's mean and square.
package struct OptimizerState: Sendable, Hashable {
  package var first: AlignedFloats
  /// Adam's mean of squared gradients; empty for a rule without a second state.
  package var second: AlignedFloats

  package init(count: Int, hasSecond: Bool) {
    first = AlignedFloats(zeros: count)
    second = AlignedFloats(zeros: hasSecond ? count : 0)
  }

  mutating func withBlocks(beside weights: inout AlignedFloats, _ body: (ParameterBlocks) -> Void) {
    weights.withMutableFloats { weights in
      first.withMutableFloats { first in
        second.withMutableFloats { second in
          body(ParameterBlocks(weights: weights, first: first, second: second))
        }
      }
    }
  }
}
