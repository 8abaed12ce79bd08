import GraftFiles

@testable import GraftData

/// Writes zip archives and NumPy arrays, right or wrong.
struct NPZBuilder {
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

extension NPZBuilder {
  /// A file of arrays: descriptor, shape and elements by name.
  init(_ arrays: KeyValuePairs<String, (descriptor: String, shape: String, elements: [UInt8])>) {
    entries = arrays.map { ("\($0).npy", NPZBuilder.array($1.descriptor, $1.shape, $1.elements), true) }
  }

  /// The bytes of floats, for elements of `<f4`.
  static func floats(_ values: [Float]) -> [UInt8] { values.flatMap { little(Int($0.bitPattern), 4) } }

  /// Reads the file as a data set by its path, or says how that fails.
  func load(_ options: ReadingOptions = ReadingOptions()) throws -> LoadedData {
    let folder = TemporaryFolder()
    folder.write(encoded(), to: "data.npz")
    var request = DataRequest(name: "\(folder.path)/data.npz", environment: [:], isOffline: true)
    request.options = options
    return try DatasetPair.load(request)
  }
}
