/// Dense products, in the three transpositions that training needs. Two rows by one strip of columns stay in registers;
/// every loaded vector is used twice. Matrices are padded to even rows and whole strips, so there are no remainders.

extension Matrix {
  /// The rows for writing; at least two are always there.
  @inline(__always)
  mutating func withMutableRows(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    block.withMutableFloats { body($0) }
  }
}

/// `output = bias + left · weight` for the first `rows` rows: [rows × k] · [k × n].
package func product(
  _ left: Matrix, rows: Int, _ parameters: AlignedFloats, weight: MatrixLayout, bias: MatrixLayout?,
  into output: inout Matrix
) {
  precondition(left.columns == weight.rows && output.columns == weight.columns)
  precondition(rows <= left.rows && rows <= output.rows && bias.map { $0.columns == weight.columns } ?? true)
  left.block.withFloats { a in
    parameters.withFloats { base in
      output.withMutableRows { target in
        let biasRow = bias.map { base + $0.offset }
        if weight.stride == OneVector.width {
          productStrips(
            OneVector.self, a, left.stride, rows, weight.rows, base + weight.offset, weight.stride, biasRow, target)
        } else {
          productStrips(
            TwoVectors.self, a, left.stride, rows, weight.rows, base + weight.offset, weight.stride, biasRow, target)
        }
      }
    }
  }
}

@inline(__always)
private func productStrips<Strip: Lanes>(
  _: Strip.Type, _ left: UnsafePointer<Float>, _ leftStride: Int, _ rows: Int, _ depth: Int,
  _ right: UnsafePointer<Float>, _ stride: Int, _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>
) {
  var column = 0
  while column < stride {
    let start = bias.map { Strip(loading: $0 + column) } ?? Strip()
    var row = 0
    while row < rows {
      let x = left + row &* leftStride
      let y = x + leftStride
      var first = start
      var second = start
      for k in 0..<depth {
        let vector = Strip(loading: right + (k &* stride &+ column))
        first.add(x[k], times: vector)
        second.add(y[k], times: vector)
      }
      let target = output + (row &* stride &+ column)
      first.store(to: target)
      second.store(to: target + stride)
      row &+= 2
    }
    column &+= Strip.width
  }
}

/// `output = bias + left · weightᵀ` for the first `rows` rows: [rows × k] · [n × k]ᵀ. Each element is a dot product along
/// two contiguous rows, which suits a head with few outputs.
package func productWithTransposed(
  _ left: Matrix, rows: Int, _ parameters: AlignedFloats, weight: MatrixLayout, bias: MatrixLayout,
  into output: inout Matrix
) {
  precondition(left.columns == weight.columns && output.columns == weight.rows && bias.columns == weight.rows)
  precondition(rows <= left.rows && rows <= output.rows)
  let outputStride = output.stride
  left.block.withFloats { a in
    parameters.withFloats { base in
      output.withMutableRows { target in
        if weight.stride == OneVector.width {
          dotTiles(
            OneVector.self, a, rows, base + weight.offset, weight.rows, weight.stride, base + bias.offset, target,
            outputStride)
        } else {
          dotTiles(
            TwoVectors.self, a, rows, base + weight.offset, weight.rows, weight.stride, base + bias.offset, target,
            outputStride)
        }
      }
    }
  }
}

@inline(__always)
private func dotTiles<Strip: Lanes>(
  _: Strip.Type, _ left: UnsafePointer<Float>, _ rows: Int, _ weights: UnsafePointer<Float>, _ outputs: Int,
  _ stride: Int, _ bias: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int
) {
  var row = 0
  while row < rows {
    let x = left + row &* stride
    let y = x + stride
    var output = 0
    while output < outputs {
      let w = weights + output &* stride
      let v = w + stride
      var xw = Strip()
      var xv = Strip()
      var yw = Strip()
      var yv = Strip()
      var k = 0
      while k < stride {
        let a = Strip(loading: x + k)
        let b = Strip(loading: y + k)
        let c = Strip(loading: w + k)
        let d = Strip(loading: v + k)
        xw.add(a, times: c)
        xv.add(a, times: d)
        yw.add(b, times: c)
        yv.add(b, times: d)
        k &+= Strip.width
      }
      // The padding behind an odd number of outputs is written too: there the weights are zero.
      let z = target + (row &* targetStride &+ output)
      z[0] = bias[output] + xw.sum
      z[1] = bias[output &+ 1] + xv.sum
      z[targetStride] = bias[output] + yw.sum
      z[targetStride &+ 1] = bias[output &+ 1] + yv.sum
      output &+= 2
    }
    row &+= 2
  }
}

/// Hands `leftᵀ · right` over the first `rows` rows, [left columns × right columns], to `destination`, tile by tile.
@inline(__always)
func denseGradient<Destination: TileDestination>(
  _ left: Matrix, _ right: Matrix, rows: Int, _ layout: MatrixLayout, _ destination: Destination
) {
  left.block.withFloats { a in
    right.block.withFloats { b in
      if layout.stride == OneVector.width {
        denseGradientStrips(OneVector.self, a, left.stride, b, rows, layout, destination)
      } else {
        denseGradientStrips(TwoVectors.self, a, left.stride, b, rows, layout, destination)
      }
    }
  }
}

@inline(__always)
private func denseGradientStrips<Strip: Lanes, Destination: TileDestination>(
  _: Strip.Type, _ left: UnsafePointer<Float>, _ leftStride: Int, _ right: UnsafePointer<Float>, _ rows: Int,
  _ layout: MatrixLayout, _ destination: Destination
) {
  let stride = layout.stride
  var column = 0
  while column < stride {
    var output = 0
    while output < layout.rows {
      var first = Strip()
      var second = Strip()
      for row in 0..<rows {
        let vector = Strip(loading: right + (row &* stride &+ column))
        let factors = left + (row &* leftStride &+ output)
        first.add(factors[0], times: vector)
        second.add(factors[1], times: vector)
      }
      let offset = layout.offset &+ output &* stride &+ column
      destination.take(first, at: offset)
      if output &+ 1 < layout.rows { destination.take(second, at: offset &+ stride) }
      output &+= 2
    }
    column &+= Strip.width
  }
}

/// Hands the sum of the first `rows` rows of `matrix`, one row, to `destination`.
@inline(__always)
func columnSums<Destination: TileDestination>(
  _ matrix: Matrix, rows: Int, _ layout: MatrixLayout, _ destination: Destination
) {
  matrix.block.withFloats { base in
    var column = 0
    while column < layout.stride {
      var sum = OneVector()
      for row in 0..<rows { sum.add(OneVector(loading: base + (row &* matrix.stride &+ column))) }
      destination.take(sum, at: layout.offset &+ column)
      column &+= OneVector.width
    }
  }
}
