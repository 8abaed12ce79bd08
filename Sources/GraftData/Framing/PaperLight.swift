/// The light on the paper of a picture: the value that each pixel would have without ink.
///
/// A first guess is a quantile in windows of half the picture, on a grid. It is then replaced again and again by the
/// mean of the surrounding pixels with similar values, so that ink and anything beside the sheet lose their influence.
struct PaperLight: Sendable {
  /// The difference of each pixel from the paper; dark ink is above zero.
  let differences: GreyMap
  /// The typical size of the differences: the paper's own grain.
  let grain: Double

  /// - Parameters:
  ///   - picture: Paper brighter than the ink.
  ///   - share: The quantile. A half favours neither dark nor bright ink; more finds bright paper under thick strokes.
  init(of picture: GreyMap, quantile share: Double) {
    var light = PaperLight.guess(picture, share)
    let radius = max(3, picture.longestSide / 10)
    for _ in 0..<PaperLight.rounds {
      let grain = PaperLight.grain(picture, light)
      let tolerance = max(3 * grain, 6)
      var paper = picture
      var isPaper = picture
      for index in picture.values.indices {
        let counts = abs(light[index] - picture.values[index]) < tolerance
        isPaper.values[index] = counts ? 1 : 0
        if !counts { paper.values[index] = 0 }
      }
      let counts = isPaper.sums(radius: radius)
      let sums = paper.sums(radius: radius)
      let whole = Double((2 * radius + 1) * (2 * radius + 1))
      for index in light.indices where counts[index] > whole / 50 { light[index] = sums[index] / counts[index] }
    }
    differences = GreyMap(
      height: picture.height, width: picture.width, values: zip(light, picture.values).map { $0 - $1 })
    grain = PaperLight.grain(picture, light)
  }

  private static let rounds = 4

  /// The standard deviation of a normal distribution with the same median absolute deviation as the differences.
  private static func grain(_ picture: GreyMap, _ light: [Double]) -> Double {
    let sizes = GreyMap(
      height: picture.height, width: picture.width, values: zip(light, picture.values).map { abs($0 - $1) })
    return 1.4826 * sizes.quantile(0.5)
  }

  /// Quantiles of windows around the points of a grid, with linear interpolation between them.
  private static func guess(_ picture: GreyMap, _ share: Double) -> [Double] {
    let radius = max(4, picture.longestSide / 4)
    let rows = points(picture.height)
    let columns = points(picture.width)
    let grid = rows.map { row in
      columns.map { column in
        quantile(picture, around: row, column, radius: radius, share)
      }
    }
    return picture.values.indices.map { index in
      let (y, down) = place(index / picture.width, in: rows)
      let (x, right) = place(index % picture.width, in: columns)
      let (nextY, nextX) = (min(y + 1, rows.count - 1), min(x + 1, columns.count - 1))
      let upper = grid[y][x] * (1 - right) + grid[y][nextX] * right
      let lower = grid[nextY][x] * (1 - right) + grid[nextY][nextX] * right
      return upper * (1 - down) + lower * down
    }
  }

  private static func quantile(
    _ picture: GreyMap, around row: Int, _ column: Int, radius: Int, _ share: Double
  ) -> Double {
    var counts = [Int](repeating: 0, count: 256)
    var count = 0
    for y in max(0, row - radius)..<min(picture.height, row + radius + 1) {
      for x in max(0, column - radius)..<min(picture.width, column + radius + 1) {
        counts[Int(picture[y, x].rounded())] += 1
        count += 1
      }
    }
    var seen = 0
    for (value, number) in counts.enumerated() {
      seen += number
      if Double(seen) > share * Double(count) { return Double(value) }
    }
    return 255
  }

  /// The points of the grid along one side: at most nine from end to end.
  private static func points(_ length: Int) -> [Int] {
    let count = min(length, 9)
    guard count > 1 else { return [0] }
    return (0..<count).map { $0 * (length - 1) / (count - 1) }
  }

  /// The grid point before `position`, and how far it is on the way to the next, 0 to 1.
  private static func place(_ position: Int, in points: [Int]) -> (index: Int, share: Double) {
    let index = max(0, (points.firstIndex { $0 > position } ?? points.count) - 1)
    guard index + 1 < points.count else { return (index, 0) }
    return (index, Double(position - points[index]) / Double(points[index + 1] - points[index]))
  }
}
