/// A symmetric matrix of Doubles.
package struct SymmetricMatrix: Sendable, Hashable {
  package let order: Int
  /// All elements, row by row.
  private(set) var elements: [Double]

  /// A matrix of zeros.
  package init(order: Int) {
    precondition(order >= 0)
    self.order = order
    elements = [Double](repeating: 0, count: order * order)
  }

  package subscript(row: Int, column: Int) -> Double {
    precondition(row >= 0 && row < order && column >= 0 && column < order)
    return elements[row * order + column]
  }

  /// Sets an element and its mirror image.
  package mutating func set(_ row: Int, _ column: Int, to value: Double) {
    precondition(row >= 0 && row < order && column >= 0 && column < order)
    elements[row * order + column] = value
    elements[column * order + row] = value
  }

  /// Adds `scale · vector · vectorᵀ`.
  package mutating func addSquare(of vector: [Double], times scale: Double) {
    precondition(vector.count == order)
    for row in 0..<order {
      let factor = scale * vector[row]
      // The same two numbers are multiplied on both sides of the diagonal, so it stays symmetric to the bit.
      for column in 0...row { set(row, column, to: self[row, column] + factor * vector[column]) }
    }
  }
}
