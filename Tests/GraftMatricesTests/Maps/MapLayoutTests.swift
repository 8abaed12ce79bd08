import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct MapLayoutTests {
  @Test("pixels lie channel beside channel, apart and away from the edges as asked")
  func places() {
    let layout = MapLayout(channels: 3, height: 2, width: 3, pitch: 4, border: 1, spacing: 2, trailing: 3)
    // Lines of 1 + 5 + 3 positions, columns likewise: 1 + 3 + 3 lines of 9 positions of 4 floats.
    #expect(layout.paddedHeight == 7 && layout.paddedWidth == 9 && layout.count == 7 * 9 * 4)
    #expect(layout.index(0, 0) == 9 * 4 + 4 && layout.index(1, 2) == 3 * 9 * 4 + 5 * 4)
    #expect(MapLayout.pitch(1) == 16 && MapLayout.pitch(16) == 16 && MapLayout.pitch(17) == 32)
    let places = layout.places
    #expect(Set(places).count == 18 && places.max() ?? 0 < layout.count && places.first == layout.index(0, 0))
  }

  @Test("images become maps from sparse and dense rows alike, whatever was there before", arguments: [0, 2])
  func scatter(border: Int) {
    let layout = MapLayout(channels: 3, height: 4, width: 5, pitch: 3, border: border)
    let rows = RandomRows(6, columns: 60, density: 0.4, seed: 1)
    let order = [5, 0, 3]
    for isSparse in [true, false] {
      var maps = Matrix(rows: 4, columns: layout.count)
      for batch in [[1, 2, 4], order] {
        if isSparse {
          maps.scatter(batch[...], of: rows.sparse, to: layout.places)
        } else {
          maps.scatter(batch[...], of: rows.dense, to: layout.places)
        }
      }
      #expect(maps.values(layout, images: 3) == order.flatMap { rows.values[$0] })
      #expect(maps.around(layout, images: 3).allSatisfy { $0 == 0 })
      #expect(maps.selecting(columns: layout.places).nested.prefix(3) == order.map { rows.values[$0] }[...])
    }
  }
}
