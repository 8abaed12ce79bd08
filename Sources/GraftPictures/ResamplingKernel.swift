/// The inner loops of resampling: weighted sums of lines of bytes, and transposes of blocks.
///
/// Both passes are the same sum, over rows for the height and over transposed columns for the width. The sums are of
/// integers, so their order changes no bit. The expressions are those that the compiler turns into the multiplications
/// and byte shuffles of SSE2, which every x86-64 processor has.
enum ResamplingKernel {
  /// Rows of a transposed block, and bytes that are summed at once.
  static let lanes = 16

  /// Writes a weighted sum of lines, clipped to a byte.
  ///
  /// - Parameters:
  ///   - lines: The first line. There must be two for each pair; a line of weight 0 may hold anything.
  ///   - pitch: Bytes from one line to the next.
  ///   - count: Bytes of a line, a multiple of 16.
  @inline(never)
  static func sum(
    _ lines: UnsafePointer<UInt8>, pitch: Int, count: Int, weights: UnsafePointer<ResamplingWeights.Pair>, pairs: Int,
    into output: UnsafeMutablePointer<UInt8>
  ) {
    var start = 0
    while start < count {
      var line = UnsafeRawPointer(lines + start)
      var (high, low) = products(line, pitch, weights[0])
      var pair = 1
      while pair < pairs {
        line += 2 &* pitch
        let (nextHigh, nextLow) = products(line, pitch, weights[pair])
        high.add(nextHigh)
        low.add(nextLow)
        pair &+= 1
      }
      let place = UnsafeMutableRawPointer(output + start)
      let (left, right) = (
        clipped(joined(high.a, low.a), joined(high.b, low.b)), clipped(joined(high.c, low.c), joined(high.d, low.d))
      )
      place.storeBytes(of: left, as: SIMD8<UInt8>.self)
      place.storeBytes(of: right, toByteOffset: 8, as: SIMD8<UInt8>.self)
      start &+= lanes
    }
  }

  /// Transposes 8 columns of 16 rows: each column becomes 16 bytes that lie side by side.
  @inline(never)
  static func transposeRows(_ rows: UnsafePointer<UInt8>, pitch: Int, into columns: UnsafeMutablePointer<UInt8>) {
    let rows = UnsafeRawPointer(rows)
    @inline(__always) func pair(_ row: Int) -> Bytes {
      interleaved(
        (rows + row &* pitch).loadUnaligned(as: UInt64.self),
        (rows + (row &+ 8) &* pitch).loadUnaligned(as: UInt64.self))
    }
    let (a0, a1, a2, a3) = (pair(0), pair(1), pair(2), pair(3))
    let (a4, a5, a6, a7) = (pair(4), pair(5), pair(6), pair(7))
    let ((b0, b1), (b2, b3), (b4, b5), (b6, b7)) = (zipped(a0, a4), zipped(a1, a5), zipped(a2, a6), zipped(a3, a7))
    let ((c0, c1), (c2, c3), (c4, c5), (c6, c7)) = (zipped(b0, b4), zipped(b1, b5), zipped(b2, b6), zipped(b3, b7))
    let ((d0, d1), (d2, d3), (d4, d5), (d6, d7)) = (zipped(c0, c4), zipped(c1, c5), zipped(c2, c6), zipped(c3, c7))
    let columns = UnsafeMutableRawPointer(columns)
    columns.storeBytes(of: d0, as: Bytes.self)
    columns.storeBytes(of: d1, toByteOffset: 16, as: Bytes.self)
    columns.storeBytes(of: d2, toByteOffset: 32, as: Bytes.self)
    columns.storeBytes(of: d3, toByteOffset: 48, as: Bytes.self)
    columns.storeBytes(of: d4, toByteOffset: 64, as: Bytes.self)
    columns.storeBytes(of: d5, toByteOffset: 80, as: Bytes.self)
    columns.storeBytes(of: d6, toByteOffset: 96, as: Bytes.self)
    columns.storeBytes(of: d7, toByteOffset: 112, as: Bytes.self)
  }

  /// Transposes back: 8 columns of 16 bytes become 16 rows of 8.
  @inline(never)
  static func transposeColumns(
    _ columns: UnsafePointer<UInt8>, pitch: Int, into rows: UnsafeMutablePointer<UInt8>, rowPitch: Int
  ) {
    let columns = UnsafeRawPointer(columns)
    @inline(__always) func column(_ index: Int) -> Bytes { bytes(columns + index &* pitch) }
    let ((a0, a1), (a2, a3)) = (zipped(column(0), column(4)), zipped(column(1), column(5)))
    let ((a4, a5), (a6, a7)) = (zipped(column(2), column(6)), zipped(column(3), column(7)))
    let ((b0, b1), (b2, b3), (b4, b5), (b6, b7)) = (zipped(a0, a4), zipped(a1, a5), zipped(a2, a6), zipped(a3, a7))
    let ((c0, c1), (c2, c3), (c4, c5), (c6, c7)) = (zipped(b0, b4), zipped(b1, b5), zipped(b2, b6), zipped(b3, b7))
    let rows = UnsafeMutableRawPointer(rows)
    @inline(__always) func store(_ two: Bytes, _ row: Int) {
      rows.storeBytes(of: two[0], toByteOffset: row &* rowPitch, as: UInt64.self)
      rows.storeBytes(of: two[1], toByteOffset: (row &+ 1) &* rowPitch, as: UInt64.self)
    }
    store(c0, 0)
    store(c1, 2)
    store(c2, 4)
    store(c3, 6)
    store(c4, 8)
    store(c5, 10)
    store(c6, 12)
    store(c7, 14)
  }

  // MARK: Steps

  /// Sixteen bytes as halves, which is how the compiler sees through the shuffles.
  private typealias Bytes = SIMD2<UInt64>

  @inline(__always)
  private static func bytes(_ place: UnsafeRawPointer) -> Bytes { place.loadUnaligned(as: Bytes.self) }

  /// The bytes of two halves by turns.
  @inline(__always)
  private static func interleaved(_ even: UInt64, _ odd: UInt64) -> Bytes {
    let even = SIMD8<UInt16>(truncatingIfNeeded: unsafeBitCast(even, to: SIMD8<UInt8>.self))
    let odd = SIMD8<UInt16>(truncatingIfNeeded: unsafeBitCast(odd, to: SIMD8<UInt8>.self))
    return unsafeBitCast(even | odd &<< 8, to: Bytes.self)
  }

  @inline(__always)
  private static func zipped(_ even: Bytes, _ odd: Bytes) -> (Bytes, Bytes) {
    (interleaved(even[0], odd[0]), interleaved(even[1], odd[1]))
  }

  @inline(__always)
  private static func words(_ bytes: UInt64) -> SIMD8<Int16> {
    SIMD8<Int16>(truncatingIfNeeded: unsafeBitCast(bytes, to: SIMD8<UInt8>.self))
  }

  /// Sixteen sums.
  private struct Sums {
    var a: SIMD4<Int32>
    var b: SIMD4<Int32>
    var c: SIMD4<Int32>
    var d: SIMD4<Int32>

    @inline(__always)
    mutating func add(_ other: Sums) {
      a &+= other.a
      b &+= other.b
      c &+= other.c
      d &+= other.d
    }
  }

  /// The products of two lines with the high and with the low parts of their weights, summed over both lines.
  @inline(__always)
  private static func products(
    _ line: UnsafeRawPointer, _ pitch: Int, _ weights: ResamplingWeights.Pair
  ) -> (high: Sums, low: Sums) {
    let (first, second) = (bytes(line), bytes(line + pitch))
    let left = interleaved(first[0], second[0])
    let right = interleaved(first[1], second[1])
    let (a, b, c, d) = (words(left[0]), words(left[1]), words(right[0]), words(right[1]))
    let (high, low) = (weights.high, weights.low)
    return (
      Sums(a: sumOfPairs(a, high), b: sumOfPairs(b, high), c: sumOfPairs(c, high), d: sumOfPairs(d, high)),
      Sums(a: sumOfPairs(a, low), b: sumOfPairs(b, low), c: sumOfPairs(c, low), d: sumOfPairs(d, low))
    )
  }

  /// Products, and the sum of each even one and the odd one after it.
  @inline(__always)
  private static func sumOfPairs(_ samples: SIMD8<Int16>, _ weights: SIMD8<Int16>) -> SIMD4<Int32> {
    let products = SIMD8<Int32>(truncatingIfNeeded: samples) &* SIMD8<Int32>(truncatingIfNeeded: weights)
    return products.evenHalf &+ products.oddHalf
  }

  /// The nearest integer of a sum, a half upwards.
  @inline(__always)
  private static func joined(_ high: SIMD4<Int32>, _ low: SIMD4<Int32>) -> SIMD4<Int32> {
    let half: Int32 = 1 << Int32(ResamplingAxis.fraction - 1)
    return (high &<< ResamplingWeights.lowBits &+ low &+ half) &>> Int32(ResamplingAxis.fraction)
  }

  @inline(__always)
  private static func clipped(_ left: SIMD4<Int32>, _ right: SIMD4<Int32>) -> SIMD8<UInt8> {
    let sums = SIMD8<Int16>(truncatingIfNeeded: SIMD8<Int32>(lowHalf: left, highHalf: right))
    return SIMD8<UInt8>(truncatingIfNeeded: sums.clamped(lowerBound: .zero, upperBound: SIMD8(repeating: 255)))
  }
}
