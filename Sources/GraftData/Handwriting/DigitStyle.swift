/// A stroke of the pen: control points in a box of 1 × 1, x to the right and y down.
///
/// A stroke has two forms with the same number of points; the written stroke lies between them, or a little beyond.
struct PenStroke: Sendable {
  /// Coordinates of the first form, x and y in turn.
  let from: [Float]
  let to: [Float]
  /// Indices of the points at which the curve breaks; between two neighbouring ones the pen goes straight.
  let corners: [Int]

  init(_ from: [Float], _ to: [Float], corners: [Int] = []) {
    precondition(from.count == to.count && from.count.isMultiple(of: 2))
    self.from = from
    self.to = to
    self.corners = corners
  }

  var count: Int { from.count / 2 }
}

/// One way of writing a digit.
struct DigitStyle: Sendable {
  /// Frequency, relative to the digit's other styles.
  let share: Int
  let strokes: [PenStroke]

  init(_ share: Int, _ strokes: PenStroke...) {
    self.share = share
    self.strokes = strokes
  }
}
