import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct NormalizationTests {
  @Test("a byte becomes (byte / 255 - mean) / deviation")
  func table() {
    let unit = Normalization.unit.table
    #expect(unit.count == 256 && unit[0] == 0 && unit[255] == 1 && unit[51] == Float(51) / 255)
    let mnist = Normalization(mean: 0.1307, deviation: 0.3081).table
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
    let expected = choice.pixels.map { choice.normalization.table[Int($0)] }
    #expect(rows.count == choice.pixels.count / 2 && rows.columns == 2)
    switch rows {
    case .sparse(let sparse):
      #expect(choice.isSparse)
      #expect((0..<sparse.rows).flatMap(sparse.dense(row:)) == expected)
    case .dense(let dense):
      #expect(!choice.isSparse)
      #expect(dense.nested.flatMap { $0 } == expected)
    }
  }
}
