/// The eigenvalues of a symmetric matrix A = Q Λ Qᵀ, and the right-hand sides B in the basis of its eigenvectors, QᵀB.
///
/// Functions of A need no more: Bᵀ f(A) B = (QᵀB)ᵀ f(Λ) (QᵀB). So the eigenvectors are never assembled, which would be most of
/// the work. Householder's reflections make A tridiagonal (Golub and Van Loan, "Matrix Computations", 4th edition, 2013,
/// algorithm 8.3.1), plane rotations make that diagonal (implicit QL steps with Wilkinson's shift, §8.3.3-8.3.5 from the other
/// end; Martin and Wilkinson, Numerische Mathematik 12, 1968), and each is applied to B at once. The eigenvalues are exact for a
/// matrix that differs from A by a few roundings of its largest eigenvalue, so nothing is known of eigenvalues smaller than that.
package struct SymmetricSpectrum: Sendable {
  /// Eigenvalues, the largest first.
  package let values: [Double]
  /// The part of each right-hand side along each eigenvector, in the order of `values`. The sign is arbitrary, and so is the
  /// basis among equal eigenvalues.
  package let projections: [[Double]]

  /// The spectrum of `matrix`.
  ///
  /// - Parameters:
  ///   - matrix: A matrix of finite numbers.
  ///   - rightHandSides: Vectors as long as the matrix has rows.
  /// - Complexity: O(order³ + order² × right-hand sides).
  package init(_ matrix: SymmetricMatrix, rightHandSides: [[Double]] = []) {
    precondition(rightHandSides.allSatisfy { $0.count == matrix.order })
    let (order, count) = (matrix.order, rightHandSides.count)
    // A row has one component of all right-hand sides: a reflection or rotation passes over whole rows.
    var sides = [Double](repeating: 0, count: order * count)
    for (side, vector) in rightHandSides.enumerated() {
      for (row, value) in vector.enumerated() { sides[row * count + side] = value }
    }
    var tridiagonal = Tridiagonal(order: order)
    var elements = matrix.elements
    elements.withUnsafeMutableBufferPointer { elements in
      sides.withUnsafeMutableBufferPointer { sides in
        tridiagonal.reduce(elements, sides, count)
        tridiagonal.diagonalize(sides, count)
      }
    }
    let diagonal = tridiagonal.diagonal
    let falling = diagonal.indices.sorted { (diagonal[$1], $0) < (diagonal[$0], $1) }
    values = falling.map { diagonal[$0] }
    projections = (0..<count).map { side in falling.map { sides[$0 * count + side] } }
  }
}

private struct Tridiagonal {
  let order: Int
  var diagonal: [Double]
  /// Off-diagonal elements: `beside[i]` stands in row `i`, column `i + 1`; the last one is zero.
  var beside: [Double]

  init(order: Int) {
    self.order = order
    diagonal = [Double](repeating: 0, count: order)
    beside = diagonal
  }

  // MARK: - To tridiagonal form

  /// A reflection H = I - scale · v vᵀ.
  private struct Reflection {
    var scale = 0.0
    /// The first number of the reflected vector; its others are zero.
    var image = 0.0
  }

  /// The reflection that makes all numbers of `x` but the first zero, and its v in `vector` (Golub and Van Loan, algorithm 5.1.1,
  /// with the sign that avoids cancellation).
  private func reflection(of x: UnsafePointer<Double>, _ count: Int, _ vector: UnsafeMutablePointer<Double>)
    -> Reflection
  {
    var square = 0.0
    for place in 1..<max(count, 1) { square += x[place] * x[place] }
    vector.update(from: x, count: count)
    if square == 0 { return Reflection(scale: 0, image: x[0]) }
    let length = (x[0] * x[0] + square).squareRoot()
    let first = x[0] + (x[0] < 0 ? -length : length)
    vector[0] = first
    return Reflection(scale: 2 / (first * first + square), image: x[0] < 0 ? length : -length)
  }

  /// Sets A ← H A H, column by column, and B ← H B.
  ///
  /// A - v wᵀ - w vᵀ is written and multiplied by the next reflection's vector in the same pass over A, because that vector comes
  /// from the first row alone.
  mutating func reduce(
    _ a: UnsafeMutableBufferPointer<Double>, _ sides: UnsafeMutableBufferPointer<Double>, _ count: Int
  ) {
    guard order > 0, let a = a.baseAddress else { return }
    let n = order
    // The current reflection's v and w, and v and A v of the next one.
    let work = UnsafeMutablePointer<Double>.allocate(capacity: 4 * n)
    work.initialize(repeating: 0, count: 4 * n)
    defer { work.deallocate() }
    var (v, next) = (work, work + n)
    let (w, product) = (work + 2 * n, work + 3 * n)
    for step in 0..<n {
      let row = a + step * n
      if step > 0 { for column in step..<n { row[column] -= v[step] * w[column] + w[step] * v[column] } }
      diagonal[step] = row[step]
      let rest = step + 1
      guard rest < n else { break }
      let reflection = reflection(of: row + rest, n - rest, next + rest)
      beside[step] = reflection.image
      for column in rest..<n { product[column] = 0 }
      for j in rest..<n {
        let line = a + j * n
        let (vj, wj, factor) = (v[j], w[j], next[j])
        for column in rest..<n {
          let element = line[column] - (vj * w[column] + wj * v[column])
          line[column] = element
          product[column] += factor * element
        }
      }
      var inner = 0.0
      for column in rest..<n { inner += product[column] * next[column] }
      let half = reflection.scale * reflection.scale * inner / 2
      swap(&v, &next)
      for column in rest..<n { w[column] = reflection.scale * product[column] - half * v[column] }
      if reflection.scale != 0 { reflect(sides, count, v, from: rest, scale: reflection.scale) }
    }
  }

  /// Sets B ← (I - scale · v vᵀ) B.
  private func reflect(
    _ sides: UnsafeMutableBufferPointer<Double>, _ count: Int, _ v: UnsafePointer<Double>, from start: Int,
    scale: Double
  ) {
    for side in 0..<count {
      var sum = 0.0
      for row in start..<order { sum += v[row] * sides[row * count + side] }
      sum *= scale
      for row in start..<order { sides[row * count + side] -= sum * v[row] }
    }
  }

  // MARK: - To diagonal form

  /// Most QL steps for one eigenvalue. No eigenvalue of a matrix of finite numbers takes nearly as many.
  private static let mostSteps = 100

  mutating func diagonalize(_ sides: UnsafeMutableBufferPointer<Double>, _ count: Int) {
    let norm = zip(diagonal, beside).reduce(0) { max($0, abs($1.0) + 2 * abs($1.1)) }
    for first in 0..<order {
      for _ in 0..<Tridiagonal.mostSteps {
        var last = first
        while last + 1 < order && !isNegligible(last, norm) { last += 1 }
        if last == first { break }
        step(first, last, sides, count)
      }
    }
  }

  /// Whether an off-diagonal element counts as zero. Numbers far below the rounding of the whole matrix must count too: between
  /// neighbours that are both nothing but rounding it would not fall below theirs for long.
  private func isNegligible(_ place: Int, _ norm: Double) -> Bool {
    let size = abs(beside[place])
    return size <= 0x1p-53 * (abs(diagonal[place]) + abs(diagonal[place + 1])) || size <= 0x1p-60 * norm
  }

  /// Does one QL step on the uncoupled rows `first...last`: the shift's plane rotation at the lower end, and then the rotations
  /// that chase its bulge to the upper end.
  private mutating func step(
    _ first: Int, _ last: Int, _ sides: UnsafeMutableBufferPointer<Double>, _ count: Int
  ) {
    // Wilkinson's shift: the eigenvalue of the upper 2 × 2 block that is nearer to its first element.
    let slope = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first])
    let root = (slope * slope + 1).squareRoot()
    let shift = diagonal[first] - beside[first] / (slope + (slope < 0 ? -root : root))
    var bulge = diagonal[last] - shift
    var (sine, cosine, carried) = (1.0, 1.0, 0.0)
    for i in stride(from: last - 1, through: first, by: -1) {
      let f = sine * beside[i]
      let b = cosine * beside[i]
      let length = (f * f + bulge * bulge).squareRoot()
      beside[i + 1] = length
      if length == 0 {
        // The block splits here already.
        diagonal[i + 1] -= carried
        beside[last] = 0
        return
      }
      sine = f / length
      cosine = bulge / length
      let g = diagonal[i + 1] - carried
      let r = (diagonal[i] - g) * sine + 2 * cosine * b
      carried = sine * r
      diagonal[i + 1] = g + carried
      bulge = cosine * r - b
      let (upper, lower) = (i * count, (i + 1) * count)
      for side in 0..<count {
        let (x, y) = (sides[upper + side], sides[lower + side])
        sides[lower + side] = sine * x + cosine * y
        sides[upper + side] = cosine * x - sine * y
      }
    }
    diagonal[first] -= carried
    beside[first] = bulge
    beside[last] = 0
  }
}
