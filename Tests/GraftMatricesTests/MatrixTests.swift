import GraftMatrices
import NumericChecks
import Testing

@Suite struct MatrixTests {
  @Test("rows are an odd number of cache lines apart", arguments: [1, 16, 17, 32, 33, 500, 784])
  func rowDistance(columns: Int) {
    let matrix = Matrix(rows: 3, columns: columns)
    #expect(matrix.stride >= columns && matrix.stride % 32 == 16)
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

  @Test("sparse rows say the same as the dense ones they came from")
  func sparseRows() {
    let rows = RandomRows(9, columns: 23, density: 0.3, seed: 4)
    #expect(rows.sparse.rows == 9 && rows.sparse.columns == 23)
    #expect((0..<9).map { rows.sparse.dense(row: $0) } == rows.values)
    let lit = rows.values.reduce(0) { $0 + $1.count { $0 != 0 } }
    #expect(rows.sparse.density == Double(lit) / (9 * 23))
    #expect(SparseRows(columns: 4).density == 0)
  }

  @Test("columns' sums and sums of squares are added, without the padding")
  func moments() {
    var sums = [1.0, 0, 0]
    var squares = [0.0, 0, 1]
    Matrix([[1, 2, 3], [-3, 0.5, 0]]).addMoments(to: &sums, squares: &squares)
    #expect(sums == [-1, 2.5, 3] && squares == [10, 4.25, 10])
  }

  @Test("sparse rows from bytes go through the table")
  func sparseBytes() {
    var rows = SparseRows(columns: 4)
    let table = (0..<256).map { Float($0) / 255 }
    rows.append(bytes: [9, 0, 255, 51, 0, 9][1..<5], through: table)
    rows.append(bytes: [0, 0, 0, 0], through: table)
    #expect(rows.dense(row: 0) == [0, 1, 0.2, 0] && rows.dense(row: 1) == [0, 0, 0, 0])
  }

  @Test("lit bytes are counted, whatever their number and value", arguments: [0, 1, 7, 8, 9, 64, 1001])
  func litCount(size: Int) {
    var stream = RandomStream(RandomKey(seed: 5, purpose: .share))
    let bytes = (0..<size).map { _ in [UInt8](arrayLiteral: 0, 0, 1, 127, 128, 255)[stream.integer(below: 6)] }
    #expect(SparseRows.litCount(of: bytes) == bytes.count { $0 != 0 })
  }
}
