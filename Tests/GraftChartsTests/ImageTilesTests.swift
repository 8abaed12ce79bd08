import GraftCharts
import GraftFiles
import Testing

@Suite struct ImageTilesTests {
  @Test func numbersLieAroundTheMidGrey() {
    #expect(PNGImage.signedBytes([0, 2, -2, 1, -1, 9, -9], largest: 2) == [128, 255, 1, 192, 64, 255, 1])
    #expect(PNGImage.signedBytes([0, 0], largest: 0) == [128, 128])
  }
}
