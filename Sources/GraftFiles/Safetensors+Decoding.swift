extension Safetensors {
  /// A tensor as the header describes it, with the position of its name in the file.
  private struct Entry {
    let name: String
    let position: Int
    let dtype: DType
    let shape: [Int]
    let range: (begin: Int, end: Int)
  }

  /// Reads a file in memory. Memory is allocated for what the header contains, never for what it claims.
  /// - Throws: `FormatError` with the position in the file.
  package init(decoding bytes: [UInt8]) throws(FormatError) {
    let header = try Self.header(of: bytes, fileSize: bytes.count)
    let (entries, metadata) = try Self.content(of: header)
    let tiles = try Self.tiles(entries, dataSize: bytes.count - header.endIndex, dataStart: header.endIndex)
    let tensors = tiles.map { entry in
      Tensor(
        name: entry.name, dtype: entry.dtype, shape: entry.shape,
        bytes: bytes[(header.endIndex + entry.range.begin)..<(header.endIndex + entry.range.end)])
    }
    self.init(tensors: tensors, metadata: metadata)
  }

  /// Compares the header of a file with the file's size, so that gigabytes of something else are not read to be refused.
  /// - Throws: `FileFailure` if it cannot be read, and `FormatError` with its path.
  package static func checkHeader(ofFileAt path: String) throws {
    let file = try RegularFile(opening: path)
    // Enough to tell other formats by.
    var bytes = try file.read(upTo: min(file.size, 1 << 10))
    do {
      if bytes.count >= 8 {
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if length <= UInt64(min(headerLimit, file.size - 8)), 8 + Int(length) > bytes.count {
          bytes += try file.read(upTo: 8 + Int(length) - bytes.count)
        }
      }
      let header = try header(of: bytes, fileSize: file.size)
      let entries = try content(of: header).entries
      _ = try tiles(entries, dataSize: file.size - header.endIndex, dataStart: header.endIndex)
    } catch let error as FormatError {
      throw error.at(path: path)
    }
  }

  /// Reads the JSON text of a header.
  private static func content(
    of header: ArraySlice<UInt8>
  ) throws(FormatError) -> (entries: [Entry], metadata: [(key: String, value: String)]) {
    var scanner = try JSON.Scanner(header, valueLimit: 1_000_000)
    var entries: [Entry] = []
    var metadata: [(key: String, value: String)] = []
    try scanner.readMembers(of: "a JSON object as header") {
      (scanner: inout JSON.Scanner, name: String, position: Int) throws(FormatError) in
      if name == "__metadata__" {
        metadata = try Self.readMetadata(&scanner)
      } else {
        entries.append(try Self.readEntry(&scanner, name: name, position: position))
      }
    }
    if scanner.peek() == 0 {
      throw .expected("the header padded with spaces", found: "NUL padding", offset: scanner.offset)
    }
    try scanner.expectEnd()
    return (entries, metadata)
  }

  // MARK: - Header

  /// Finds the JSON text: eight bytes of little-endian length, then that many bytes.
  /// - Parameters:
  ///   - bytes: The file, or its beginning up to the end of the header.
  ///   - fileSize: The size of the file.
  private static func header(of bytes: [UInt8], fileSize: Int) throws(FormatError) -> ArraySlice<UInt8> {
    guard !bytes.isEmpty else { throw .expected("a safetensors file", found: "an empty file", offset: 0) }
    var reader = ByteReader(bytes)
    guard bytes.count >= 8 else {
      throw foreign(bytes) ?? .expected("8 bytes for the header length", found: byteCount(bytes.count), offset: 0)
    }
    let length = try reader.readLittleEndianUInt64(as: "the header length")
    // A valid length may start with the bytes of a pickle (0x80 0x02 is 640): other formats are looked for only if the
    // length is impossible.
    guard length <= UInt64(headerLimit) else {
      throw foreign(bytes)
        ?? .expected("a header of at most \(headerLimit) bytes", found: "a header length of \(length)", offset: 0)
    }
    guard Int(length) <= fileSize - 8 else {
      throw foreign(bytes)
        ?? .expected("a header of \(length) bytes", found: byteCount(fileSize - 8), offset: reader.offset)
    }
    return try reader.readBytes(Int(length), as: "the header")
  }

  /// An error that names the file's real format; nil if it is not recognised.
  private static func foreign(_ bytes: [UInt8]) -> FormatError? {
    guard let phrase = ContentGuess.phrase(for: bytes) else { return nil }
    guard bytes.starts(with: [0x50, 0x4b]) || bytes[0] == 0x80 else {
      return FormatError(problem: "this is \(phrase), not safetensors")
    }
    return FormatError(
      problem: "this is \(phrase), not safetensors; weights of another program become a checkpoint with "
        + "graft import, which runs nothing in them")
  }

  /// Reads `{"key": "text", …}` or null, which the reference takes for "none".
  private static func readMetadata(
    _ scanner: inout JSON.Scanner
  ) throws(FormatError) -> [(key: String, value: String)] {
    if scanner.peek() == UInt8(ascii: "n") {
      _ = try scanner.readValue()
      return []
    }
    var metadata: [(key: String, value: String)] = []
    try scanner.readMembers(of: "an object or null for __metadata__") {
      (scanner: inout JSON.Scanner, key: String, _: Int) throws(FormatError) in
      metadata.append((key, try scanner.readString("a string as value of the metadata key \(quoted(key))")))
    }
    return metadata
  }

  private static func readEntry(
    _ scanner: inout JSON.Scanner, name: String, position: Int
  ) throws(FormatError) -> Entry {
    var dtype: DType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.readMembers(of: "an object for the tensor \(quoted(name))") {
      (scanner: inout JSON.Scanner, field: String, _: Int) throws(FormatError) in
      switch field {
      case "dtype": dtype = try readDType(&scanner)
      case "shape": shape = try readSizes(&scanner, "the shape of \(quoted(name))")
      case "data_offsets": offsets = try readSizes(&scanner, "the data_offsets of \(quoted(name))", limit: 2)
      default: _ = try scanner.readValue(depth: 2)
      }
    }
    func missing(_ field: String) -> FormatError {
      FormatError(offset: position, problem: "the tensor \(quoted(name)) has no \(field)")
    }
    guard let dtype else { throw missing("dtype") }
    guard let shape else { throw missing("shape") }
    guard let offsets else { throw missing("data_offsets") }
    guard offsets.count == 2 else {
      throw .expected("two data_offsets for \(quoted(name))", found: "\(offsets.count)", offset: position)
    }
    return Entry(name: name, position: position, dtype: dtype, shape: shape, range: (offsets[0], offsets[1]))
  }

  private static func readDType(_ scanner: inout JSON.Scanner) throws(FormatError) -> DType {
    _ = scanner.peek()
    let position = scanner.offset
    let text = try scanner.readString("a string as dtype")
    guard let dtype = DType(rawValue: text) else {
      throw .expected("a safetensors dtype such as \"F32\"", found: quoted(text), offset: position)
    }
    return dtype
  }

  /// Reads an array of integers from 0 to `Int.max`.
  private static func readSizes(
    _ scanner: inout JSON.Scanner, _ what: String, limit: Int = 64
  ) throws(FormatError) -> [Int] {
    var sizes: [Int] = []
    try scanner.readElements(of: "an array for \(what)") { (scanner: inout JSON.Scanner) throws(FormatError) in
      _ = scanner.peek()
      let position = scanner.offset
      guard sizes.count < limit else {
        throw .expected("at most \(limit) numbers in \(what)", found: "more", offset: position)
      }
      guard scanner.startsNumber, case .integer(let size) = try scanner.readNumber(), size >= 0 else {
        throw FormatError(offset: position, problem: "expected integers from 0 to 2^63 - 1 in \(what)")
      }
      sizes.append(size)
    }
    return sizes
  }

  // MARK: - Data

  /// Sorts the tensors by position, in which they must tile the data: no hole, no overlap, nothing after the last.
  private static func tiles(
    _ entries: [Entry], dataSize: Int, dataStart: Int
  ) throws(FormatError) -> [Entry] {
    var end = 0
    // `sort` is stable: tensors without elements keep the header's order among themselves.
    let sorted = entries.sorted { $0.range < $1.range }
    for entry in sorted {
      let size = try entry.dtype.byteCount(of: entry.shape, named: entry.name, at: entry.position)
      func wrong(_ expected: String, _ found: String) -> FormatError {
        .expected("\(expected) for the tensor \(quoted(entry.name))", found: found, offset: entry.position)
      }
      let (first, last) = entry.range
      guard first <= last else { throw wrong("rising data_offsets", "\(first) and \(last)") }
      guard first == end else { throw wrong("data from \(end)", "data_offsets from \(first)") }
      guard last - first == size else {
        throw wrong("\(byteCount(size)) (\(entry.dtype.rawValue) \(entry.shape))", byteCount(last - first))
      }
      guard last <= dataSize else {
        throw wrong("data up to \(last)", "a file with \(byteCount(dataSize)) of data")
      }
      end = last
    }
    guard end == dataSize else {
      throw .expected(
        "the end of the file after the last tensor", found: "\(byteCount(dataSize - end)) more",
        offset: dataStart + end)
    }
    return sorted
  }
}
