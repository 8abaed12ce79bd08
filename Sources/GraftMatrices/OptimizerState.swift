import GraftKernelCalls

/// The state that an optimizer keeps for each parameter: SGD's velocity, or Adam's mean and square.
package struct OptimizerState: Sendable, Hashable {
  package var first: AlignedFloats
  /// Adam's mean of squared gradients; empty for SGD.
  package var second: AlignedFloats

  package init(count: Int, isAdaptive: Bool) {
    first = AlignedFloats(zeros: count)
    second = AlignedFloats(zeros: isAdaptive ? count : 0)
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
