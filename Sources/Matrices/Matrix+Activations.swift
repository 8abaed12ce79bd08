extension Matrix {
  /// `self = max(input, 0)` over the first `rows` rows.
  package mutating func rectify(_ input: Matrix, rows: Int) {
    precondition(layout.columns == input.columns && rows <= self.rows && rows <= input.rows)
    let count = rows * stride
    input.block.withFloats { from in
      withMutableRows { to in
        for place in Swift.stride(from: 0, to: count, by: Vector.scalarCount) {
          storeVector(pointwiseMax(loadVector(from + place), Vector(repeating: 0)), to: to + place)
        }
      }
    }
  }

  /// `self = gradient` where `output` is positive, elsewhere zero: the derivative of ``rectify(_:rows:)``, taken as zero
  /// at zero (as PyTorch does).
  package mutating func rectifyGradient(_ gradient: Matrix, where output: Matrix, rows: Int) {
    precondition(columns == gradient.columns && columns == output.columns && rows <= self.rows)
    let count = rows * stride
    gradient.block.withFloats { from in
      output.block.withFloats { mask in
        withMutableRows { to in
          let zero = Vector(repeating: 0)
          for place in Swift.stride(from: 0, to: count, by: Vector.scalarCount) {
            let kept = zero.replacing(with: loadVector(from + place), where: loadVector(mask + place) .> zero)
            storeVector(kept, to: to + place)
          }
        }
      }
    }
  }
}
