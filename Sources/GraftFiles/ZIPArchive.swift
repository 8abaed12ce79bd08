/// A zip archive in memory, read through its central directory (PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.4).
///
/// Stored and deflated entries, with the larger numbers of ZIP64; no encryption, no split archives. Names are only compared,
/// never used as paths.
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
    /// Position of the entry in the directory, for errors about what stands there.
    fileprivate let place: Int
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
    let (directoryRange, count) = try Self.findDirectory(of: bytes)
    var directory = ByteReader(bytes[directoryRange])
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
    self.directoryOffset = directoryRange.lowerBound
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
    guard entry.size < .max else {
      throw FormatError(offset: entry.place, problem: "\(quoted(entry.name)) is too large")
    }
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

  /// The directory and the number of its entries, from the end record, or from that of ZIP64 if there is one (sections 4.3.14 to
  /// 4.3.16).
  private static func findDirectory(of bytes: [UInt8]) throws(FormatError) -> (range: Range<Int>, count: Int) {
    let end = try Self.findEnd(of: bytes)
    var reader = ByteReader(bytes[end...])
    try reader.skip(4, as: "the end of the zip directory")
    let disk = try reader.readLittleEndianUInt16(as: "the disk number")
    let firstDisk = try reader.readLittleEndianUInt16(as: "the directory's disk number")
    var countHere = Int(try reader.readLittleEndianUInt16(as: "the number of zip entries"))
    var count = Int(try reader.readLittleEndianUInt16(as: "the number of zip entries"))
    var size = Int(try reader.readLittleEndianUInt32(as: "the size of the zip directory"))
    var offset = Int(try reader.readLittleEndianUInt32(as: "the position of the zip directory"))
    var directoryEnd = end
    if end >= 20, bytes[end - 20..<end - 16].elementsEqual([0x50, 0x4b, 0x06, 0x07]) {
      var locator = ByteReader(bytes[(end - 12)..<end])
      let place = try Self.readInt(&locator, "the position of the ZIP64 end record")
      guard place <= end - 76 else {
        throw .expected("a ZIP64 end record before byte \(end - 20)", found: "\(place)", offset: end - 12)
      }
      var record = ByteReader(bytes[place..<end])
      let signature = try record.readLittleEndianUInt32(as: "the ZIP64 end record")
      guard signature == 0x0606_4b50 else {
        throw .expected("a ZIP64 end record (0x06064b50)", found: hexadecimal(signature), offset: place)
      }
      try record.skip(20, as: "the ZIP64 versions and disks")
      countHere = try Self.readInt(&record, "the number of zip entries")
      count = try Self.readInt(&record, "the number of zip entries")
      size = try Self.readInt(&record, "the size of the zip directory")
      offset = try Self.readInt(&record, "the position of the zip directory")
      directoryEnd = place
    }
    guard disk == 0, firstDisk == 0, count == countHere else {
      throw FormatError(offset: end, problem: "split zip archives are not supported")
    }
    guard offset <= directoryEnd, size == directoryEnd - offset else {
      throw .expected(
        "a zip directory that ends at byte \(directoryEnd)", found: "\(size) bytes from \(offset)", offset: end + 12)
    }
    return (offset..<directoryEnd, count)
  }

  /// A number of eight bytes that an `Int` can express.
  private static func readInt(_ reader: inout ByteReader, _ what: String) throws(FormatError) -> Int {
    let offset = reader.offset
    let number = try reader.readLittleEndianUInt64(as: what)
    guard let value = Int(exactly: number) else {
      throw .expected(what, found: "\(number)", offset: offset)
    }
    return value
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
    let extra = try reader.readBytes(Int(extraLength), as: "a zip entry's extra field")
    try reader.skip(Int(commentLength), as: "a zip entry's comment")
    var numbers = (size: Int(size), packed: Int(packedSize), header: Int(headerOffset))
    if size == .max || packedSize == .max || headerOffset == .max {
      // The numbers that do not fit stand in the extra field 0x0001, in this order (section 4.5.3).
      guard var wide = try Self.extraField(1, of: extra) else {
        throw FormatError(offset: start, problem: "a ZIP64 entry has no ZIP64 numbers")
      }
      if size == .max { numbers.size = try Self.readInt(&wide, "a zip entry's size") }
      if packedSize == .max { numbers.packed = try Self.readInt(&wide, "a zip entry's packed size") }
      if headerOffset == .max { numbers.header = try Self.readInt(&wide, "the position of a zip entry") }
    }
    return Entry(
      name: String(decoding: name, as: UTF8.self), flags: flags, method: method, checksum: checksum,
      packedSize: numbers.packed, size: numbers.size, headerOffset: numbers.header, place: start)
  }

  /// The content of one extra field; nil if there is none of its kind.
  private static func extraField(_ kind: UInt16, of bytes: ArraySlice<UInt8>) throws(FormatError) -> ByteReader? {
    var reader = ByteReader(bytes)
    while reader.remaining >= 4 {
      let found = try reader.readLittleEndianUInt16(as: "the kind of a zip extra field")
      let length = try reader.readLittleEndianUInt16(as: "the length of a zip extra field")
      let content = try reader.readBytes(Int(length), as: "a zip extra field")
      if found == kind { return ByteReader(content) }
    }
    return nil
  }

  /// The packed bytes of an entry. Sizes are taken from the directory: the local header may leave them to a record
  /// after the data (flag bit 3), as NumPy does.
  private func packedData(of entry: Entry) throws(FormatError) -> ArraySlice<UInt8> {
    guard entry.flags & 0x41 == 0 else {
      throw FormatError(offset: entry.place, problem: "the zip entry \(quoted(entry.name)) is encrypted")
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw .expected(
        "zip compression method 0 (stored) or 8 (deflate)", found: "\(entry.method)", offset: entry.place)
    }
    guard entry.method == 8 || entry.packedSize == entry.size else {
      throw .expected(
        "\(byteCount(entry.size)) stored in \(quoted(entry.name))", found: byteCount(entry.packedSize),
        offset: entry.place)
    }
    guard entry.headerOffset <= directoryOffset else {
      throw FormatError(
        offset: entry.place, problem: "the zip entry \(quoted(entry.name)) does not precede the directory")
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
