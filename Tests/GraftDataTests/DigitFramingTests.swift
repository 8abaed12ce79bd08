import GraftData
import GraftFiles
import GraftMatrices
import Testing

@Suite("Pictures of any size, framed as MNIST's")
struct DigitFramingTests {
  static let shape = ImageShape(height: 28, width: 28)

  /// A ring with a tail, drawn in `ink` on `paper`.
  private func picture(_ height: Int, _ width: Int, at top: Int, _ left: Int, ink: UInt8, paper: UInt8) -> [UInt8] {
    var pixels = [UInt8](repeating: paper, count: height * width)
    for row in 0..<60 {
      for column in 0..<40 {
        let (y, x) = (Double(row) - 19.5, Double(column) - 19.5)
        let distance = (x * x + y * y).squareRoot()
        let isTail = row > 20 && (30..<36).contains(column)
        if (13..<20).contains(distance) || isTail { pixels[(top + row) * width + left + column] = ink }
      }
    }
    return pixels
  }

  private func framed(_ pixels: [UInt8], _ height: Int, _ width: Int) -> [UInt8] {
    DigitFraming.framed(pixels, height: height, width: width, to: Self.shape).pixels
  }

  private func extent(_ framed: [UInt8]) -> (rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
    let rows = (0..<28).filter { row in framed[row * 28..<(row + 1) * 28].contains { $0 > 0 } }
    let columns = (0..<28).filter { column in (0..<28).contains { framed[$0 * 28 + column] > 0 } }
    return (rows[0]...rows[rows.count - 1], columns[0]...columns[columns.count - 1])
  }

  @Test("the ink fills 20 of 28 pixels along its longer side, and its centre of mass lies in the middle")
  func size() {
    let framed = framed(picture(100, 90, at: 10, 40, ink: 20, paper: 240), 100, 90)
    let (rows, columns) = extent(framed)
    #expect(rows.count == 20 && (12...14).contains(columns.count))
    let sum = framed.reduce(0) { $0 + Int($1) }
    let row = Double(framed.enumerated().reduce(0) { $0 + $1.offset / 28 * Int($1.element) }) / Double(sum)
    let column = Double(framed.enumerated().reduce(0) { $0 + $1.offset % 28 * Int($1.element) }) / Double(sum)
    #expect(abs(row - 14) <= 0.5 && abs(column - 14) <= 0.5)
    #expect(framed.max() == 255)
  }

  @Test("where it stands, which is the ink and how pale it is makes no difference")
  func invariance() {
    let usual = framed(picture(100, 90, at: 10, 40, ink: 0, paper: 255), 100, 90)
    #expect(framed(picture(70, 200, at: 5, 3, ink: 0, paper: 255), 70, 200) == usual)
    #expect(framed(picture(100, 90, at: 10, 40, ink: 255, paper: 0), 100, 90) == usual)
    #expect(framed(picture(100, 90, at: 10, 40, ink: 120, paper: 220), 100, 90) == usual)
    #expect(framed(picture(60, 40, at: 0, 0, ink: 0, paper: 255), 60, 40) == usual)
  }

  @Test("a stroke wider than high, a dot, a shape of another size")
  func others() {
    var line = [UInt8](repeating: 255, count: 50 * 300)
    for column in 20..<280 { for row in 20..<26 { line[row * 300 + column] = 0 } }
    let (rows, columns) = extent(framed(line, 50, 300))
    #expect(columns.count == 20 && rows.count == 1)
    var dot = [UInt8](repeating: 0, count: 9)
    dot[4] = 255
    #expect(extent(framed(dot, 3, 3)).rows.count == 20)
    let small = DigitFraming.framed(dot, height: 3, width: 3, to: ImageShape(height: 14, width: 20)).pixels
    #expect(small.count == 280 && small.filter { $0 == 255 }.count == 100)
  }

  @Test("paper without ink is named so, grain or none")
  func blank() {
    for pixels in [
      [UInt8](repeating: 255, count: 400), [UInt8](repeating: 0, count: 400),
      (0..<400).map { UInt8(200 + $0 * 7 % 30) },
    ] {
      let empty = DigitFraming.framed(pixels, height: 20, width: 20, to: Self.shape)
      #expect(empty.doubts == [.nothingDrawn] && empty.pixels.allSatisfy { $0 == 0 })
    }
  }

  @Test("given to a model: PNG as it is where it fits, framed where that is asked for")
  func inputs() throws {
    let pixels = picture(100, 90, at: 10, 40, ink: 0, paper: 255)
    let file = PNGImage(width: 90, height: 100, pixels: pixels).encoded()
    let error = #expect(throws: FormatError.self) { try ImageInput.read(file, name: "x.png", shape: Self.shape) }
    #expect(error?.description == "x.png: expected 28 x 28 pixels as the model reads, found 100 x 90")
    #expect(error?.remedy == .framing)
    let framed = framed(pixels, 100, 90)
    #expect(
      try ImageInput.read(file, name: "x", shape: Self.shape, fitting: .framed) == [
        ImageInput(name: "x", pixels: framed, isFramed: true)
      ])
    let pgm = Array("P5 90 100 255\n".utf8) + pixels
    #expect(try ImageInput.read(pgm, name: "x", shape: Self.shape, fitting: .framed).map(\.pixels) == [framed])
    let own = PNGImage(width: 28, height: 28, pixels: framed).encoded()
    #expect(try ImageInput.read(own, name: "x", shape: Self.shape).map(\.pixels) == [framed])
    // As many bytes as the model reads pixels, and a PNG all the same.
    let shape = ImageShape(height: 1, width: own.count)
    #expect(throws: FormatError.self) { try ImageInput.read(own, name: "x", shape: shape) }
  }
}
