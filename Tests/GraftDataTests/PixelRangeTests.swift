import GraftFiles
import GraftMatrices
import Testing

@testable import GraftData

@Suite("Pixels that are not 0 to 255, and images of one value")
struct PixelRangeTests {
  private static let shape = ImageShape(height: 4, width: 4)

  private func dataset(_ images: [[UInt8]]) -> Dataset {
    Dataset(
      name: "own", shape: Self.shape, classNames: ["0"], pixels: images.flatMap { $0 },
      labels: [Int](repeating: 0, count: images.count))
  }

  /// Values from 0 to `largest`.
  private func ramp(_ largest: Int) -> [UInt8] { (0..<16).map { UInt8($0 * largest / 15) } }

  @Test(
    "images whose largest pixel is at most 16 are said to be nearly black",
    arguments: [(0, true), (1, true), (16, true), (17, false), (255, false)])
  func nearlyBlack(largest: Int, isDark: Bool) {
    let remarks = dataset([ramp(largest), ramp(largest / 2)]).pixelRemarks("training")
    #expect(
      isDark
        ? remarks == [
          "the training images of own are nearly black: pixels must be 0 to 255, and the largest is \(largest)"
        ] : remarks.isEmpty)
  }

  @Test("images of one value are counted, in either part")
  func constant() {
    let blank = [UInt8](repeating: 200, count: 16)
    let loaded = LoadedData(
      pair: DatasetPair(train: dataset([ramp(255), blank, blank]), test: dataset([blank, ramp(255)])), source: "",
      fileDigests: [])
    #expect(
      loaded.remarks == [
        "2 of 3 training images of own have pixels of one value each: there is nothing to see",
        "1 of 2 test images of own has pixels of one value: there is nothing to see",
      ])
    #expect(dataset([]).pixelRemarks("test").isEmpty)
  }

  @Test("an image that is given to a model says what is wrong with it")
  func images() {
    func doubts(_ pixels: [UInt8], learned: Background = .dark) -> [ImageDoubt] {
      ImageInput(name: "x", pixels: pixels).checked(shape: Self.shape, learned: learned).doubts
    }
    // A frame around a middle of four pixels.
    func framed(_ border: UInt8, _ middle: UInt8) -> [UInt8] {
      (0..<16).map { [5, 6, 9, 10].contains($0) ? middle : border }
    }
    #expect(doubts(framed(0, 255)).isEmpty)
    #expect(doubts(framed(255, 0)) == [.darkInk])
    #expect(doubts(framed(255, 0), learned: .bright).isEmpty)
    #expect(doubts(framed(0, 255), learned: .bright) == [.brightInk])
    #expect(doubts(framed(0, 12)) == [.nearlyBlack(12)])
    #expect(doubts(framed(7, 7)) == [.constant(7)])
    #expect(ImageInput(name: "x", pixels: framed(255, 0)).inverted.pixels == framed(0, 255))
    #expect(dataset([framed(250, 0), framed(240, 9), framed(0, 255)]).background == .bright)
    #expect(dataset([framed(0, 255)]).background == .dark)
    #expect(dataset([framed(0, 255), framed(255, 0)]).background == nil)
  }
}
