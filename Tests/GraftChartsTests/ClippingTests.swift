import Testing

@testable import GraftCharts

@Suite struct ClippingTests {
  let box = ChartBox(x: 0, y: 0, width: 10, height: 10)

  private func points(_ pairs: [(Double, Double)]) -> [ChartPoint] { pairs.map { ChartPoint(x: $0.0, y: $0.1) } }

  @Test func aLineIsCutWhereItLeaves() {
    let parts = box.clipped(line: points([(-5, 5), (5, 5), (5, 20), (8, 20), (8, 2)]))
    #expect(parts == [points([(0, 5), (5, 5), (5, 10)]), points([(8, 10), (8, 2)])])
  }

  @Test func whatLiesInsideStaysAsItIs() {
    let line = points([(0, 0), (10, 10), (10, 0), (3, 3)])
    #expect(box.clipped(line: line) == [line])
    #expect(box.clipped(line: points([(11, 11)])).isEmpty)
    #expect(box.clipped(line: points([(10, 10)])).count == 1)
  }

  @Test func aPolygonKeepsItsInnerPart() {
    let cut = box.clipped(polygon: points([(-5, 2), (5, 2), (5, 4), (-5, 4)]))
    #expect(Set(cut) == Set(points([(0, 2), (5, 2), (5, 4), (0, 4)])))
    #expect(box.meets(polygon: points([(-5, -5), (20, -5), (20, 20), (-5, 20)])))
    #expect(!box.meets(polygon: points([(11, 0), (12, 0), (12, 5)])))
  }
}
