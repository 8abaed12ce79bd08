import GraftFiles

/// An array in NumPy's NPY format, versions 1.0 and 2.0: a magic string, a header that is a Python dictionary, then the
/// elements (NumPy Enhancement Proposal 1).
struct NPYArray {
  let header: Header
  /// The elements, row-major, little-endian.
  let elements: ArraySlice<UInt8>

  /// - Throws: `FormatError` if the bytes are not exactly one such array.
  init(decoding bytes: [UInt8]) throws(FormatError) {
    header = try Header(decoding: bytes)
    let found = bytes.count - header.size
    guard found == header.byteCount else {
      throw .expected(
        "\(GraftFiles.byteCount(header.byteCount)) of elements (\(header.type) of shape \(header.shapeText))",
        found: GraftFiles.byteCount(found), offset: header.size)
    }
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

    var shapeText: String { "(\(dimensions.map(String.init).joined(separator: ", ")))" }

    /// The longest header in bytes. NumPy itself refuses longer ones by default (`max_header_size` of numpy.lib.format).
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
        throw .expected(
          "elements that are little-endian integers (|u1, <i4, <i8 and the like)", found: quoted(fields.descriptor),
          offset: start)
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
  }

  /// An integer type of 1, 2, 4 or 8 bytes.
  struct ElementType: CustomStringConvertible {
    let isSigned: Bool
    let width: Int

    /// - Parameter descriptor: As NumPy writes it, `<i8`; big-endian numbers, floats and records give nil.
    init?(descriptor: String) {
      let characters = Array(descriptor.utf8)
      guard characters.count == 3, let width = Int(String(decoding: characters[2...], as: UTF8.self)),
        [1, 2, 4, 8].contains(width)
      else { return nil }
      switch characters[0] {
      case UInt8(ascii: "<"): break
      // Byte order has no meaning for single bytes.
      case UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "="): guard width == 1 else { return nil }
      default: return nil
      }
      switch characters[1] {
      case UInt8(ascii: "u"): isSigned = false
      case UInt8(ascii: "i"): isSigned = true
      default: return nil
      }
      self.width = width
    }

    var description: String { (width == 1 ? "|" : "<") + (isSigned ? "i" : "u") + "\(width)" }
  }

  /// The elements as labels.
  /// - Throws: `FormatError` with the index of the first that is below 0 or above 65,535.
  func labels() throws(FormatError) -> [Int] {
    let width = header.type.width
    if width == 1, !header.type.isSigned { return elements.map(Int.init) }
    var labels: [Int] = []
    labels.reserveCapacity(elements.count / width)
    for index in 0..<elements.count / width {
      let start = elements.startIndex + index * width
      // Little-endian: a number from 0 to 65,535 has only zeros after its second byte. No negative one has, except for one
      // of one or two bytes, in which the top bit is set.
      let isNegative = header.type.isSigned && elements[start + width - 1] >= 0x80
      guard !isNegative, elements[start..<start + width].dropFirst(2).allSatisfy({ $0 == 0 }) else {
        throw FormatError(offset: start, problem: "expected labels from 0 to 65535, found another at index \(index)")
      }
      labels.append(Int(elements[start]) | (width > 1 ? Int(elements[start + 1]) << 8 : 0))
    }
    return labels
  }
}
