/// The gradient of a parameter as the product that it is, not yet computed.
///
/// A layer's backward pass hands these out; who receives one decides what becomes of it: added into a buffer (the
/// reference, and the way to sum over parts of a batch), or used at once to move the weights, tile by tile while the
/// gradient is still in registers (the fast path: a pass over memory less).
package enum WeightGradient: Sendable {
  /// `leftᵀ · right` over the first `rows` rows: [left columns × right columns].
  case product(left: Matrix, right: Matrix, rows: Int)
  /// `pixelsᵀ · outputGradient`: [pixels × outputs], the first layer's.
  case pixels(PixelBatch, outputGradient: Matrix)
  /// The sum of the first `rows` rows: a bias'.
  case columnSums(Matrix, rows: Int)
}

/// Who takes the tiles of a gradient as they are computed. `offset` is the tile's place in the block of parameters.
protocol TileDestination {
  /// Whether a tile of zeros changes nothing, so that it may be left out.
  static var ignoresZeros: Bool { get }
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int)
}

extension WeightGradient {
  @inline(__always)
  private func compute<Destination: TileDestination>(_ layout: MatrixLayout, into destination: Destination) {
    switch self {
    case .product(let left, let right, let rows):
      precondition(left.columns == layout.rows && right.columns == layout.columns)
      denseGradient(left, right, rows: rows, layout, destination)
    case .pixels(let pixels, let outputGradient):
      precondition(pixels.storage.columns == layout.rows && outputGradient.columns == layout.columns)
      sparseGradient(pixels, outputGradient, layout, destination)
    case .columnSums(let matrix, let rows):
      precondition(layout.rows == 1 && matrix.columns == layout.columns)
      Matrices.columnSums(matrix, rows: rows, layout, destination)
    }
  }

  /// Adds the gradient to the matrix at `layout` in `block`.
  package func add(to block: inout AlignedFloats, at layout: MatrixLayout) {
    block.withMutableFloats { compute(layout, into: Addition(base: $0)) }
  }

  /// Moves the weights at `layout` along the gradient by one step of `update`, in the same pass.
  package func move(
    _ weights: inout AlignedFloats, at layout: MatrixLayout, by update: UpdateStep, state: inout OptimizerState
  ) {
    weights.withMutableFloats { weights in
      state.withMutableFloats { first, second in
        switch update {
        case .sgd(let step): compute(layout, into: Descent(step: step, weights: weights, velocity: first))
        case .adam(let step):
          compute(layout, into: AdaptiveDescent(step: step, weights: weights, mean: first, square: second))
        }
      }
    }
  }
}

private struct Addition: TileDestination {
  let base: UnsafeMutablePointer<Float>
  @inline(__always) static var ignoresZeros: Bool { true }
  @inline(__always)
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int) {
    var sum = Strip(loading: base + offset)
    sum.add(gradient)
    sum.store(to: base + offset)
  }
}

private struct Descent: TileDestination {
  let step: SGDStep
  let weights: UnsafeMutablePointer<Float>
  let velocity: UnsafeMutablePointer<Float>
  @inline(__always) static var ignoresZeros: Bool { false }
  @inline(__always)
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int) {
    gradient.forEachVector { vector, distance in
      step.apply(vector, weights + (offset &+ distance), velocity + (offset &+ distance))
    }
  }
}

private struct AdaptiveDescent: TileDestination {
  let step: AdamStep
  let weights: UnsafeMutablePointer<Float>
  let mean: UnsafeMutablePointer<Float>
  let square: UnsafeMutablePointer<Float>
  @inline(__always) static var ignoresZeros: Bool { false }
  @inline(__always)
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int) {
    gradient.forEachVector { vector, distance in
      let place = offset &+ distance
      step.apply(vector, weights + place, mean + place, square + place)
    }
  }
}
