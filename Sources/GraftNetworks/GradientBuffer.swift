import GraftKernelCalls
import GraftMatrices

/// A gradient sink that sums in memory: the reference beside the fused path, and the way to take one step over several batches.
package struct GradientBuffer: GradientSink, Sendable {
  package private(set) var sum: AlignedFloats
  /// Slices that received a gradient since the last reset, each once.
  package private(set) var received: [ParameterSlice] = []

  package init(for parameters: Parameters) { sum = AlignedFloats(zeros: parameters.block.count) }

  package mutating func reset() {
    sum.setToZero()
    received.removeAll(keepingCapacity: true)
  }

  package mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team
  ) {
    gradient.add(to: &sum, at: slice.layout, team: team)
    if !received.contains(where: { $0.layout.offset == slice.layout.offset }) { received.append(slice) }
  }
}

extension GradientBuffer {
  /// Adds the gradient of the penalty `strength / 2 · ‖w - anchor‖²` for each slice that received a gradient; without an anchor,
  /// of `strength / 2 · ‖w‖²`.
  ///
  /// Li, Grandvalet and Davoine, "Explicit Inductive Bias for Transfer Learning with Convolutional Networks", ICML 2018,
  /// equation 2. Padding is zero on both sides and stays so.
  package mutating func addPull(
    of slices: [ParameterSlice], in parameters: Parameters, towards anchor: Parameters?, strength: Float
  ) {
    for slice in slices where received.contains(where: { $0.layout.offset == slice.layout.offset }) {
      let range = slice.layout.offset..<slice.layout.offset + slice.layout.footprint
      sum.withMutableFloats { sum in
        parameters.block.withFloats { weights in
          if let anchor {
            anchor.block.withFloats { anchor in
              for index in range { sum[index] += strength * (weights[index] - anchor[index]) }
            }
          } else {
            for index in range { sum[index] += strength * weights[index] }
          }
        }
      }
    }
  }
}

extension GradientBuffer {
  /// Adds another sum of the same parameters.
  package mutating func add(_ other: GradientBuffer) {
    let count = sum.count
    sum.withMutableFloats { sum in
      other.sum.withFloats { other in for index in 0..<count { sum[index] += other[index] } }
    }
  }

  /// Adds a sum that was given as bytes, as another process sent it; bytes behind it are not read.
  package mutating func add(bytes: [UInt8]) {
    let count = sum.count
    precondition(bytes.count >= 4 * count)
    sum.withMutableFloats { sum in
      bytes.withUnsafeBytes { bytes in
        for index in 0..<count { sum[index] += bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) }
      }
    }
  }

  /// The sum in the machine's order of bytes.
  package var bytes: [UInt8] {
    sum.withFloats { floats in
      [UInt8](UnsafeRawBufferPointer(start: floats, count: 4 * sum.count))
    }
  }
}
