import Foundation
import GraftMatrices
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

private struct Similarities: Decodable {
  struct Case: Decodable {
    let name: String
    let x: [[Float]]
    let y: [[Float]]
    let value: Double
  }
  let cases: [Case]
}

@Suite struct LinearCKATests {
  /// Features as networks have them: rectified, some units dead, images alike in a few directions.
  private func features(_ images: Int, _ units: Int, seed: UInt64) -> [[Float]] {
    let causes = randomMatrix(images, 6, seed: seed)
    let weights = randomMatrix(6, units, seed: seed + 1_000)
    return causes.map { cause in
      (0..<units).map { unit in max(0, (0..<6).reduce(0) { $0 + cause[$1] * weights[$1][unit] }) }
    }
  }

  /// `x` times an orthogonal matrix: one reflection after another, I - 2vvᵀ / vᵀv, in `Double`.
  private func rotated(_ x: [[Float]], seed: UInt64) -> [[Float]] {
    let units = x[0].count
    let axes = randomMatrix(units, units, seed: seed).map { $0.map(Double.init) }
    return x.map { row in
      var row = row.map(Double.init)
      for axis in axes {
        let along = zip(row, axis).reduce(0) { $0 + $1.0 * $1.1 } / axis.reduce(0) { $0 + $1 * $1 }
        for unit in 0..<units { row[unit] -= 2 * along * axis[unit] }
      }
      return row.map { Float($0) }
    }
  }

  @Test("values are NumPy's, whichever side is smaller, either way round")
  func golden() throws {
    let golden = try Golden.load(Similarities.self, from: "similarity")
    #expect(golden.cases.count == 13)
    for known in golden.cases {
      let found = try #require(LinearCKA.value(Matrix(known.x), Matrix(known.y)), "\(known.name)")
      #expect(abs(found - known.value) < 1e-6, "\(known.name): \(found), not \(known.value)")
      let reversed = try #require(LinearCKA.value(Matrix(known.y), Matrix(known.x)))
      #expect(abs(reversed - found) < 1e-12, "\(known.name)")
    }
  }

  @Test("features are exactly as alike as can be to themselves", arguments: [(50, 12), (12, 50), (30, 30), (2, 1)])
  func itself(images: Int, units: Int) {
    let x = Matrix(features(images, units, seed: 1))
    #expect(LinearCKA.value(x, x) == 1)
  }

  @Test("a rotation, a scale and a shift change nothing", arguments: [(90, 24), (20, 60), (1_100, 16)])
  func invariance(images: Int, units: Int) throws {
    let (x, y) = (features(images, units, seed: 2), features(images, units / 2, seed: 3))
    let expected = try #require(LinearCKA.value(Matrix(x), Matrix(y)))
    #expect(expected > 0 && expected < 0.9)
    let changes: [(String, [[Float]])] = [
      ("rotated", rotated(x, seed: 4)), ("scaled", x.map { $0.map { -37.3 * $0 } }),
      ("tiny", x.map { $0.map { 1e-25 * $0 } }), ("huge", x.map { $0.map { 1e30 * $0 } }),
      ("shifted", x.map { row in row.indices.map { row[$0] + Float($0 % 5) } }),
    ]
    for (name, changed) in changes {
      let found = try #require(LinearCKA.value(Matrix(changed), Matrix(y)), "\(name)")
      #expect(abs(found - expected) < 1e-6, "\(name): \(found), not \(expected)")
      let same = try #require(LinearCKA.value(Matrix(changed), Matrix(x)))
      #expect(abs(same - 1) < 1e-6, "\(name): \(same)")
    }
  }

  @Test("a scale of a single unit is no isotropic one")
  func anisotropy() throws {
    let x = features(60, 8, seed: 5)
    let stretched = x.map { row in row.indices.map { $0 == 2 ? 20 * row[$0] : row[$0] } }
    #expect(try #require(LinearCKA.value(Matrix(x), Matrix(stretched))) < 0.99)
  }

  @Test("units that never fire, or always alike, do not count")
  func deadUnits() throws {
    let (x, y) = (features(40, 10, seed: 6), Matrix(features(40, 7, seed: 7)))
    let withDead = x.map { $0 + [0, 0.1, 1e6] }
    let expected = try #require(LinearCKA.value(Matrix(x), y))
    #expect(abs(try #require(LinearCKA.value(Matrix(withDead), y)) - expected) < 1e-7)
  }

  @Test("all units of rank-1 features say the same: one unit is enough")
  func rankOne() throws {
    let x = features(25, 1, seed: 8)
    let spread = x.map { row in [1, -2, 0.5, 4].map { $0 * row[0] } }
    #expect(abs(try #require(LinearCKA.value(Matrix(x), Matrix(spread))) - 1) < 1e-6)
  }

  @Test("features that do not vary are like nothing")
  func constant() {
    let x = Matrix(features(9, 4, seed: 9))
    let constant = Matrix(Array(repeating: [0.1, 7, -3e5], count: 9))
    #expect(!CenteredFeatures(constant).vary && CenteredFeatures(x).vary)
    #expect(LinearCKA.value(x, constant) == nil && LinearCKA.value(constant, x) == nil)
    #expect(LinearCKA.value(constant, constant) == nil)
    #expect(LinearCKA.value(Matrix([[1, 2]]), Matrix([[3, 4, 5]])) == nil, "one image")
    #expect(LinearCKA.value(Matrix(rows: 0, columns: 3), Matrix(rows: 0, columns: 3)) == nil, "no image")
    #expect(LinearCKA.value(x, Matrix(rows: 9, columns: 0)) == nil, "no unit")
  }

  @Test("features that are no finite numbers are like nothing", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) {
    var x = Matrix(features(9, 4, seed: 10))
    let y = x
    x[3, 2] = value
    #expect(LinearCKA.value(x, y) == nil && LinearCKA.value(x, x) == nil)
  }

  @Test("centred once, compared often: the same values")
  func keptFeatures() {
    let x = Matrix(features(30, 12, seed: 11))
    let others = [(30, 5), (30, 80)].map { Matrix(features($0, $1, seed: 12)) }
    let kept = CenteredFeatures(x)
    for other in others {
      #expect(kept.similarity(to: CenteredFeatures(other)) == LinearCKA.value(x, other))
    }
  }
}
