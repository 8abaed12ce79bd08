import GraftMatrices
import NumericChecks
import Testing

@Suite("The spectrum of a symmetric matrix")
struct SymmetricSpectrumTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let name: String
      let matrix: [[Double]]
      let values: [Double]
      let sides: [[Double]]
      let shift: Double
      let solved: [[Double]]

      var symmetric: SymmetricMatrix {
        var result = SymmetricMatrix(order: matrix.count)
        for row in matrix.indices {
          for column in 0...row { result.set(row, column, to: matrix[row][column]) }
        }
        return result
      }
    }
    let spectra: [Case]
  }
  private let golden: [Golden.Case]

  init() throws { golden = try NumericChecks.Golden.load(Golden.self, from: "transferability").spectra }

  @Test("eigenvalues are NumPy's, repeated and zero ones too")
  func eigenvalues() {
    #expect(golden.count == 12)
    for known in golden {
      let size = known.values.reduce(0) { max($0, abs($1)) }
      let found = SymmetricSpectrum(known.symmetric).values
      #expect(mismatch(found, known.values, within: 1e-14, floor: max(size, 1e-300)) == nil, "\(known.name)")
      #expect(zip(found, found.dropFirst()).allSatisfy { $0 >= $1 }, "\(known.name)")
    }
  }

  /// Bᵀ (A + t I)⁻¹ B does not depend on the choice among equal eigenvectors, and is all that the projections are for.
  @Test("right-hand sides come out in the basis of the eigenvectors")
  func projections() {
    for known in golden {
      let spectrum = SymmetricSpectrum(known.symmetric, rightHandSides: known.sides)
      #expect(spectrum.values == SymmetricSpectrum(known.symmetric).values, "\(known.name)")
      for (a, row) in zip(spectrum.projections, known.solved) {
        let found: [Double] = spectrum.projections.map { b in
          var sum = 0.0
          for (place, value) in spectrum.values.enumerated() { sum += a[place] * b[place] / (value + known.shift) }
          return sum
        }
        let size = max(1 / known.shift, 1e-300)
        #expect(mismatch(found, row, within: 1e-12, floor: size) == nil, "\(known.name)")
      }
      for (side, projection) in zip(known.sides, spectrum.projections) {
        let (before, after) = (square(side), square(projection))
        #expect(abs(before - after) < 1e-13 * before, "\(known.name)")
      }
    }
  }

  private func square(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }

  @Test("a larger one keeps trace and square, and so does one of rank 3")
  func large() {
    for rank in [150, 3] {
      let rows = Matrix(randomMatrix(rank, 120, seed: 5))
      let products = rows.columnProducts(minus: [Double](repeating: 0, count: 120))
      let values = SymmetricSpectrum(products).values
      let all = (0..<120).flatMap { row in (0..<120).map { products[row, $0] } }
      let trace: Double = (0..<120).reduce(0) { $0 + products[$1, $1] }
      let squares = square(all)
      #expect(abs(values.reduce(0, +) - trace) < 1e-12 * trace)
      #expect(abs(square(values) - squares) < 1e-12 * squares)
      #expect(values.count { $0 > 1e-12 * values[0] } == min(rank, 120))
    }
  }

  @Test("nothing has no eigenvalues")
  func empty() {
    #expect(SymmetricSpectrum(SymmetricMatrix(order: 0)).values.isEmpty)
    #expect(SymmetricSpectrum(SymmetricMatrix(order: 0), rightHandSides: [[]]).projections == [[]])
  }
}
