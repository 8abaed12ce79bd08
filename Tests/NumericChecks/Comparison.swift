/// Where two lists of numbers part. Tests say `#expect(mismatch(found, expected, within: 1e-6) == nil)`, and a failure
/// prints this.
package struct Mismatch: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

/// The worst place where `found` and `expected` differ by more than `tolerance` times the expected size, or times
/// `floor` where that is larger. Counts are compared first; a NaN agrees with nothing.
package func mismatch<Found: BinaryFloatingPoint, Expected: BinaryFloatingPoint>(
  _ found: [Found], _ expected: [Expected], within tolerance: Double, floor: Double = 1
) -> Mismatch? {
  guard found.count == expected.count else { return differentCounts(found.count, expected.count) }
  var worst: (index: Int, error: Double)?
  for index in found.indices {
    let (a, b) = (Double(found[index]), Double(expected[index]))
    let difference = abs(a - b) / max(floor, abs(b))
    let error = difference.isNaN ? .infinity : difference
    if a != b, error > tolerance, error > worst?.error ?? 0 { worst = (index, error) }
  }
  return worst.map { index, error in
    Mismatch(
      description: "at \(index) of \(found.count): found \(found[index]), expected \(expected[index]), error \(error)")
  }
}

/// The first place where the bits differ.
package func mismatchInBits(_ found: [Float], _ expected: [Float]) -> Mismatch? {
  guard found.count == expected.count else { return differentCounts(found.count, expected.count) }
  return found.indices.first { found[$0].bitPattern != expected[$0].bitPattern }.map { index in
    Mismatch(
      description: "at \(index) of \(found.count): found \(found[index]), expected the bits of \(expected[index])")
  }
}

private func differentCounts(_ found: Int, _ expected: Int) -> Mismatch {
  Mismatch(description: "found \(found) numbers, expected \(expected)")
}

/// How far `found` is from the exact value, in units of the last place of a `Float` of that size.
package func ulps(_ found: Float, from exact: Double) -> Double {
  let nearest = Float(exact)
  return found == nearest ? 0 : abs(Double(found) - exact) / Double(nearest.ulp)
}
