extension AlignedFloats {
  /// Moves the floats of `range` by a share of their way to those of `other`: `x += share · (other - x)`.
  ///
  /// - Parameter range: Whole vectors of 16.
  package mutating func approach(_ other: AlignedFloats, by share: Float, in range: Range<Int>) {
    check(range, other)
    withMutableFloats { own in
      other.withFloats { other in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: AlignedFloats.vectorWidth) {
          let place = UnsafeMutableRawPointer(own + start)
          let value = place.loadUnaligned(as: SIMD16<Float>.self)
          let aim = UnsafeRawPointer(other + start).loadUnaligned(as: SIMD16<Float>.self)
          place.storeBytes(of: value + share * (aim - value), as: SIMD16<Float>.self)
        }
      }
    }
  }

  /// Takes over the floats of `range` from `other`.
  ///
  /// - Parameter range: Whole vectors of 16.
  package mutating func copy(_ range: Range<Int>, of other: AlignedFloats) {
    check(range, other)
    withMutableFloats { own in
      other.withFloats { (own + range.lowerBound).update(from: $0 + range.lowerBound, count: range.count) }
    }
  }

  private func check(_ range: Range<Int>, _ other: AlignedFloats) {
    let width = AlignedFloats.vectorWidth
    precondition(range.lowerBound >= 0 && range.lowerBound.isMultiple(of: width) && range.count.isMultiple(of: width))
    precondition(range.upperBound <= min(storage.capacity, other.storage.capacity))
  }
}
