/// A hash of a picture that stays nearly the same if the picture is resized, compressed or made a little brighter.
///
/// The difference hash of N. Krawetz ("Kind of Like That", 2013), in both directions: of the picture resampled to 9 × 9
/// greys, a bit tells whether a grey is brighter than its left neighbour, and another whether it is brighter than the
/// one above. Differences of 1 count as none, so that noise in flat areas sets no bits.
///
/// The bits lie in eight parts of sixteen. If two hashes differ in at most seven bits, one part is equal in both: that
/// is how near ones are found without comparing all pairs. A part has two bits of each row, in columns far apart,
/// so that the black edges of digits do not fill one part with zeros.
struct DifferenceHash: Sendable, Hashable {
  /// Rows and columns of the greys.
  static let side = 9
  /// Differences in one direction, and in both.
  static let differences = 128
  static let parts = 8

  let low: UInt64
  let high: UInt64

  /// - Parameter differences: Those that `differences(of:)` computes.
  init(_ differences: some RandomAccessCollection<Int16>) {
    var words: (UInt64, UInt64) = (0, 0)
    for (place, difference) in differences.enumerated() where difference > 1 {
      let (direction, row, column) = (place >> 6, (place >> 3) & 7, place & 7)
      let part = (3 * row + column) & 7
      let bit = 1 << UInt64((part & 3) << 4 | direction << 3 | row) as UInt64
      if part < 4 { words.0 |= bit } else { words.1 |= bit }
    }
    (low, high) = words
  }

  /// The differences of neighbours: 8 × 8 from left to right, then 8 × 8 downwards.
  ///
  /// - Parameter greys: [9 × 9].
  static func differences(of greys: ArraySlice<UInt8>) -> [Int16] {
    let first = greys.startIndex
    func grey(_ row: Int, _ column: Int) -> Int16 { Int16(greys[first + row * side + column]) }
    return [Int16](unsafeUninitializedCapacity: differences) { differences, count in
      for row in 0..<8 {
        for column in 0..<8 {
          differences[row << 3 | column] = grey(row, column + 1) - grey(row, column)
          differences[64 | row << 3 | column] = grey(row + 1, column) - grey(row, column)
        }
      }
      count = DifferenceHash.differences
    }
  }

  /// Number of bits that differ.
  func distance(to other: DifferenceHash) -> Int {
    (low ^ other.low).nonzeroBitCount + (high ^ other.high).nonzeroBitCount
  }

  /// One of the eight parts, 0 to 65535.
  func part(_ index: Int) -> Int {
    Int(truncatingIfNeeded: (index < 4 ? low : high) >> UInt64((index & 3) << 4)) & 0xffff
  }
}
