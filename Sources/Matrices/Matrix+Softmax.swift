extension Matrix {
  /// Softmax and cross-entropy of the first `labels.count` rows.
  ///
  /// Row `i` of `self` becomes the gradient of the loss with respect to the logits, `(p - onehot(label)) · scale`, and
  /// `losses[i] = -log p[label] = log Σ exp(z - max) - (z[label] - max)`. The row's largest logit is subtracted first, so
  /// nothing overflows.
  package mutating func softmaxCrossEntropy(
    _ logits: Matrix, labels: ArraySlice<Int>, gradientScale: Float, losses: inout [Float]
  ) {
    precondition(layout.columns == logits.columns && labels.count <= rows && labels.count <= logits.rows)
    precondition(losses.count >= labels.count)
    let (classes, stride) = (columns, stride)
    logits.block.withFloats { from in
      withMutableRows { to in
        for (row, label) in labels.enumerated() {
          precondition(label >= 0 && label < classes, "label \(label) is not one of \(classes) classes")
          let z = from + row * stride
          let p = to + row * stride
          let (largest, sum) = exponentials(of: z, into: p, classes: classes, stride: stride)
          losses[row] = naturalLogarithm(sum) - (z[label] - largest)
          p[label] -= sum
          let factor = Vector(repeating: gradientScale / sum)
          for place in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
            storeVector(loadVector(p + place) * factor, to: p + place)
          }
        }
      }
    }
  }

  /// The probabilities of row `row` of these logits.
  public func softmax(row: Int) -> [Float] {
    precondition(row >= 0 && row < rows)
    var result = Matrix(rows: 1, columns: columns)
    let (classes, stride) = (columns, stride)
    block.withFloats { from in
      result.withMutableRows { to in
        let (_, sum) = exponentials(of: from + row * stride, into: to, classes: classes, stride: stride)
        for column in 0..<classes { to[column] /= sum }
      }
    }
    return (0..<classes).map { result[0, $0] }
  }

  /// The column of the largest element of `row`, the first of equals. A NaN is never the largest.
  public func argmax(row: Int) -> Int {
    precondition(row >= 0 && row < rows && columns > 0)
    return block.withFloats { base in
      let line = base + layout.index(row, 0)
      var best = 0
      for column in 1..<max(columns, 1) where line[column] > line[best] || line[best].isNaN { best = column }
      return best
    }
  }
}

/// Writes exp(z - max z) to `target`, zero in the padding, and returns the largest logit and the sum.
@inline(__always)
private func exponentials(
  of z: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, classes: Int, stride: Int
) -> (largest: Float, sum: Float) {
  var largest = z[0]
  for column in 1..<max(classes, 1) where z[column] > largest || z[column].isNaN { largest = z[column] }
  var sum: Float = 0
  for place in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
    let values = exponential(loadVector(z + place) - largest)
    let inside = Vector.lanes .< Float(classes - place)
    let kept = Vector(repeating: 0).replacing(with: values, where: inside)
    storeVector(kept, to: target + place)
    sum += kept.sum()
  }
  return (largest, sum)
}

extension SIMD16<Float> {
  /// 0, 1, …, 15.
  fileprivate static let lanes = SIMD16<Float>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}
