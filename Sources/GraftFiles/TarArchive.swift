/// A tar archive in memory (POSIX.1-1988 "ustar", and the older form that it extends).
///
/// Regular files only: folders, links and the records of later formats are passed over. Names are only compared, never
/// used as paths.
package struct TarArchive {
  /// A file of the archive.
  package struct Entry: Sendable {
    /// The name with its folders: `cifar-10-batches-bin/data_batch_1.bin`.
    package let name: String
    /// The bytes of the file, as positions in the archive.
    fileprivate let range: Range<Int>

    /// The name without its folders.
    package var lastName: Substring { name.split(separator: "/").last ?? "" }
  }

  /// The files in the order of the archive.
  package let entries: [Entry]
  private let bytes: [UInt8]

  /// The size of a header, and the unit of all sizes.
  private static let block = 512

  /// Reads the headers of an archive.
  ///
  /// - Throws: `FormatError` if a header is damaged, or if a file reaches beyond the end.
  package init(decoding bytes: [UInt8]) throws(FormatError) {
    var entries: [Entry] = []
    var position = 0
    while true {
      guard bytes.count - position >= TarArchive.block else {
        // The last file may end within a block that the archive does not have whole.
        let end = min(position, bytes.count)
        throw .expected("a tar header", found: byteCount(bytes.count - end), offset: end)
      }
      let header = bytes[position..<position + TarArchive.block]
      guard let size = try TarArchive.size(in: header) else { break }
      let start = position + TarArchive.block
      guard size <= bytes.count - start else {
        throw .expected("\(byteCount(size)) of a file", found: byteCount(bytes.count - start), offset: start)
      }
      // Type "0", and a zero byte before 1988.
      if [0, UInt8(ascii: "0")].contains(header[position + 156]) {
        let name = TarArchive.text(header.prefix(100))
        let isPOSIX = header.dropFirst(257).starts(with: Array("ustar".utf8))
        let prefix = isPOSIX ? TarArchive.text(header.dropFirst(345).prefix(155)) : ""
        entries.append(Entry(name: prefix.isEmpty ? name : "\(prefix)/\(name)", range: start..<start + size))
      }
      position = start + (size + TarArchive.block - 1) / TarArchive.block * TarArchive.block
    }
    self.entries = entries
    self.bytes = bytes
  }

  /// The size of the file behind a header; nil if the archive ends here.
  private static func size(in header: ArraySlice<UInt8>) throws(FormatError) -> Int? {
    // Two blocks of zeros end an archive; one is enough to know.
    if header.allSatisfy({ $0 == 0 }) { return nil }
    let position = header.startIndex
    let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    guard let stored = octal(header.dropFirst(148).prefix(8)), stored == sum else {
      throw .expected("a tar header with checksum \(sum)", found: "another one", offset: position)
    }
    guard let size = octal(header.dropFirst(124).prefix(12)) else {
      throw .expected("the size of a file in octal digits", found: "other bytes", offset: position + 124)
    }
    return size
  }

  /// Refuses bytes that begin as no archive, or as one whose first file is too large, before the others are unpacked.
  ///
  /// - Parameter limit: The most bytes of the archive.
  package static func check(beginning bytes: ArraySlice<UInt8>, limit: Int) throws(FormatError) {
    guard bytes.count >= block, let size = try TarArchive.size(in: bytes.prefix(block)) else { return }
    guard size <= limit else {
      throw .expected("a file of at most \(byteCount(limit))", found: byteCount(size), offset: bytes.startIndex + 124)
    }
  }

  /// The bytes of a file.
  package subscript(_ entry: Entry) -> ArraySlice<UInt8> { bytes[entry.range] }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A number in octal digits, between spaces and up to a zero byte; nil for other bytes. Twelve digits are below 2^36.
  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.prefix { $0 != 0 }.filter { $0 != 0x20 }
    guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }
}
