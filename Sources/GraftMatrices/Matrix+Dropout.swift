import GraftKernelCalls

extension Matrix {
  /// Sets elements to zero at random and multiplies the others by `scale`.
  ///
  /// The choice follows from the key, the layer and the row's image, never from the row's place, so a batch in parts drops the
  /// same elements as the whole batch. One block of Philox starts the row's own SplitMix64 (Steele, Lea and Flood, "Fast
  /// Splittable Pseudorandom Number Generators", OOPSLA 2014), each byte of which decides one element. Blocks of Philox for all
  /// elements took longer than the product.
  ///
  /// - Parameters:
  ///   - images: The image of each of the first rows.
  ///   - layout: The places of a feature map's elements in a row; nil for all columns.
  ///   - threshold: The number of elements in 256 that are dropped.
  package mutating func dropOut(
    images: ArraySlice<Int>, _ layout: MapLayout? = nil, layer: Int, key: RandomKey, threshold: UInt8, scale: Float,
    team: Team = .alone
  ) {
    let layout = layout ?? MapLayout(channels: columns, height: 1, width: 1, pitch: columns)
    precondition(images.count <= rows && layout.count <= stride && layout.spacing == 1)
    precondition(layout.width * layout.pitch % 8 == 0 || layout.height == 1)
    let philoxKey = SIMD2(UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32))
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(images.count, 1)) { states in
      for (row, image) in images.enumerated() {
        let block = Philox.block(
          counter: SIMD4(
            UInt32(truncatingIfNeeded: layer), UInt32(truncatingIfNeeded: image), key.index, key.purpose.rawValue),
          key: philoxKey)
        states.initializeElement(at: row, to: UInt64(block.x) | UInt64(block.y) << 32)
      }
      guard let base = states.baseAddress else { return }
      withWritableRows { rows in
        team(
          .dropout(
            DropoutCall(
              images: images.count, WritableMaps(rows, layout), states: base, threshold: threshold, scale: scale)))
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
