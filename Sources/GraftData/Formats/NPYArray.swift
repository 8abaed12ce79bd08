import GraftFiles

/// An array in NumPy's NPY format, versions 1.0 and 2.0: a magic string, a header that is a Python dictionary, then
/// the elements (NumPy Enhancement Proposal 1).
struct NPYArray {
  let header: Header
  /// The elements, row-major, little-endian.
  let elements: ArraySlice<UInt8>

  /// - Throws: `FormatError` if the bytes are not exactly one such array.
  init(decoding bytes: [UInt8]) throws(FormatError) {
    header = try Header(decoding: bytes)
    try header.check(found: bytes.count - header.size)
    elements = bytes[header.size...]
  }

  /// The part before the elements.
  struct Header {
    let type: ElementType
    /// Sizes from the outermost dimension to the innermost; empty for a single number.
    let dimensions: [Int]
    /// Size of the header in bytes.
    let size: Int
    /// Size of the elements in bytes.
    let byteCount: Int

    /// The shape as Python writes it: `(60000, 28, 28)`, `(60000,)`.
    var shapeText: String {
      "(\(dimensions.map(String.init).joined(separator: ", "))\(dimensions.count == 1 ? "," : ""))"
    }

    /// The longest header in bytes. NumPy itself refuses longer ones by default (`max_header_size` of
    /// numpy.lib.format).
    static let sizeLimit = 10_000

    /// - Parameter bytes: A beginning of the file that contains the whole header.
    init(decoding bytes: [UInt8]) throws(FormatError) {
      var reader = ByteReader(bytes)
      let magic = try reader.readBytes(6, as: "an NPY header")
      guard magic.elementsEqual([0x93] + Array("NUMPY".utf8)) else {
        let found = ContentGuess.phrase(for: bytes) ?? "other bytes"
        throw .expected("an NPY array (\\x93NUMPY)", found: found, offset: 0)
      }
      let version = try reader.readUInt8(as: "the NPY version")
      let minor = try reader.readUInt8(as: "the NPY version")
      let length: Int
      switch (version, minor) {
      case (1, 0): length = Int(try reader.readLittleEndianUInt16(as: "the length of the NPY header"))
      case (2, 0): length = Int(try reader.readLittleEndianUInt32(as: "the length of the NPY header"))
      default: throw .expected("NPY version 1.0 or 2.0", found: "\(version).\(minor)", offset: 6)
      }
      guard length <= Self.sizeLimit else {
        throw .expected("an NPY header of at most \(Self.sizeLimit) bytes", found: "\(length)", offset: 8)
      }
      let start = reader.offset
      let text = try reader.readBytes(length, as: "the NPY header")
      var parser = NPYHeaderParser(text)
      let fields = try parser.parse()
      guard !fields.fortranOrder else {
        throw FormatError(offset: start, problem: "the array is in Fortran order; only C order is read")
      }
      guard let type = ElementType(descriptor: fields.descriptor) else {
        throw ElementType.unknown(fields.descriptor, offset: start)
      }
      var count = type.width
      for dimension in fields.dimensions {
        let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
        guard !overflow else { throw FormatError(offset: start, problem: "the dimensions of the array are too large") }
        count = product
      }
      self.type = type
      self.dimensions = fields.dimensions
      self.size = reader.offset
      self.byteCount = count
    }

    /// Compares the size of the elements with that of the bytes after the header.
    func check(found: Int) throws(FormatError) {
      guard found == byteCount else {
        throw .expected(
          "\(GraftFiles.byteCount(byteCount)) of elements (\(type) of shape \(shapeText))",
          found: GraftFiles.byteCount(found), offset: size)
      }
    }
  }

  /// A type of elements: numbers of 1, 2, 4 or 8 bytes, truth values, or text of a fixed length.
  struct ElementType: Hashable, CustomStringConvertible {
    enum Kind: Hashable {
      case unsigned
      case signed
      /// IEEE 754 binary16, binary32 or binary64.
      case float
      /// One byte, 0 or 1.
      case truth
      /// Code points of 4 bytes, filled up with zeros.
      case text
      /// Bytes of text, filled up with zeros.
      case byteText
    }

    let kind: Kind
    /// Size of one element in bytes.
    let width: Int

    /// - Parameter descriptor: As NumPy writes it, `<i8`; big-endian numbers, complex ones and records give nil.
    init?(descriptor: String) {
      let characters = Array(descriptor.utf8)
      guard characters.count >= 3, let count = Int(String(decoding: characters[2...], as: UTF8.self)),
        let first = characters.dropFirst(2).first, first != UInt8(ascii: "+"), (1...4096).contains(count)
      else { return nil }
      let kind: Kind
      switch characters[1] {
      case UInt8(ascii: "u"): kind = .unsigned
      case UInt8(ascii: "i"): kind = .signed
      case UInt8(ascii: "f"): kind = .float
      case UInt8(ascii: "b"): kind = .truth
      case UInt8(ascii: "U"): kind = .text
      case UInt8(ascii: "S"): kind = .byteText
      default: return nil
      }
      let widths: [Int]
      switch kind {
      case .unsigned, .signed: widths = [1, 2, 4, 8]
      case .float: widths = [2, 4, 8]
      case .truth: widths = [1]
      case .text, .byteText: widths = [count]
      }
      guard widths.contains(count) else { return nil }
      switch characters[0] {
      case UInt8(ascii: "<"): break
      // Byte order has no meaning for single bytes.
      case UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "="):
        guard count == 1 && kind != .text || kind == .byteText else { return nil }
      default: return nil
      }
      self.kind = kind
      width = kind == .text ? 4 * count : count
    }

    /// As NumPy writes it in a file: `|u1`, `<f4`.
    var description: String {
      switch kind {
      case .unsigned: (width == 1 ? "|" : "<") + "u\(width)"
      case .signed: (width == 1 ? "|" : "<") + "i\(width)"
      case .float: "<f\(width)"
      case .truth: "|b1"
      case .text: "<U\(width / 4)"
      case .byteText: "|S\(width)"
      }
    }

    /// As NumPy calls it: `uint8`, `float32`.
    var name: String {
      switch kind {
      case .unsigned: "uint\(8 * width)"
      case .signed: "int\(8 * width)"
      case .float: "float\(8 * width)"
      case .truth: "bool"
      case .text, .byteText: "text"
      }
    }

    static func unknown(_ descriptor: String, offset: Int) -> FormatError {
      guard !descriptor.hasSuffix("O") else {
        return FormatError(
          offset: offset,
          problem: "the array holds Python objects (\(quoted(descriptor))): convert it to numbers before it is saved, "
            + "such as labels.astype(\"int64\")")
      }
      return .expected(
        "elements that are little-endian integers or floats, or booleans (|u1, <i8, <f4, |b1 and the like)",
        found: quoted(descriptor), offset: offset)
    }
  }
}
