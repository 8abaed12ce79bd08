/// A connected area of ink: pixels that touch each other, corners included.
struct InkPatch: Sendable {
  /// Indices of its pixels, row by row in the picture.
  private(set) var pixels: [Int] = []
  private(set) var rows = Int.max...Int.max
  private(set) var columns = Int.max...Int.max
  /// The sum of the ink of its pixels.
  private(set) var mass = 0.0

  var height: Int { rows.count }
  var width: Int { columns.count }
  var longestSide: Int { max(height, width) }

  func touchesBorder(of map: GreyMap) -> Bool {
    rows.lowerBound == 0 || columns.lowerBound == 0 || rows.upperBound == map.height - 1
      || columns.upperBound == map.width - 1
  }

  /// Whether it runs along most of one edge, as the table beside a sheet does.
  func linesEdge(of map: GreyMap) -> Bool {
    var (top, bottom, left, right) = (0, 0, 0, 0)
    for pixel in pixels {
      let (row, column) = (pixel / map.width, pixel % map.width)
      if row == 0 { top += 1 }
      if row == map.height - 1 { bottom += 1 }
      if column == 0 { left += 1 }
      if column == map.width - 1 { right += 1 }
    }
    return max(top, bottom) * 10 > 6 * map.width || max(left, right) * 10 > 6 * map.height
  }

  /// Number of empty pixels between the boxes of both, along the direction in which they are farther apart.
  func gap(to other: InkPatch) -> Int {
    func between(_ one: ClosedRange<Int>, _ two: ClosedRange<Int>) -> Int {
      max(0, max(one.lowerBound, two.lowerBound) - min(one.upperBound, two.upperBound) - 1)
    }
    return max(between(rows, other.rows), between(columns, other.columns))
  }

  /// Finds all patches of at least `threshold`, in the order of their first pixels.
  static func all(in map: GreyMap, from threshold: Double) -> [InkPatch] {
    var isSeen = map.values.map { $0 < threshold }
    var patches: [InkPatch] = []
    var open: [Int] = []
    for start in isSeen.indices where !isSeen[start] {
      var patch = InkPatch()
      isSeen[start] = true
      open.append(start)
      while let pixel = open.popLast() {
        patch.add(pixel, of: map)
        let (row, column) = (pixel / map.width, pixel % map.width)
        for y in max(0, row - 1)...min(map.height - 1, row + 1) {
          for x in max(0, column - 1)...min(map.width - 1, column + 1) where !isSeen[y * map.width + x] {
            isSeen[y * map.width + x] = true
            open.append(y * map.width + x)
          }
        }
      }
      patches.append(patch)
    }
    return patches
  }

  private mutating func add(_ pixel: Int, of map: GreyMap) {
    let (row, column) = (pixel / map.width, pixel % map.width)
    if pixels.isEmpty {
      (rows, columns) = (row...row, column...column)
    } else {
      rows = min(rows.lowerBound, row)...max(rows.upperBound, row)
      columns = min(columns.lowerBound, column)...max(columns.upperBound, column)
    }
    pixels.append(pixel)
    mass += map.values[pixel]
  }
}

extension GreyMap {
  /// Marks the pixels of `patches`, and those up to `reach` pixels beside them.
  func mark(_ patches: [InkPatch], reach: Int, in marks: inout [Bool]) {
    for pixel in patches.lazy.flatMap(\.pixels) {
      let (row, column) = (pixel / width, pixel % width)
      for y in max(0, row - reach)...min(height - 1, row + reach) {
        for x in max(0, column - reach)...min(width - 1, column + reach) { marks[y * width + x] = true }
      }
    }
  }
}
