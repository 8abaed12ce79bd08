import Foundation
import GraftFiles
import Testing

@testable import GraftData

/// Writes zip archives and NumPy arrays, right or wrong.
private struct NPZBuilder {
  var entries: [(name: String, bytes: [UInt8], deflated: Bool)] = []

  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func array(
    _ descriptor: String, _ shape: String, _ elements: [UInt8], version: UInt8 = 1, order: String = "False"
  ) -> [UInt8] {
    header("{'descr': '\(descriptor)', 'fortran_order': \(order), 'shape': \(shape), }", version: version) + elements
  }

  static func header(_ text: String, version: UInt8 = 1) -> [UInt8] {
    let lengthSize = version == 1 ? 2 : 4
    let padding = 64 - (6 + 2 + lengthSize + text.utf8.count + 1) % 64
    let text = Array(text.utf8) + Array(repeating: 0x20, count: padding) + [0x0a]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + little(text.count, lengthSize) + text
  }

  /// 3 and 2 images of 2 x 2.
  static func standard(deflated: Bool = true) -> NPZBuilder {
    NPZBuilder(entries: [
      ("x_test.npy", array("|u1", "(2, 2, 2)", Array(20..<28)), deflated),
      ("x_train.npy", array("|u1", "(3, 2, 2)", Array(0..<12), version: 2), deflated),
      ("y_train.npy", array("<i8", "(3,)", [1, 0, 2].flatMap { little($0, 8) }), deflated),
      ("y_test.npy", array("|u1", "(2,)", [2, 1]), deflated),
    ])
  }

  func replacing(_ name: String, _ bytes: [UInt8]) -> NPZBuilder {
    NPZBuilder(entries: entries.map { $0.name == name ? (name, bytes, $0.deflated) : $0 })
  }

  func encoded(comment: String = "") -> [UInt8] {
    var output: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes, deflated) in entries {
      // A gzip member is ten bytes, deflated data, eight bytes.
      let packed = deflated ? Array(Gzip.compress(bytes).dropFirst(10).dropLast(8)) : bytes
      let offset = output.count
      let method = Self.little(deflated ? 8 : 0, 2)
      let checksum = Self.little(Int(CRC32.checksum(bytes)), 4)
      let sizes = Self.little(packed.count, 4) + Self.little(bytes.count, 4)
      let lengths = Self.little(name.utf8.count, 2)
      output += [0x50, 0x4b, 3, 4, 20, 0, 0, 0] + method + [0, 0, 0, 0] + checksum + sizes + lengths
      // An extra field in the local header alone, as NumPy writes one.
      output += [4, 0] + Array(name.utf8) + [1, 0, 0, 0] + packed
      directory += [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0] + method + [0, 0, 0, 0] + checksum + sizes + lengths
      directory += Array(repeating: 0, count: 12) + Self.little(offset, 4) + Array(name.utf8)
    }
    let count = Self.little(entries.count, 2)
    return output + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count
      + Self.little(directory.count, 4) + Self.little(output.count, 4)
      + Self.little(comment.utf8.count, 2) + Array(comment.utf8)
  }
}

@Suite struct NPZFileTests {
  @Test(arguments: [true, false]) func readsStoredAndDeflated(_ deflated: Bool) throws {
    for comment in ["", "made by a test PK\u{5}\u{6}"] {
      let file = try NPZFile(decoding: NPZBuilder.standard(deflated: deflated).encoded(comment: comment))
      #expect(file.trainImages.dimensions == [3, 2, 2])
      #expect(file.trainImages.bytes == Array(0..<12))
      #expect(file.testImages.bytes == Array(20..<28))
      #expect(file.trainLabels.bytes == [1, 0, 2])
      #expect(file.testLabels.bytes == [2, 1])
    }
  }

  @Test(arguments: ["<i4", "<u4", "<i2", "<u8"]) func readsLabelsOfEveryWidth(_ descriptor: String) throws {
    let width = Int(descriptor.suffix(1)) ?? 0
    let labels = NPZBuilder.array(descriptor, "(2, 1)", [2, 1].flatMap { NPZBuilder.little($0, width) })
    let file = try NPZFile(decoding: NPZBuilder.standard().replacing("y_test.npy", labels).encoded())
    #expect(file.testLabels.bytes == [2, 1])
    #expect(file.testLabels.dimensions == [2])
  }

  private static let wrongArrays: [(name: String, bytes: [UInt8], text: String)] = [
    ("x_train.npy", [], "expected 6 bytes for an NPY header, found no bytes"),
    ("x_train.npy", Array("PNG is not NPY".utf8), "expected an NPY array (\\x93NUMPY), found other bytes"),
    (
      "x_train.npy", NPZBuilder.array("|u1", "(3, 2, 2)", Array(0..<12), order: "True"),
      "the array is in Fortran order; only C order is read"
    ),
    (
      "x_train.npy", NPZBuilder.array("<f4", "(3, 2, 2)", Array(0..<48)),
      "expected elements that are little-endian integers (|u1, <i4, <i8 and the like), found \"<f4\""
    ),
    (
      "y_train.npy", NPZBuilder.array(">i4", "(3,)", Array(0..<12)),
      "expected elements that are little-endian integers (|u1, <i4, <i8 and the like), found \">i4\""
    ),
    ("x_train.npy", NPZBuilder.array("<i4", "(3, 1, 1)", Array(0..<12)), "expected images of bytes (|u1), found <i4"),
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
    ("x_train.npy", NPZBuilder.array("|u1", "(12,)", Array(0..<12)), "expected images of shape (count, rows, columns)"),
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
      "expected labels from 0 to 255, found another at index 0"
    ),
    ("y_test.npy", NPZBuilder.array("|i1", "(2,)", [1, 0xff]), "from 0 to 255, found another at index 1"),
    ("y_test.npy", NPZBuilder.array("|u1", "(1, 2)", [1, 2]), "expected labels of shape (count,), found (1, 2)"),
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
    #expect(text(without.encoded()).hasPrefix("expected an array y_test.npy, found \"x_test.npy\""))
    var twice = NPZBuilder.standard()
    twice.entries.append(twice.entries[0])
    #expect(text(twice.encoded()).contains("two entries \"x_test.npy\""))
    #expect(text(NPZBuilder().encoded()) == "expected an array x_train.npy, found an empty archive")
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
