import GraftFiles
import GraftMatrices
import GraftPictures
import Testing

@testable import GraftData

@Suite("Arrays: what is said about them, and what is refused")
struct ArrayReadingTests {
  /// Images for training and testing, with three labels each.
  private func file(
    _ descriptor: String, _ shape: String, _ train: [UInt8], test: [UInt8]? = nil, labels: [UInt8] = [0, 1, 0]
  ) -> NPZBuilder {
    NPZBuilder([
      "x_train": (descriptor, shape, train), "y_train": ("|u1", "(3,)", labels),
      "x_test": (descriptor, shape, test ?? train), "y_test": ("|u1", "(3,)", labels),
    ])
  }

  /// Three images of 2 x 2 with these values in turn.
  private func floats(_ values: [Float], test: [Float]? = nil) -> NPZBuilder {
    func bytes(_ values: [Float]) -> [UInt8] { NPZBuilder.floats((0..<12).map { values[$0 % values.count] }) }
    return file("<f4", "(3, 2, 2)", bytes(values), test: test.map(bytes))
  }

  private func notes(_ file: NPZBuilder, _ options: ReadingOptions = ReadingOptions()) throws -> [String] {
    try file.load(options).notes
  }

  private func error(_ file: NPZBuilder, _ options: ReadingOptions = ReadingOptions()) -> String {
    message { _ = try file.load(options) }
  }

  @Test("bytes are taken as they are, and nothing is said")
  func plain() throws {
    let loaded = try file("|u1", "(3, 2, 2)", Array(100..<112)).load()
    #expect(loaded.notes.isEmpty && loaded.remarks.isEmpty)
    #expect(loaded.pair.train.pixels == Array(100..<112))
  }

  @Test("the scale of floats is told by their range, and said")
  func scales() throws {
    #expect(try notes(floats([0, 0.5, 1])) == ["floats from 0 to 1 were scaled to 0 to 255"])
    #expect(try notes(floats([0.25, 1.00001])) == ["floats from 0 to 1 were scaled to 0 to 255"])
    #expect(try notes(floats([-1, 0.5])) == ["floats from -1 to 1 were scaled to 0 to 255"])
    #expect(try notes(floats([0, 254.5])) == ["floats from 0 to 255 were rounded to bytes"])
    #expect(
      try notes(floats([0, 3, 16]))
        == ["whole numbers from 0 to 16, as scikit-learn's digits have them, were scaled to 0 to 255"])
    #expect(
      try notes(file("|b1", "(3, 2, 2)", [0, 1, 1] + [UInt8](repeating: 0, count: 9))) == [
        "false became 0 and true 255"
      ])
    #expect(try floats([0, 0.5, 1]).load().pair.train.pixels.prefix(3) == [0, 128, 255])
    #expect(try floats([-1, 0, 1]).load().pair.train.pixels.prefix(3) == [0, 128, 255])
    #expect(try floats([0, 8, 16]).load().pair.train.pixels.prefix(3) == [0, 128, 255])
  }

  @Test("both parts have one scale")
  func scaleOfBoth() throws {
    let loaded = try floats([-1, 1], test: [0.5, 1]).load()
    #expect(loaded.pair.test.pixels.prefix(2) == [191, 255])
    #expect(try floats([0, 200], test: [0, 1]).load().pair.test.pixels.prefix(2) == [0, 1])
  }

  @Test("other ranges are refused with the range, and numbers that are not finite with their place")
  func ranges() {
    let expected = "x_train: expected pixels from 0 to 255, from 0 to 1 or from -1 to 1, found floats from"
    #expect(error(floats([-2.5, 2.25])).hasSuffix("\(expected) -2.5 to 2.25"))
    #expect(error(floats([0, 0.5, 4.5])).hasSuffix("\(expected) 0 to 4.5"))
    #expect(error(floats([0, 65_535])).hasSuffix("\(expected) 0 to 65535"))
    #expect(error(floats([0, 1e30])).hasSuffix("\(expected) 0 to 1e+30"))
    #expect(error(floats([0, 1, .nan])).hasSuffix("x_train: expected finite pixels, found nan at index [0, 1, 0]"))
    #expect(
      error(floats([0, 1], test: [0, -.infinity])).hasSuffix(
        "x_test: expected finite pixels, found -inf at index [0, 0, 1]"))
    #expect(
      error(file("|i1", "(3, 2, 2)", [0, 1, 0xfe] + [UInt8](repeating: 9, count: 9)))
        .hasSuffix("x_train: expected pixels from 0 to 255, found -2 at index [0, 1, 0]"))
  }

  @Test("whole numbers that end at 1 are kept, and said to be nearly black")
  func dark() throws {
    let loaded = try file("<i2", "(3, 2, 2)", (0..<12).flatMap { [UInt8($0 % 2), 0] }).load()
    #expect(loaded.pair.train.pixels.max() == 1)
    #expect(loaded.remarks.first?.contains("nearly black") == true)
  }

  @Test("a guess at a shape is said")
  func shapes() throws {
    #expect(
      try notes(file("|u1", "(3, 9)", Array(0..<27))) == ["rows of 9 numbers were read as 3 x 3 pixels"])
    #expect(
      try notes(file("|u1", "(3, 12)", (0..<36).map { [1, 90, 200][$0 % 3] })) == [
        "rows of 12 numbers were read as 2 x 2 pixels in 3 channels, pixel after pixel"
      ])
    #expect(
      try notes(file("|u1", "(3, 12)", (0..<36).map { [1, 90, 200][$0 % 12 / 4] })) == [
        "rows of 12 numbers were read as 2 x 2 pixels in 3 channels, one channel after the other"
      ])
    #expect(
      try notes(file("|u1", "(3, 3, 1, 3)", Array(0..<27))) == [
        "images of shape (3, 3, 1, 3) may have their channels first or last: they were read as last"
      ])
    #expect(
      try notes(file("|u1", "(3, 2, 2, 4)", Array(0..<48))) == ["colours with opacity were laid on white"])
    #expect(
      error(file("|u1", "(3, 5)", Array(0..<15))).hasSuffix(
        "x_train: expected rows of a square, found rows of 5 numbers"))
    var options = ReadingOptions()
    options.size = ImageSize(height: 2, width: 3)
    #expect(
      error(file("|u1", "(3, 5)", Array(0..<15)), options).hasSuffix(
        "x_train: expected rows of 2 x 3 pixels in 1 or 3 channels, or of a square, found rows of 5 numbers"))
    #expect(
      error(file("|u1", "(3, 2, 2, 2)", Array(0..<24))).hasSuffix(
        "expected images with 1, 3 or 4 channels last, or 1 or 3 channels first, found images of shape (3, 2, 2, 2)"))
    #expect(
      error(
        NPZBuilder([
          "x_train": ("|u1", "(3, 2, 2)", Array(0..<12)), "y_train": ("|u1", "(3,)", [0, 1, 0]),
          "x_test": ("|u1", "(3, 2, 3)", Array(0..<18)), "y_test": ("|u1", "(3,)", [0, 1, 0]),
        ])
      ).hasSuffix("x_test: expected images of 2 x 2 as for training, found 2 x 3"))
  }

  @Test("the way out of rows without a size and of unknown names is told")
  func remedies() {
    func remedyOf(_ file: NPZBuilder) -> Remedy? {
      do {
        _ = try file.load()
        return nil
      } catch {
        return remedy(of: error)
      }
    }
    #expect(remedyOf(file("|u1", "(3, 5)", Array(0..<15))) == .namingSize)
    let unknown = NPZBuilder([
      "a": ("|u1", "(3, 2, 2)", Array(0..<12)), "b": ("<i8", "(3,)", [UInt8](repeating: 0, count: 24)),
    ])
    #expect(remedyOf(unknown) == .namingArrays)
    #expect(
      error(unknown).hasSuffix(
        "data.npz: expected arrays under a usual name, such as x_train, y_train, x_test and y_test, or images and labels, "
          + "found \"a\" (3, 2, 2) uint8, \"b\" (3,) int64"))
  }

  @Test("a pair without a test part is split, the same share of each class, and that is said")
  func split() throws {
    let builder = NPZBuilder([
      "images": ("|u1", "(20, 2, 2)", Array(0..<80)), "labels": ("|u1", "(20,)", (0..<20).map { $0 % 2 }),
    ])
    let loaded = try builder.load()
    #expect(loaded.pair.train.countsPerClass == [8, 8] && loaded.pair.test.countsPerClass == [2, 2])
    #expect(
      loaded.notes == [
        "there is no test part: 4 of 20 images were set aside as one, the same share of each class (seed 0)"
      ])
    // Each image is in one part, with its label.
    let all = [loaded.pair.train, loaded.pair.test].flatMap { part in
      (0..<part.count).map { (Int(part.image($0).first ?? 0) / 4, part.labels[$0]) }
    }
    #expect(all.map(\.0).sorted() == Array(0..<20))
    #expect(all.allSatisfy { $0.0 % 2 == $0.1 })
    var options = ReadingOptions()
    (options.seed, options.testFraction) = (1, 0.5)
    let other = try builder.load(options)
    #expect(other.pair.test.countsPerClass == [5, 5])
    #expect(other.notes.first?.hasSuffix("(seed 1)") == true)
  }

  @Test("labels that are names are said to be")
  func names() throws {
    #expect(
      try notes(file("|u1", "(3, 2, 2)", Array(0..<12), labels: [1, 2, 1])) == [
        "the labels begin at 1: they are names of 2 classes, from 1 to 2, and not indices"
      ])
    // Labels that begin at 0 are indices, although 1 does not occur.
    let gap = try file("|u1", "(3, 2, 2)", Array(0..<12), labels: [0, 2, 0]).load()
    #expect(gap.pair.train.classNames == ["0", "1", "2"] && gap.notes.isEmpty)
  }

  @Test("a validation part is not used, or used for testing, and that is said")
  func validation() throws {
    let images = ("|u1", "(3, 2, 2)", [UInt8](100..<112))
    let labels = ("|u1", "(3,)", [UInt8]([0, 1, 0]))
    let unused = NPZBuilder([
      "train_images": images, "train_labels": labels, "val_images": images, "val_labels": labels,
      "test_images": images, "test_labels": labels,
    ])
    #expect(try notes(unused) == ["the validation part (3 images) is not used"])
    let used = NPZBuilder([
      "train_images": images, "train_labels": labels, "val_images": images, "val_labels": labels,
    ])
    #expect(try notes(used) == ["there is no test part: the validation part takes its place"])
  }

  @Test("images are brought to a size by the rule that was asked for")
  func sizes() throws {
    var options = ReadingOptions()
    options.size = ImageSize(height: 2, width: 4)
    options.fit = .pad
    let padded = try file("|u1", "(3, 2, 2)", [UInt8](repeating: 200, count: 12)).load(options)
    #expect(padded.pair.train.shape == ImageShape(height: 2, width: 4))
    #expect(padded.pair.train.image(0).elementsEqual([0, 200, 200, 0, 0, 200, 200, 0]))
    options.fit = nil
    let squashed = try file("|u1", "(3, 2, 2)", [UInt8](repeating: 200, count: 12)).load(options)
    #expect(squashed.pair.train.pixels.allSatisfy { $0 == 200 })
  }

  /// Cut anywhere and with any byte changed, arrays of every kind are read or refused, never a trap.
  @Test("damaged arrays never trap", arguments: ["<f2", "<f4", "<f8", "<i8", "|b1", "<U2", "|S3"])
  func damage(_ descriptor: String) {
    let width = NPYArray.ElementType(descriptor: descriptor)?.width ?? 1
    let array = NPZBuilder.array(descriptor, "(3, 2)", Array(0..<UInt8(6 * width)))
    for index in array.indices {
      for change: UInt8 in [0x01, 0x04, 0x80, 0xff] {
        var changed = array
        changed[index] ^= change
        var builder = NPZBuilder()
        builder.entries = [
          ("x.npy", changed, false), ("y.npy", changed, false),
        ]
        do throws(FormatError) { _ = try NPZFile(decoding: builder.encoded()) } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }
}
