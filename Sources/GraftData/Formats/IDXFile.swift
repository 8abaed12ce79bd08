import GraftFiles

/// A file in the IDX format of the MNIST distribution: dimensions, then elements of one byte, row-major
/// (http://yann.lecun.com/exdb/mnist/, "The IDX file format").
///
/// `00 00 TT NN`, TT the element type and NN the number of dimensions, then each dimension as a big-endian 32-bit
/// number, then the elements. Only unsigned bytes (TT = 08) are data here.
package struct IDXFile: Sendable, Hashable {
  /// Sizes from the outermost dimension to the innermost, one to four of them, none of them zero.
  package let dimensions: [Int]
  /// The elements, row-major; as many as the product of the dimensions.
  package let bytes: [UInt8]

  /// - Throws: `FormatError` if there are not 1 to 4 dimensions of 1 to 2^32 - 1, or their product is not the number of bytes.
  package init(dimensions: [Int], bytes: [UInt8]) throws(FormatError) {
    guard (1...Header.dimensionLimit).contains(dimensions.count) else {
      throw .expected("1 to \(Header.dimensionLimit) dimensions", found: "\(dimensions.count)")
    }
    guard dimensions.allSatisfy({ (0...Int(UInt32.max)).contains($0) }) else {
      throw .expected("dimensions from 1 to 2^32 - 1", found: dimensionText(dimensions))
    }
    let header = try Header(dimensions: dimensions)
    try header.check(found: bytes.count, orMore: false)
    self.dimensions = dimensions
    self.bytes = bytes
  }

  /// Reads a file in memory, packed with gzip or not.
  ///
  /// A gzip file is unpacked only as far as the IDX header declares, and one byte more to notice surplus data.
  /// - Parameters:
  ///   - bytes: The file.
  ///   - limit: The most bytes that a header may declare, 2 GiB by default.
  /// - Throws: `FormatError`; its `container` tells if the position is one in the unpacked data.
  package init(decoding bytes: [UInt8], limit: Int = 2 << 30) throws(FormatError) {
    guard Gzip.isGzip(bytes) else {
      let header = try Header(decoding: bytes, limit: limit)
      try header.check(found: bytes.count - header.size, orMore: false)
      self.init(header, Array(bytes[header.size...]))
      return
    }
    let (head, _) = try Gzip.decompressPrefix(bytes, count: Header.sizeLimit)
    let header = try Self.unpacked { () throws(FormatError) in try Header(decoding: head, limit: limit) }
    var (data, isComplete) = try Gzip.decompressPrefix(bytes, count: header.size + header.count)
    try Self.unpacked { () throws(FormatError) in
      try header.check(found: data.count - header.size + (isComplete ? 0 : 1), orMore: !isComplete)
    }
    data.removeFirst(header.size)
    self.init(header, data)
  }

  /// Reads a file.
  /// - Throws: `FileFailure` if it cannot be read, `FormatError` with its path if it is no IDX file.
  package init(contentsOf path: String) throws {
    let bytes = try readFile(at: path)
    do throws(FormatError) {
      try self.init(decoding: bytes)
    } catch {
      throw error.at(path: path)
    }
  }

  private init(_ header: Header, _ bytes: [UInt8]) {
    self.dimensions = header.dimensions
    self.bytes = bytes
  }

  /// The elements without the format.
  package var tensor: ByteTensor { ByteTensor(dimensions: dimensions, checked: bytes) }

  /// The bytes of the unpacked file; `init(decoding:)` gives an equal value back.
  package func encoded() -> [UInt8] {
    var output: [UInt8] = [0, 0, Header.unsignedByte, UInt8(truncatingIfNeeded: dimensions.count)]
    for dimension in dimensions {
      for shift in stride(from: 24, through: 0, by: -8) {
        output.append(UInt8(truncatingIfNeeded: dimension >> shift))
      }
    }
    return output + bytes
  }

  /// Runs `body`, whose errors count positions in the unpacked data.
  private static func unpacked<Value>(_ body: () throws(FormatError) -> Value) throws(FormatError) -> Value {
    do throws(FormatError) { return try body() } catch { throw error.inside("the unpacked data") }
  }
}

extension IDXFile {
  /// The header: magic number and dimensions.
  struct Header {
    /// The most dimensions that are read. The format has room for 255; no data set of images has more than four.
    static let dimensionLimit = 4
    /// Size of the longest header in bytes.
    static let sizeLimit = 4 + 4 * dimensionLimit
    /// The type byte of unsigned bytes.
    static let unsignedByte: UInt8 = 0x08

    let dimensions: [Int]
    /// Number of declared elements, which is also their size in bytes.
    let count: Int

    /// Size of this header in bytes.
    var size: Int { 4 + 4 * dimensions.count }

    /// - Throws: `FormatError` if the dimensions contain nothing or more than `Int` counts.
    init(dimensions: [Int], offset: Int? = nil) throws(FormatError) {
      count = try ByteTensor.count(dimensions, offset: offset)
      self.dimensions = dimensions
    }

    /// Reads the beginning of a file; the data after the header is not looked at.
    init(decoding bytes: [UInt8], limit: Int) throws(FormatError) {
      guard !bytes.isEmpty else { throw .expected("an IDX header", found: byteCount(0), offset: 0) }
      // A page from a portal or a wrong link is often too short or too long: its format is named first.
      if let phrase = ContentGuess.phrase(for: bytes) {
        throw FormatError(offset: 0, problem: "this is \(phrase), not IDX")
      }
      var reader = ByteReader(bytes)
      guard bytes.count >= 4 else {
        throw .expected("an IDX header of at least 8 bytes", found: byteCount(bytes.count), offset: 0)
      }
      let zeros = try reader.readBigEndianUInt16(as: "the IDX magic number")
      guard zeros == 0 else {
        throw .expected("two zero bytes at the start of an IDX file", found: hexadecimal(zeros), offset: 0)
      }
      try Self.checkType(try reader.readUInt8(as: "the IDX type"))
      let rank = Int(try reader.readUInt8(as: "the number of IDX dimensions"))
      guard (1...Self.dimensionLimit).contains(rank) else {
        throw .expected("1 to \(Self.dimensionLimit) dimensions", found: "\(rank)", offset: 3)
      }
      guard reader.remaining >= 4 * rank else {
        throw .expected("an IDX header of \(4 + 4 * rank) bytes", found: byteCount(bytes.count), offset: bytes.count)
      }
      var dimensions: [Int] = []
      for _ in 0..<rank { dimensions.append(Int(try reader.readBigEndianUInt32(as: "an IDX dimension"))) }
      try self.init(dimensions: dimensions, offset: 4)
      guard count <= min(limit, 1 << 40) else {
        throw .expected(
          "at most \(limit) bytes of data", found: "dimensions of \(dimensionText(dimensions)) bytes", offset: 4)
      }
    }

    /// Compares the declared number of bytes with the number after the header.
    /// - Parameter orMore: Whether reading stopped there and more may follow.
    func check(found: Int, orMore: Bool) throws(FormatError) {
      guard found == count else {
        throw .expected(
          "\(byteCount(count)) of data (\(dimensionText(dimensions)))",
          found: (orMore ? "at least " : "") + byteCount(found), offset: size + min(found, count))
      }
    }

    private static func checkType(_ type: UInt8) throws(FormatError) {
      guard type != unsignedByte else { return }
      let names: [UInt8: String] = [
        0x09: "signed bytes", 0x0b: "16-bit integers", 0x0c: "32-bit integers", 0x0d: "32-bit floats",
        0x0e: "64-bit floats",
      ]
      let found = names[type].map { "\(hexadecimal(type)) (\($0))" } ?? hexadecimal(type)
      throw .expected("IDX type 0x08 (unsigned bytes)", found: found, offset: 2)
    }
  }
}
