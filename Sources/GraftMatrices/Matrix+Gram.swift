import GraftKernelCalls

extension Matrix {
  /// The products of all pairs of columns, `(self - shift)ᵀ · (self - shift)`, [columns × columns]; `shift` is subtracted from
  /// each row.
  ///
  /// In Double throughout: a product of Floats is exact there, and subtracting the mean before, not after, loses no digits.
  ///
  /// - Complexity: O(rows × columns²).
  package func columnProducts(minus shift: [Double], team: Team = .alone) -> SymmetricMatrix {
    precondition(shift.count == columns)
    let (columns, rowStride) = (columns, stride)
    return SymmetricMatrix(sumOver: rows, order: columns, team: team) { rows, panel, panelStride in
      block.withFloats { base in
        shift.withUnsafeBufferPointer { shift in
          for (place, row) in rows.enumerated() {
            let line = base + row * rowStride
            let target = panel + place * panelStride
            for column in 0..<columns { target[column] = Double(line[column]) - shift[column] }
          }
        }
      }
    }
  }

  /// The products of all pairs of rows, `(self - shift) · (self - shift)ᵀ`, [rows × rows]; `shift` is subtracted from each row.
  ///
  /// - Complexity: O(rows² × columns), in Double.
  package func rowProducts(minus shift: [Double], team: Team = .alone) -> SymmetricMatrix {
    precondition(shift.count == columns)
    let (rows, rowStride) = (rows, stride)
    return SymmetricMatrix(sumOver: columns, order: rows, team: team) { columns, panel, panelStride in
      block.withFloats { base in
        for row in 0..<rows {
          let line = base + row * rowStride
          for (place, column) in columns.enumerated() {
            panel[place * panelStride + row] = Double(line[column]) - shift[column]
          }
        }
      }
    }
  }
}

extension SymmetricMatrix {
  /// Rows of a panel at a time: 256 KB for 500 columns, which fits the level-2 cache.
  private static let panelDepth = 64

  /// The sum `Σ row · rowᵀ` over `depth` rows, which `pack` writes panel by panel, `stride` apart.
  fileprivate init(
    sumOver depth: Int, order: Int, team: Team,
    pack: (_ rows: Range<Int>, _ panel: UnsafeMutablePointer<Double>, _ stride: Int) -> Void
  ) {
    self.init(order: order)
    guard order > 0 else { return }
    let stride = GramCall.stride(order)
    let panel = SymmetricMatrix.zeros(SymmetricMatrix.panelDepth * stride)
    let sums = SymmetricMatrix.zeros(GramCall.paddedWidth(order) * stride)
    defer {
      panel.deallocate()
      sums.deallocate()
    }
    for start in Swift.stride(from: 0, to: depth, by: SymmetricMatrix.panelDepth) {
      let rows = start..<min(start + SymmetricMatrix.panelDepth, depth)
      pack(rows, panel, stride)
      team(.gram(GramCall(panel, depth: rows.count, width: order, into: sums)))
    }
    for row in 0..<order {
      for column in row..<order { set(row, column, to: sums[row * stride + column]) }
    }
  }

  private static func zeros(_ count: Int) -> UnsafeMutablePointer<Double> {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Double>.stride, alignment: 128)
    let base = bytes.bindMemory(to: Double.self, capacity: count)
    base.initialize(repeating: 0, count: count)
    return base
  }
}
