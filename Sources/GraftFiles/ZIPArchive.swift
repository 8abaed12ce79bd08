/// A zip archive in memory, read through its central directory (PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.4).
///
/// Stored and deflated entries; no encryption, no split archives, no ZIP64. Names are only compared, never used as
/// paths.
package struct ZIPArchive: Sendable {
  package struct Entry: Sendable {
    package let name: String
    fileprivate let flags: UInt16
    fileprivate let method: UInt16
    fileprivate let checksum: UInt32
    fileprivate let packedSize: Int
    /// Size in bytes that the directory declares; unpacked data has this size or is refused.
    package let size: Int
    fileprivate let headerOffset: Int
  }

  /// Entries in the order of the directory.
  package let entries: [Entry]
  private let bytes: [UInt8]
  /// Position at which the directory begins: no entry reaches beyond it.
  private let directoryOffset: Int

  package init(decoding bytes: [UInt8]) throws(FormatError) {
    if let phrase = ContentGuess.phrase(for: bytes), !phrase.hasSuffix("zip archive") {
      throw FormatError(offset: 0, problem: "this is \(phrase), not a zip archive")
    }
    let end = try Self.findEnd(of: bytes)
    var reader = ByteReader(bytes[end...])
    try reader.skip(4, as: "the end of the zip directory")
    let disk = try reader.readLittleEndianUInt16(as: "the disk number")
    let firstDisk = try reader.readLittleEndianUInt16(as: "the directory's disk number")
    let countHere = try reader.readLittleEndianUInt16(as: "the number of zip entries")
    let count = try reader.readLittleEndianUInt16(as: "the number of zip entries")
    let size = try reader.readLittleEndianUInt32(as: "the size of the zip directory")
    let offset = try reader.readLittleEndianUInt32(as: "the position of the zip directory")
    guard offset != .max, count != .max else {
      throw FormatError(offset: end, problem: "ZIP64 archives are not supported")
    }
    guard disk == 0, firstDisk == 0, count == countHere else {
      throw FormatError(offset: end, problem: "split zip archives are not supported")
    }
    guard Int(offset) + Int(size) == end else {
      throw .expected("a zip directory that ends at byte \(end)", found: "\(Int(offset) + Int(size))", offset: end + 12)
    }
    var directory = ByteReader(bytes[Int(offset)..<end])
    var entries: [Entry] = []
    var names: Set<String> = []
    for _ in 0..<count {
      let start = directory.offset
      let entry = try Self.readEntry(&directory)
      guard names.insert(entry.name).inserted else {
        throw FormatError(offset: start, problem: "the zip archive has two entries \(quoted(entry.name))")
      }
      entries.append(entry)
    }
    guard directory.isAtEnd else {
      throw .expected("the end of the zip directory", found: byteCount(directory.remaining), offset: directory.offset)
    }
    self.entries = entries
    self.bytes = bytes
    self.directoryOffset = Int(offset)
  }

  /// Unpacks the beginning of an entry, whatever follows; nothing is allocated for the size that the directory declares.
  package func unpackPrefix(of entry: Entry, count: Int) throws(FormatError) -> [UInt8] {
    let data = try packedData(of: entry)
    guard entry.method != 0 else { return Array(data.prefix(count)) }
    var output: [UInt8] = []
    var inflater = try Inflater(data, wrapping: .none)
    while !inflater.isFinished, output.count < count {
      try inflater.read(upTo: min(64 << 10, count - output.count), appendingTo: &output)
    }
    return output
  }

  /// Unpacks an entry and compares it with the size and checksum in the directory.
  package func unpack(_ entry: Entry) throws(FormatError) -> [UInt8] {
    // One byte more than declared tells "as declared" from "longer".
    let output = try unpackPrefix(of: entry, count: entry.size + 1)
    guard output.count == entry.size else {
      let found = output.count > entry.size ? "more" : byteCount(output.count)
      throw .expected(
        "\(byteCount(entry.size)) in \(quoted(entry.name))", found: found, offset: entry.headerOffset)
    }
    let checksum = CRC32.checksum(output)
    guard checksum == entry.checksum else {
      throw .expected(
        "\(quoted(entry.name)) with CRC-32 \(hexadecimal(entry.checksum))", found: hexadecimal(checksum),
        offset: entry.headerOffset)
    }
    return output
  }

  // MARK: Reading

  private static let endSignature: [UInt8] = [0x50, 0x4b, 0x05, 0x06]
  private static let endSize = 22

  /// Finds the end record: it is last, except for a comment of up to 65,535 bytes.
  private static func findEnd(of bytes: [UInt8]) throws(FormatError) -> Int {
    var start = bytes.count - endSize
    while start >= 0, start >= bytes.count - endSize - 0xffff {
      let commentLength = Int(bytes[start + 20]) | Int(bytes[start + 21]) << 8
      if bytes[start..<start + 4].elementsEqual(endSignature), start + endSize + commentLength == bytes.count {
        return start
      }
      start -= 1
    }
    throw FormatError(offset: bytes.count, problem: "expected the end of a zip directory, found none: cut off?")
  }

  private static func readEntry(_ reader: inout ByteReader) throws(FormatError) -> Entry {
    let start = reader.offset
    let signature = try reader.readLittleEndianUInt32(as: "a zip directory entry")
    guard signature == 0x0201_4b50 else {
      throw .expected("a zip directory entry (0x02014b50)", found: hexadecimal(signature), offset: start)
    }
    try reader.skip(4, as: "the zip versions")
    let flags = try reader.readLittleEndianUInt16(as: "the zip flags")
    let method = try reader.readLittleEndianUInt16(as: "the zip compression method")
    try reader.skip(4, as: "the zip time and date")
    let checksum = try reader.readLittleEndianUInt32(as: "a zip entry's CRC-32")
    let packedSize = try reader.readLittleEndianUInt32(as: "a zip entry's packed size")
    let size = try reader.readLittleEndianUInt32(as: "a zip entry's size")
    let nameLength = try reader.readLittleEndianUInt16(as: "the length of a zip entry's name")
    let extraLength = try reader.readLittleEndianUInt16(as: "the length of a zip entry's extra field")
    let commentLength = try reader.readLittleEndianUInt16(as: "the length of a zip entry's comment")
    try reader.skip(8, as: "the zip disk number and attributes")
    let headerOffset = try reader.readLittleEndianUInt32(as: "the position of a zip entry")
    let name = try reader.readBytes(Int(nameLength), as: "a zip entry's name")
    try reader.skip(Int(extraLength) + Int(commentLength), as: "a zip entry's extra field and comment")
    guard packedSize != .max, size != .max, headerOffset != .max else {
      throw FormatError(offset: start, problem: "ZIP64 entries are not supported")
    }
    return Entry(
      name: String(decoding: name, as: UTF8.self), flags: flags, method: method, checksum: checksum,
      packedSize: Int(packedSize), size: Int(size), headerOffset: Int(headerOffset))
  }

  /// The packed bytes of an entry. Sizes are taken from the directory: the local header may leave them to a record
  /// after the data (flag bit 3), as NumPy does.
  private func packedData(of entry: Entry) throws(FormatError) -> ArraySlice<UInt8> {
    guard entry.flags & 0x41 == 0 else {
      throw FormatError(offset: entry.headerOffset, problem: "the zip entry \(quoted(entry.name)) is encrypted")
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw .expected(
        "zip compression method 0 (stored) or 8 (deflate)", found: "\(entry.method)", offset: entry.headerOffset)
    }
    guard entry.method == 8 || entry.packedSize == entry.size else {
      throw .expected(
        "\(byteCount(entry.size)) stored in \(quoted(entry.name))", found: byteCount(entry.packedSize),
        offset: entry.headerOffset)
    }
    guard entry.headerOffset <= directoryOffset else {
      throw FormatError(
        offset: entry.headerOffset, problem: "the zip entry \(quoted(entry.name)) does not precede the directory")
    }
    var reader = ByteReader(bytes[entry.headerOffset..<directoryOffset])
    let signature = try reader.readLittleEndianUInt32(as: "a zip entry")
    guard signature == 0x0403_4b50 else {
      throw .expected("a zip entry (0x04034b50)", found: hexadecimal(signature), offset: entry.headerOffset)
    }
    try reader.skip(22, as: "a zip entry's header")
    let nameLength = try reader.readLittleEndianUInt16(as: "the length of a zip entry's name")
    let extraLength = try reader.readLittleEndianUInt16(as: "the length of a zip entry's extra field")
    try reader.skip(Int(nameLength) + Int(extraLength), as: "a zip entry's name and extra field")
    return try reader.readBytes(entry.packedSize, as: "the zip entry \(quoted(entry.name))")
  }
}
