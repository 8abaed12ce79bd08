import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct NormalizationTests {
  @Test("a byte becomes (byte / 255 - mean) / deviation")
  func table() {
    let unit = Normalization.unit.tables
    #expect(unit.count == 256 && unit[0] == 0 && unit[255] == 1 && unit[51] == Float(51) / 255)
    let mnist = Normalization(mean: 0.1307, deviation: 0.3081).tables
    #expect(mismatch(mnist, (0..<256).map { (Double($0) / 255 - 0.1307) / 0.3081 }, within: 1e-6) == nil)
  }

  struct Choice: Sendable {
    let pixels: [UInt8]
    let normalization: Normalization
    let isSparse: Bool
  }

  @Test(
    "rows are sparse where at most three in five of their numbers are not zero",
    arguments: [
      Choice(pixels: [0, 0, 9, 9], normalization: .unit, isSparse: true),
      Choice(pixels: [0, 1, 9, 9], normalization: .unit, isSparse: false),
      Choice(pixels: [0, 0, 0, 0], normalization: .unit, isSparse: true),
      Choice(pixels: [0, 0, 0, 0], normalization: Normalization(mean: 0.5), isSparse: false),
      Choice(pixels: [0, 0, 0, 200], normalization: Normalization(deviation: 0.25), isSparse: true),
      Choice(pixels: [], normalization: .unit, isSparse: true),
    ])
  func density(choice: Choice) {
    let rows = choice.normalization.rows(choice.pixels, columns: 2)
    let expected = choice.pixels.map { choice.normalization.tables[Int($0)] }
    #expect(rows.count == choice.pixels.count / 2 && rows.columns == 2)
    switch rows {
    case .sparse(let sparse):
      #expect(choice.isSparse)
      #expect((0..<sparse.rows).flatMap(sparse.dense(row:)) == expected)
    case .bytes(let bytes):
      #expect(!choice.isSparse)
      #expect(bytes.matrix.nested.flatMap { $0 } == expected)
    case .dense: Issue.record("images are never kept as numbers")
    }
  }

  @Test("each channel has its own mean and deviation, and equal ones have one description")
  func channels() {
    let normalization = Normalization(means: [0.5, 0, 0.25], deviations: [0.5, 1, 0.125])
    #expect(normalization.tables.count == 768 && !normalization.keepsZero)
    let rows = normalization.rows([0, 255, 51, 102, 0, 255, 255, 255, 0, 0, 0, 0], columns: 6)
    guard case .bytes(let bytes) = rows else {
      Issue.record("expected rows of bytes")
      return
    }
    let expected: [[Double]] = [[-1, 1, 0.2, 0.4, -2, 6], [1, 1, 0, 0, -2, -2]]
    #expect(mismatch(bytes.matrix.nested.flatMap { $0 }, expected.flatMap { $0 }, within: 1e-6) == nil)
    #expect(bytes.prefix(1).matrix.nested == [bytes.matrix.nested[0]])
    #expect(Normalization(means: [0.5, 0.5], deviations: [2, 2]) == Normalization(mean: 0.5, deviation: 2))
    #expect(normalization.fits(channels: 3) && !normalization.fits(channels: 1) && Normalization.unit.fits(channels: 3))
  }
}
