import GraftKernelCalls

extension Matrix {
  /// Softmax and cross-entropy of the first `labels.count` rows.
  ///
  /// Row `i` of `self` becomes the gradient of the loss with respect to the logits, `(p - q) · scale` with `q = onehot(label)`,
  /// and `losses[i] = -log p[label] = log Σ exp(z - max) - (z[label] - max)`. The row's largest logit is subtracted first, so
  /// nothing overflows.
  ///
  /// - Parameter smoothing: The label smoothing s, with `q = (1 - s) onehot(label) + s / classes` and `losses[i] = -Σ q log p`.
  package mutating func softmaxCrossEntropy(
    _ logits: Matrix, labels: ArraySlice<Int>, smoothing: Float = 0, gradientScale: Float, losses: inout [Float],
    team: Team = .alone
  ) {
    precondition(columns == logits.columns && labels.count <= rows && labels.count <= logits.rows)
    precondition(losses.count >= labels.count)
    let classes = columns
    for label in labels {
      precondition(label >= 0 && label < classes, "label \(label) is not one of \(classes) classes")
    }
    logits.withRows { z in
      withWritableRows { p in
        losses.withUnsafeMutableBufferPointer { losses in
          labels.withUnsafeBufferPointer { labels in
            guard let losses = losses.baseAddress, let first = labels.baseAddress else { return }
            team(
              .softmax(
                SoftmaxRows(
                  z, rows: labels.count, classes: classes, output: p,
                  crossEntropy: SoftmaxRows.CrossEntropy(
                    labels: first, smoothing: smoothing, gradientScale: gradientScale, losses: losses))))
          }
        }
      }
    }
  }

  /// Multiplies each of the first `labels.count` rows, which hold examples' gradients, by the weight of the example's class.
  package mutating func scaleRows(of labels: ArraySlice<Int>, by classWeights: [Float]) {
    precondition(labels.count <= rows)
    let columns = columns
    withWritableRows { rows in
      for (row, label) in labels.enumerated() {
        let elements = rows.base + row * rows.stride
        let weight = classWeights[label]
        for column in 0..<columns { elements[column] *= weight }
      }
    }
  }

  /// Sets the first `rows` rows to the probabilities of the same rows of `logits`.
  package mutating func softmax(_ logits: Matrix, rows: Int) {
    precondition(columns == logits.columns && rows <= self.rows && rows <= logits.rows)
    let classes = columns
    logits.withRows { z in
      withWritableRows { p in
        Team.alone(.softmax(SoftmaxRows(z, rows: rows, classes: classes, output: p, crossEntropy: nil)))
      }
    }
  }

  /// The probabilities, [columns], of row `row` of these logits.
  public func softmax(row: Int) -> [Float] {
    precondition(row >= 0 && row < rows)
    var logits = Matrix(rows: 1, columns: columns)
    logits.gather([row], of: self)
    var result = logits
    result.softmax(logits, rows: 1)
    return (0..<columns).map { result[0, $0] }
  }

  /// The column of the largest element of `row`, or the first of several equal ones. A NaN is never the largest.
  public func argmax(row: Int) -> Int {
    precondition(row >= 0 && row < rows && columns > 0)
    return block.withFloats { base in
      let line = base + row * stride
      var best = 0
      for column in 1..<max(columns, 1) where line[column] > line[best] || line[best].isNaN { best = column }
      return best
    }
  }
}
