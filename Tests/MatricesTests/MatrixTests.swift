import Matrices
import NumericChecks
import Testing

@Suite struct MatrixTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let rows: Int
    let columns: Int
    let stride: Int
    let footprint: Int
    var testDescription: String { "\(rows) x \(columns)" }
  }

  @Test(
    "rows are padded to 16 or to tiles of 32",
    arguments: [
      Shape(rows: 2, columns: 1, stride: 16, footprint: 32), Shape(rows: 2, columns: 16, stride: 16, footprint: 32),
      Shape(rows: 3, columns: 17, stride: 32, footprint: 128), Shape(rows: 4, columns: 32, stride: 32, footprint: 128),
      Shape(rows: 784, columns: 500, stride: 512, footprint: 401_408),
    ])
  func layout(shape: Shape) {
    let layout = MatrixLayout(offset: 48, rows: shape.rows, columns: shape.columns)
    #expect(layout.stride == shape.stride && layout.footprint == shape.footprint)
    #expect(layout.index(1, 0) == 48 + shape.stride && layout.index(0, shape.columns - 1) == 47 + shape.columns)
  }

  @Test("what was written is read again, and copies are apart")
  func elements() {
    let values = randomMatrix(5, 33, seed: 1)
    var matrix = Matrix(values)
    let copy = matrix
    #expect(matrix.rows == 5 && matrix.columns == 33 && matrix.nested == values)
    matrix[4, 32] = 100
    #expect(matrix[4, 32] == 100 && copy.nested == values && matrix != copy)
  }

  @Test("gathering takes rows in the order asked for, one more than once if asked")
  func gather() {
    let values = randomMatrix(6, 17, seed: 2)
    var matrix = Matrix(rows: 5, columns: 17)
    matrix.gather([9, 4, 0, 4, 9].map { $0 % 6 }[1...], of: Matrix(values))
    #expect(Array(matrix.nested.prefix(4)) == [4, 0, 4, 3].map { values[$0] })
    #expect(matrix.nested[4].allSatisfy { $0 == 0 })
  }

  @Test("rows are copied to where they were asked for")
  func copyRows() {
    let values = randomMatrix(3, 20, seed: 3)
    var matrix = Matrix(rows: 6, columns: 20)
    matrix.copyRows(2, of: Matrix(values), to: 3)
    let zeros = [Float](repeating: 0, count: 20)
    #expect(matrix.nested == [zeros, zeros, zeros, values[0], values[1], zeros])
  }

  @Test("the rectifier keeps positive numbers, its gradient none at zero", arguments: [1, 2, 3])
  func rectifier(rows: Int) {
    let values: [[Float]] = [[-1, 0, 2], [3, -0.0, -4], [0.5, -2, 1e-30]]
    var output = Matrix(rows: 3, columns: 3)
    output.rectify(Matrix(values), rows: rows)
    let expected = values.prefix(rows).map { $0.map { max($0, 0) } }
    #expect(Array(output.nested.prefix(rows)) == expected)
    #expect(output.nested.dropFirst(rows).allSatisfy { $0 == [0, 0, 0] })
    var gradient = Matrix(rows: 3, columns: 3)
    gradient.rectifyGradient(Matrix([[7, 7, 7], [8, 8, 8], [9, 9, 9]]), where: Matrix(values), rows: rows)
    #expect(Array(gradient.nested.prefix(rows)) == Array([[0, 0, 7], [8, 0, 0], [9, 0, 9]].prefix(rows)))
  }

  @Test("sparse rows say the same as the dense ones they came from")
  func sparseRows() {
    let rows = RandomRows(9, columns: 23, density: 0.3, seed: 4)
    #expect(rows.sparse.rows == 9 && rows.sparse.columns == 23)
    #expect((0..<9).map { rows.sparse.dense(row: $0) } == rows.values)
    let lit = rows.values.reduce(0) { $0 + $1.count { $0 != 0 } }
    #expect(rows.sparse.density == Double(lit) / (9 * 23))
    #expect(SparseRows(columns: 4).density == 0)
  }

  @Test("sparse rows from bytes go through the table")
  func sparseBytes() {
    var rows = SparseRows(columns: 4)
    let table = (0..<256).map { Float($0) / 255 }
    rows.append(bytes: [9, 0, 255, 51, 0, 9][1..<5], through: table)
    rows.append(bytes: [0, 0, 0, 0], through: table)
    #expect(rows.dense(row: 0) == [0, 1, 0.2, 0] && rows.dense(row: 1) == [0, 0, 0, 0])
  }
}
