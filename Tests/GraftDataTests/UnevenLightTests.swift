import GraftMatrices
import Testing

@testable import GraftData

@Suite("Figures on paper that is lit unevenly")
struct UnevenLightTests {
  private static let side = 160

  /// Paper whose light falls by `fall` from one corner to the other, with some grain, and a six drawn on it for each of `places`.
  private func picture(fall: Double, contrast: Double = 0.8, at places: [(row: Int, column: Int)]) -> [UInt8] {
    let side = Self.side
    return (0..<side * side).map { index in
      let (row, column) = (index / side, index % side)
      let grain = Double(index * 7919 % 13) - 6
      let isInk = places.contains { isSix(row - $0.row, column - $0.column) }
      let paper = 215 - fall * Double(row + column) / Double(2 * side - 2)
      return UInt8(max(0, min(255, (isInk ? paper * (1 - contrast) : paper) + grain / 2)))
    }
  }

  /// A ring with a stroke that rises from its left side, 60 high and 40 wide.
  private func isSix(_ row: Int, _ column: Int) -> Bool {
    let (y, x) = (Double(row) - 40, Double(column) - 20)
    let distance = (x * x + y * y).squareRoot()
    return (13..<20).contains(distance) || (0..<40).contains(row) && (0..<7).contains(column)
  }

  private func seen(_ pixels: [UInt8], side: Int = side) -> DigitFraming.Framed {
    DigitFraming.framed(pixels, height: side, width: side, to: .mnist)
  }

  /// The mean difference of the pixels.
  private func difference(_ one: [UInt8], _ other: [UInt8]) -> Double {
    Double(zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(one.count)
  }

  @Test("the light makes no difference, and neither does a pencil", arguments: [0.0, 40, 60, 90, 130], [0.8, 0.25])
  func light(fall: Double, contrast: Double) {
    let even = seen(picture(fall: 0, at: [(60, 30)]))
    let uneven = seen(picture(fall: fall, contrast: contrast, at: [(60, 30)]))
    #expect(even.doubts.isEmpty && uneven.doubts.isEmpty)
    #expect(difference(even.pixels, uneven.pixels) < 6)
    #expect(even.pixels.filter { $0 > 127 }.count > 60)
  }

  @Test("a strip along an edge is left out, dark or bright, thick or thin", arguments: 0..<4, [UInt8(5), 255])
  func strips(edge: Int, value: UInt8) {
    let side = Self.side
    let clean = seen(picture(fall: 60, at: [(60, 60)]))
    for thickness in [4, 20] {
      var pixels = picture(fall: 60, at: [(60, 60)])
      for index in pixels.indices {
        let (row, column) = (index / side, index % side)
        let distance = [row, column, side - 1 - row, side - 1 - column][edge]
        if distance < thickness { pixels[index] = value }
      }
      let striped = seen(pixels)
      #expect(striped.doubts.isEmpty, "\(thickness)")
      #expect(difference(clean.pixels, striped.pixels) < 6, "\(thickness)")
    }
  }

  @Test("chalk on a board is the same figure")
  func chalk() {
    let ink = picture(fall: 60, at: [(60, 60)])
    let chalk = seen(ink.map { 255 - $0 })
    #expect(chalk.doubts.isEmpty && difference(chalk.pixels, seen(ink).pixels) < 12)
  }

  @Test("two figures, wherever they stand, are noticed, and one is not taken for two")
  func several() {
    for places in [[(50, 20), (50, 90)], [(5, 60), (90, 60)], [(5, 10), (90, 100)]] {
      #expect(seen(picture(fall: 40, at: places)).doubts == [.severalFigures], "\(places)")
    }
    for fall in [0.0, 90] { #expect(seen(picture(fall: fall, at: [(40, 90)])).doubts.isEmpty) }
  }

  @Test("an empty sheet, with or without a strip, is said to be one")
  func empty() {
    for fall in [0.0, 90] {
      var sheet = picture(fall: fall, at: [])
      #expect(seen(sheet).doubts == [.nothingDrawn])
      for index in 0..<Self.side * 12 { sheet[index] = 10 }
      #expect(seen(sheet).doubts == [.nothingDrawn])
    }
  }

  @Test("a pattern, a blot and a figure that is cut off are doubtful")
  func doubtful() {
    let side = Self.side
    let pattern = (0..<side * side).map { index in
      let (row, column) = (index / side, index % side)
      return UInt8((row / 9 * 57 + column / 11 * 131) % 7 * 36)
    }
    #expect(!seen(pattern).doubts.isEmpty)
    let blot = (0..<side * side).map { index in
      let (y, x) = (Double(index / side) - 80, Double(index % side) - 80)
      return UInt8((x * x + y * y).squareRoot() < 40 ? 30 : 220)
    }
    #expect(seen(blot).doubts.contains(.blot))
    #expect(seen(picture(fall: 0, at: [(110, 60)])).doubts.contains(.cutOff))
  }
}
