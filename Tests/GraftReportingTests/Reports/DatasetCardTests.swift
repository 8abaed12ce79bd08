import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftPictures
import GraftReporting
import Testing

@Suite struct DatasetCardTests {
  private static let plain = Terminal(environment: [:], isTerminal: false, columns: nil)

  private func terminal(_ columns: Int, colors: Bool = false) -> Terminal {
    Terminal(environment: colors ? ["COLORTERM": "truecolor"] : [:], isTerminal: true, columns: columns)
  }

  /// Images of one colour or grey each, `perClass` of each class one after the other.
  private func card(
    _ shape: ImageShape, classes: Int = 2, perClass: Int = 3, examples: Int = 1, augmentation: Augmentation? = nil
  ) -> DatasetCard {
    let labels = (0..<classes * perClass).map { $0 / perClass }
    let pixels = labels.indices.flatMap { image in
      (0..<shape.channels).flatMap { channel in
        [UInt8](repeating: UInt8((40 * (image + 1) + channel) % 251), count: shape.height * shape.width)
      }
    }
    let dataset = Dataset(
      name: "few", shape: shape, classNames: (0..<classes).map { "c\($0)" }, pixels: pixels, labels: labels)
    return DatasetCard(
      LoadedData(pair: DatasetPair(train: dataset, test: dataset), source: "memory", fileDigests: []),
      examples: examples, augmentation: augmentation)
  }

  private func lengths(_ text: String) -> [Int] { text.split(separator: "\n").map(\.count) }

  // MARK: Counts

  @Test("colours have three means, greys a mean and lit pixels")
  func means() {
    let grey = card(ImageShape(height: 2, width: 2)).text(for: Self.plain, drawsImages: false)
    #expect(grey.contains("c0  c1  all    mean  lit pixels") && grey.contains("100.0 %"))
    let color = card(ImageShape(channels: 3, height: 2, width: 2)).text(for: Self.plain, drawsImages: false)
    #expect(color.contains("all  mean red   green    blue") && !color.contains("lit pixels"))
    #expect(color.contains("0.5490  0.5529  0.5569"))
  }

  @Test("many classes have a row each")
  func manyClasses() {
    let text = card(ImageShape(height: 1, width: 1), classes: 40, perClass: 1).text(for: Self.plain)
    #expect(text.contains("\nclass  training  test\n") && text.contains("\nc39           1     1\n"))
    #expect(lengths(text).allSatisfy { $0 <= 100 })
  }

  // MARK: In characters

  @Test("as many images side by side as fit, and large ones scaled down")
  func widths() {
    let small = card(ImageShape(height: 28, width: 28), examples: 3).text(for: terminal(90))
    #expect(small.contains("c0 (image 0)                  c0 (image 1)                  c0 (image 2)\n"))
    for columns in [20, 40, 80, 119, 200] {
      let text = card(ImageShape(channels: 3, height: 300, width: 224), examples: 3)
        .text(for: terminal(columns), drawsImages: true)
      let drawn = text.split(separator: "\n").filter { !$0.contains { $0.isLetter || $0 == "-" } }
      #expect(drawn.allSatisfy { $0.count <= columns }, "\(columns)")
      #expect(drawn.count > 20, "\(columns)")
    }
    let augmented = card(ImageShape(height: 224, width: 224), augmentation: .standard).text(for: terminal(80))
    #expect(lengths(augmented).allSatisfy { $0 <= 90 })
    #expect(augmented.contains("c0 (image 0)               in epoch 1                 in epoch 2\n"))
  }

  @Test("terminals with colours get half blocks, others characters")
  func colors() {
    let shape = ImageShape(channels: 3, height: 2, width: 2)
    let cell = "\u{1B}[38;2;40;41;42;48;2;40;41;42m▀▀\u{1B}[0m"
    #expect(card(shape).text(for: terminal(80, colors: true)).contains(cell))
    let plain = card(shape).text(for: terminal(80))
    #expect(!plain.contains("\u{1B}") && !plain.contains("▀"))
    #expect(!card(shape).text(for: terminal(80, colors: true), drawsImages: false).contains("\u{1B}"))
  }

  // MARK: As a picture

  @Test("a sheet has the images on white paper, class after class")
  func sheet() throws {
    let shape = ImageShape(channels: 3, height: 32, width: 20)
    let picture = try PictureReader(card(shape, examples: 2).sheet().encoded()).decoded(as: nil)
    // Two images of each of two classes, enlarged twice.
    #expect((picture.width, picture.height, picture.channels) == (4 + 2 * 44, 4 + 2 * 68, 3))
    func pixel(_ row: Int, _ column: Int) -> [UInt8] {
      Array(picture.samples[3 * (row * picture.width + column)..<3 * (row * picture.width + column) + 3])
    }
    #expect(pixel(3, 4) == [255, 255, 255] && pixel(4, 3) == [255, 255, 255] && pixel(4, 44) == [255, 255, 255])
    #expect(pixel(4, 4) == [40, 41, 42] && pixel(67, 43) == [40, 41, 42] && pixel(4, 48) == [80, 81, 82])
    #expect(pixel(72, 4) == [160, 161, 162] && pixel(135, 91 - 4) == [200, 201, 202])
    let grey = try PictureReader(card(ImageShape(height: 28, width: 28)).sheet().encoded()).decoded(as: nil)
    #expect((grey.width, grey.height, grey.channels) == (4 + 2 * 60, 4 + 60, 1))
  }

  @Test("large images are scaled down, augmented ones stand beside their image, and too many are refused")
  func sheets() throws {
    let photo = ImageShape(channels: 3, height: 300, width: 600)
    let augmented = try PictureReader(card(photo, examples: 1, augmentation: .photo).sheet().encoded())
    #expect((augmented.width, augmented.height) == (4 + 3 * 260, 4 + 2 * 132))
    #expect(throws: GraftFailure.self) { _ = try card(photo, examples: 0).sheet() }
    let many = card(ImageShape(height: 1, width: 1), classes: 3, perClass: 0)
    #expect(throws: GraftFailure.self) { _ = try many.sheet() }
  }
}
