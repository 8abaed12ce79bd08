import GraftMatrices

/// The rows and columns of an image that have ink: outside them there is only background, in all channels.
struct Ink: Sendable, Hashable {
  private(set) var rows = 0..<0
  private(set) var columns = 0..<0

  init() {}

  /// - Parameter joined: Scratch memory, at least a byte for each column.
  init(of image: Span<UInt8>, _ shape: ImageShape, columns joined: inout [UInt8]) {
    let width = shape.width
    var joined = joined.mutableSpan
    for column in 0..<width { joined[column] = 0 }
    var (first, last) = (shape.height, -1)
    var (row, from) = (0, 0)
    while from < image.count {
      var any: UInt8 = 0
      for column in 0..<width {
        let byte = image[from &+ column]
        any |= byte
        joined[column] |= byte
      }
      if any != 0 {
        first = min(first, row)
        last = max(last, row)
      }
      from &+= width
      row = row &+ 1 == shape.height ? 0 : row &+ 1
    }
    guard last >= 0 else { return }
    rows = first..<last + 1
    var (left, right) = (0, width)
    while joined[left] == 0 { left &+= 1 }
    while joined[right &- 1] == 0 { right &-= 1 }
    columns = left..<right
  }

  /// Adds the pixels around.
  mutating func grow(in shape: ImageShape) {
    if rows.isEmpty { return }
    rows = max(rows.lowerBound - 1, 0)..<min(rows.upperBound + 1, shape.height)
    columns = max(columns.lowerBound - 1, 0)..<min(columns.upperBound + 1, shape.width)
  }
}
