import GraftMatrices
import NumericChecks
import Testing

@Suite("Products of a matrix with itself, in Double")
struct GramTests {
  private static func differences(_ rows: [[Float]], _ shift: [Double]) -> [[Double]] {
    rows.map { row in zip(row, shift).map { Double($0) - $1 } }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += x * y }
    return sum
  }

  private static func square(_ a: [Double]) -> Double { dot(a, a) }

  private static func products(_ rows: [[Double]]) -> [[Double]] {
    rows.map { a in rows.map { b in dot(a, b) } }
  }

  private static func transposed(_ rows: [[Double]]) -> [[Double]] {
    (rows.first ?? []).indices.map { column in rows.map { $0[column] } }
  }

  private func elements(_ matrix: SymmetricMatrix) -> [Double] {
    (0..<matrix.order).flatMap { row in (0..<matrix.order).map { matrix[row, $0] } }
  }

  @Test(
    "columns and rows are those of the plain sums",
    arguments: [(1, 1), (3, 5), (16, 16), (64, 17), (65, 33), (130, 40), (17, 130)])
  func products(rows: Int, columns: Int) {
    let values = randomMatrix(rows, columns, seed: 8)
    let shift = (0..<columns).map { Double($0) / 7 - 1 }
    let differences = GramTests.differences(values, shift)
    for team in [Team.alone, Team(size: 3, smallestPart: 1)] {
      let byColumns = elements(Matrix(values).columnProducts(minus: shift, team: team))
      let byRows = elements(Matrix(values).rowProducts(minus: shift, team: team))
      let expected = GramTests.products(GramTests.transposed(differences)).flatMap { $0 }
      #expect(mismatch(byColumns, expected, within: 1e-14, floor: Double(rows)) == nil)
      #expect(
        mismatch(byRows, GramTests.products(differences).flatMap { $0 }, within: 1e-14, floor: Double(columns)) == nil)
    }
  }

  @Test("both builds of the kernels and teams of any size give the same bits")
  func bits() {
    let matrix = Matrix(randomMatrix(150, 70, seed: 9))
    let shift = (0..<70).map { Double($0) / 11 }
    let expected = matrix.columnProducts(minus: shift)
    for processor in Processor.allCases where processor.isAvailable {
      for size in [1, 2, 3] {
        let team = Team(size: size, processor: processor, smallestPart: 1)
        #expect(matrix.columnProducts(minus: shift, team: team) == expected, "\(processor), \(size)")
      }
    }
  }

  @Test("a matrix without columns or rows has no products")
  func empty() {
    #expect(Matrix(rows: 3, columns: 0).columnProducts(minus: []).order == 0)
    #expect(Matrix(rows: 0, columns: 2).rowProducts(minus: [0, 0]).order == 0)
    #expect(elements(Matrix(rows: 0, columns: 2).columnProducts(minus: [1, 1])) == [0, 0, 0, 0])
  }

  @Test("sums of groups are of differences from the origin, and constant columns give zeros to the bit")
  func groups() {
    let matrix = Matrix([[0.1, 1], [0.1, 2], [0.1, 5], [0.1, -1]])
    let sums = matrix.sums(ofGroups: [2, 0, 2, 0], count: 3, minus: matrix.doubles(ofRow: 1))
    #expect(sums == [[0, -3], [0, 0], [0, 2]])
  }

  @Test("distances are those of the differences")
  func distances() {
    let rows = randomMatrix(7, 19, seed: 10)
    let centres = (randomMatrix(3, 19, seed: 11) + [rows[2]]).map { $0.map { Double($0) } }
    let found = Matrix(rows).squaredDistances(to: centres)
    let expected: [Double] = rows.flatMap { row in
      centres.map { centre in GramTests.square(GramTests.differences([row], centre)[0]) }
    }
    #expect(mismatch(found, expected, within: 1e-14) == nil)
    #expect(found[2 * 4 + 3] == 0)
  }
}
