import KernelCalls

extension Matrix {
  /// Sets elements to zero at random and multiplies the others by `scale`.
  ///
  /// Which ones follows from the key, the layer and the row's image, never from the row's place: a batch in parts drops what the
  /// whole batch would. A block of Philox starts a row's own SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
  /// Generators", OOPSLA 2014), of which each byte decides one element: blocks for all elements took longer than the product.
  ///
  /// - Parameters:
  ///   - images: One for each of the first rows.
  ///   - threshold: How many of 256 elements are dropped.
  package mutating func dropOut(
    images: ArraySlice<Int>, layer: Int, key: RandomKey, threshold: UInt8, scale: Float
  ) {
    precondition(images.count <= rows)
    let philoxKey = SIMD2(UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32))
    let columns = columns
    let threshold = UInt64(threshold)
    withWritableRows { rows in
      for (row, image) in images.enumerated() {
        let block = Philox.block(
          counter: SIMD4(
            UInt32(truncatingIfNeeded: layer), UInt32(truncatingIfNeeded: image), key.index, key.purpose.rawValue),
          key: philoxKey)
        var state = UInt64(block.x) | UInt64(block.y) << 32
        let elements = rows.base + row * rows.stride
        var column = 0
        while column < columns {
          state &+= 0x9E37_79B9_7F4A_7C15
          var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
          bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
          bits ^= bits >> 31
          // Two loops, because one with a known end is unrolled.
          if column + 8 <= columns {
            for lane in 0..<8 { elements[column + lane] *= (bits &>> UInt64(8 * lane)) & 0xFF < threshold ? 0 : scale }
          } else {
            for lane in 0..<columns - column {
              elements[column + lane] *= (bits &>> UInt64(8 * lane)) & 0xFF < threshold ? 0 : scale
            }
          }
          column &+= 8
        }
      }
    }
  }

  /// Multiplies the first `count` rows by `factor`.
  package mutating func scale(rows count: Int, by factor: Float) {
    precondition(count <= rows)
    let columns = columns
    withWritableRows { rows in
      for row in 0..<count {
        let elements = rows.base + row * rows.stride
        for column in 0..<columns { elements[column] *= factor }
      }
    }
  }
}
