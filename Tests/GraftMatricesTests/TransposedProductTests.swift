import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct TransposedProductTests {
  /// 513 and 1,030 rows are summed in two and three blocks.
  @Test(
    "the product over all rows, however many blocks of them",
    arguments: [(1, 3, 2), (40, 17, 33), (513, 5, 48), (1_030, 40, 7)])
  func product(rows: Int, left: Int, right: Int) {
    let (x, y) = (randomMatrix(rows, left, seed: 1), randomMatrix(rows, right, seed: 2))
    let found = Matrix(x).transposedProduct(with: Matrix(y))
    let expected = (0..<left).flatMap { i in
      (0..<right).map { j in (0..<rows).reduce(0.0) { $0 + Double(x[$1][i]) * Double(y[$1][j]) } }
    }
    let layout = PanelLayout(rows: left, columns: right)
    let elements = (0..<left).map { row in (0..<right).map { found[layout.index(row, $0)] } }
    // On the way to a small sum the partial ones reach 10, whose last place is 10⁻⁶.
    #expect(mismatch(elements.flatMap { $0 }, expected, within: 1e-4) == nil)
    let sum = { (values: [Float]) in values.reduce(0.0) { $0 + Double($1) * Double($1) } }
    #expect(mismatch([sum((0..<found.count).map { found[$0] })], [sum(elements.flatMap { $0 })], within: 1e-12) == nil)
  }

  @Test("no rows: zero")
  func empty() {
    let found = Matrix(rows: 0, columns: 3).transposedProduct(with: Matrix(rows: 0, columns: 2))
    #expect((0..<found.count).allSatisfy { found[$0] == 0 })
  }
}
