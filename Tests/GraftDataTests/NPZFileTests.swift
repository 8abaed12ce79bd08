import Foundation
import GraftFiles
import Testing

@testable import GraftData

@Suite struct NPZFileTests {
  @Test(arguments: [true, false]) func readsStoredAndDeflated(_ deflated: Bool) throws {
    for comment in ["", "made by a test PK\u{5}\u{6}"] {
      let file = try NPZFile(decoding: NPZBuilder.standard(deflated: deflated).encoded(comment: comment))
      #expect(file.trainImages.dimensions == [3, 2, 2])
      #expect(file.trainImages.bytes == Array(0..<12))
      #expect(file.testImages.bytes == Array(20..<28))
      #expect(file.trainLabels == [1, 0, 2])
      #expect(file.testLabels == [2, 1])
      #expect(file.classNames == nil)
    }
  }

  @Test(arguments: ["<i4", "<u4", "<i2", "<u8"]) func readsLabelsOfEveryWidth(_ descriptor: String) throws {
    let width = Int(descriptor.suffix(1)) ?? 0
    let labels = NPZBuilder.array(descriptor, "(2, 1)", [2, 1].flatMap { NPZBuilder.little($0, width) })
    let file = try NPZFile(decoding: NPZBuilder.standard().replacing("y_test.npy", labels).encoded())
    #expect(file.testLabels == [2, 1])
  }

  private static let wrongArrays: [(name: String, bytes: [UInt8], text: String)] = [
    ("x_train.npy", [], "expected 6 bytes for an NPY header, found no bytes"),
    ("x_train.npy", Array("PNG is not NPY".utf8), "expected an NPY array (\\x93NUMPY), found other bytes"),
    (
      "x_train.npy", NPZBuilder.array("|u1", "(3, 2, 2)", Array(0..<12), order: "True"),
      "the array is in Fortran order; only C order is read"
    ),
    (
      "x_train.npy", NPZBuilder.array("<c8", "(3, 2, 2)", Array(0..<96)),
      "expected elements that are little-endian integers or floats, or booleans (|u1, <i8, <f4, |b1 and the like), "
        + "found \"<c8\""
    ),
    (
      "y_train.npy", NPZBuilder.array(">i4", "(3,)", Array(0..<12)),
      "expected elements that are little-endian integers or floats, or booleans (|u1, <i8, <f4, |b1 and the like), "
        + "found \">i4\""
    ),
    (
      "y_train.npy", NPZBuilder.array("|O", "(3,)", Array(0..<12)),
      "the array holds Python objects (\"|O\"): convert it to numbers before it is saved, such as "
        + "labels.astype(\"int64\")"
    ),
    (
      "x_train.npy", NPZBuilder.array("<i4", "(3, 1, 1)", [9, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0, 0]),
      "expected pixels from 0 to 255, found 256 at index [2, 0, 0]"
    ),
    (
      "x_train.npy", NPZBuilder.array("<U1", "(3, 1, 1)", Array(repeating: 0, count: 12)),
      "expected images of numbers, found text (<U1)"
    ),
    (
      "x_train.npy", NPZBuilder.array("|u1", "(3, 2, 3)", Array(0..<12)),
      "expected 18 bytes of elements (|u1 of shape (3, 2, 3)), found 12 bytes"
    ),
    (
      "x_train.npy", NPZBuilder.array("|u1", "(4294967296, 4294967296, 4)", Array(0..<12)),
      "the dimensions of the array are too large"
    ),
    (
      "x_train.npy", NPZBuilder.array("|u1", "(99999999999999999999,)", Array(0..<12)),
      "expected a dimension from 0 to 9223372036854775807 in the NPY header"
    ),
    ("x_train.npy", NPZBuilder.array("|u1", "(-3, 2, 2)", Array(0..<12)), "expected a dimension from 0 to"),
    (
      "x_train.npy", NPZBuilder.array("|u1", "(12,)", Array(0..<12)),
      "expected images of shape (count, rows, columns), "
    ),
    ("x_train.npy", NPZBuilder.array("|u1", "(0, 2, 2)", []), "the dataset has no images"),
    ("x_train.npy", NPZBuilder.header("{'descr': '|u1'}"), "expected an NPY header with descr"),
    ("x_train.npy", NPZBuilder.header("{'descr': [('a', '|u1')], }"), "found an array of records"),
    ("x_train.npy", NPZBuilder.header("{'descr': '|u1', 'descr': '|u1'}"), "the NPY header has \"descr\" twice"),
    ("x_train.npy", NPZBuilder.header("{'x': 1}"), "the NPY header has an unknown key \"x\""),
    ("x_train.npy", NPZBuilder.header("{'descr': '|u1"), "a quotation mark in the NPY header"),
    ("x_train.npy", NPZBuilder.array("|u1", "(3, 2, 2)", Array(0..<12), version: 3), "found 3.0"),
    (
      "x_train.npy", [0x93] + Array("NUMPY".utf8) + [2, 0, 0xff, 0xff, 0xff, 0xff],
      "expected an NPY header of at most 10000 bytes, found 4294967295"
    ),
    (
      "y_test.npy", NPZBuilder.array("<i4", "(2,)", NPZBuilder.little(-1, 4) + NPZBuilder.little(1, 4)),
      "expected labels from 0 to 65535, found -1 at index 0"
    ),
    ("y_test.npy", NPZBuilder.array("|i1", "(2,)", [1, 0xff]), "from 0 to 65535, found -1 at index 1"),
    (
      "y_test.npy", NPZBuilder.array("|u1", "(2, 2, 1)", [0, 1, 1, 1]),
      "expected labels of shape (count,), or one-hot labels of shape (count, classes), found (2, 2, 1)"
    ),
    ("y_test.npy", NPZBuilder.array("|u1", "(2, 2)", [0, 1, 1, 1]), "zeros, found 2 of them in row 1"),
    ("y_test.npy", NPZBuilder.array("|u1", "(2, 2)", [0, 1, 0, 0]), "zeros, found no 1 in row 1"),
    ("y_test.npy", NPZBuilder.array("|u1", "(2, 2)", [0, 7, 1, 0]), "zeros, found 7 in row 0"),
    ("y_test.npy", NPZBuilder.array("<f4", "(2,)", NPZBuilder.floats([1, 0.5])), "found 0.5 at index 1"),
    ("y_test.npy", NPZBuilder.array("<f4", "(2,)", NPZBuilder.floats([.nan, 1])), "found nan at index 0"),
    ("y_test.npy", NPZBuilder.array("|u1", "(0,)", []), "the dataset has no labels"),
    ("y_test.npy", NPZBuilder.array("|u1", "(3,)", [0, 1, 2]), "2 images in x_test but 3 labels"),
    ("y_test.npy", NPZBuilder.array("|S1", "(2,)", [0x61, 0]), "an empty one at index 1"),
    ("y_test.npy", NPZBuilder.array("|S1", "(2,)", [0x61, 0xff]), "found no text at index 1"),
  ]

  @Test(arguments: wrongArrays.indices) func wrongArrayIsRefused(_ index: Int) {
    let (name, bytes, text) = Self.wrongArrays[index]
    let file = NPZBuilder.standard().replacing(name, bytes).encoded()
    let found = message { _ = try NPZFile(decoding: file) }
    #expect(found.contains(text), "\(found)")
    #expect(found.contains("\(name.dropLast(4))"), "\(found)")
  }

  @Test func wrongArchiveIsRefused() {
    func text(_ bytes: [UInt8], limit: Int = 1 << 20) -> String {
      message { _ = try NPZFile(decoding: bytes, limit: limit) }
    }
    let good = NPZBuilder.standard().encoded()
    #expect(text([]) == "byte 0: this is an empty file, not a zip archive")
    #expect(text(Array("<html>".utf8)) == "byte 0: this is an HTML page, not a zip archive")
    #expect(text(Array(good.dropLast(1))).hasSuffix("expected the end of a zip directory, found none: cut off?"))
    #expect(text(Array(good.dropFirst(1))).contains("expected a zip directory that ends at byte"))
    #expect(text(good + [0]).contains("expected the end of a zip directory"))
    #expect(text(good, limit: 8).contains("expected at most 8 bytes"))
    var changed = good
    // The first entry's method, then its CRC-32, in the directory, and its first packed byte.
    let directory = Int(good[good.count - 6]) | Int(good[good.count - 5]) << 8
    changed[directory + 10] = 12
    #expect(text(changed).contains("expected zip compression method 0 (stored) or 8 (deflate), found 12"))
    changed = good
    changed[directory + 16] ^= 1
    #expect(text(changed).contains("with CRC-32"))
    changed = good
    changed[directory + 8] = 1
    #expect(text(changed).contains("is encrypted"))
    // A declared size that is too small, and one of 4 GB: neither is believed.
    changed = good
    changed[directory + 24] -= 1
    #expect(text(changed).contains("bytes of elements"))
    changed = good
    changed.replaceSubrange(directory + 24..<directory + 28, with: [0xfe, 0xff, 0xff, 0xff])
    #expect(message { _ = try NPZFile(decoding: changed, limit: 1 << 40) }.contains("bytes of elements"))
    var without = NPZBuilder.standard()
    without.entries.removeLast()
    #expect(
      text(without.encoded()).hasSuffix(
        "found \"x_test\" (2, 2, 2) uint8, \"x_train\" (3, 2, 2) uint8, \"y_train\" (3,) int64"))
    var twice = NPZBuilder.standard()
    twice.entries.append(twice.entries[0])
    #expect(text(twice.encoded()).contains("two entries \"x_test.npy\""))
    #expect(
      text(NPZBuilder().encoded())
        == "expected arrays under a usual name, such as x_train, y_train, x_test and y_test, or images and labels, "
        + "found no arrays")
  }

  /// 20 MB of zeros in 20 kB: no more is unpacked than the header declares.
  @Test func bombIsRefused() {
    let bytes = NPZBuilder.array("|u1", "(3, 2, 2)", Array(repeating: 0, count: 20 << 20))
    let file = NPZBuilder.standard().replacing("x_train.npy", bytes).encoded()
    #expect(file.count < 100_000)
    #expect(message { _ = try NPZFile(decoding: file) }.contains("expected 12 bytes of elements"))
  }

  /// Cut anywhere and with any byte changed, a file is read or refused, never a trap.
  @Test func nothingTraps() {
    let good = NPZBuilder.standard().encoded()
    for end in good.indices {
      #expect(throws: FormatError.self) { try NPZFile(decoding: Array(good[..<end])) }
    }
    for index in good.indices {
      for change: UInt8 in [0x01, 0x80, 0xff] {
        var changed = good
        changed[index] ^= change
        do throws(FormatError) { _ = try NPZFile(decoding: changed) } catch { #expect(!error.description.isEmpty) }
      }
    }
  }

  @Test func isFoundWhereKerasKeepsIt() throws {
    let home = TemporaryFolder()
    let bytes = NPZBuilder.standard().encoded()
    _ = home.folder(".keras/datasets")
    home.write(bytes, to: ".keras/datasets/mnist.npz")
    var loader = DataLoader(DataRequest(name: "mnist", environment: ["HOME": home.path], isOffline: true))
    loader.currentFolder = home.path
    let path = "\(home.path)/.keras/datasets/mnist.npz"
    let loaded = try loader.load()
    #expect(loaded.pair.train.count == 3)
    #expect(loaded.source == "\(path) (differs from the published)")
    #expect(loaded.fileDigests.map(\.sha256) == [SHA256Digest.hex(of: bytes)])
    // The same file by its path, and with labels the classes do not reach.
    let direct = try DataLoader(DataRequest(name: path, environment: [:], isOffline: true)).load()
    #expect(direct.pair.train.name == "own-mnist")
    #expect(direct.pair.test.classNames == ["0", "1", "2"])
    let labels = NPZBuilder.array("|u1", "(2,)", [2, 77])
    home.write(NPZBuilder.standard().replacing("y_test.npy", labels).encoded(), to: ".keras/datasets/mnist.npz")
    #expect(
      message { _ = try loader.load() } == "\(path): y_test: expected a label from 0 to 9, found 77 at index 1")
  }
}
