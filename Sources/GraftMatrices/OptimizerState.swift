import GraftKernelCalls

/// What an optimizer remembers of each parameter: SGD's velocity, or Adam's mean and square.
package struct OptimizerState: Sendable, Hashable {
  package var first: AlignedFloats
  /// Empty for SGD.
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
