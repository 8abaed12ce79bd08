import GraftFiles

/// A zip archive of files that are stored as they are (PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16).
///
/// Weights do not compress, so nothing is packed; that makes the whole format three records, and no library is needed. Every entry
/// has the date 1980-01-01, so that the same model gives the same bytes.
struct StoredArchive {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  private static let date: UInt32 = 0x0021_0000

  /// Adds a file.
  ///
  /// - Throws: `GraftFailure` if the archive would be larger than the format counts without ZIP64.
  mutating func add(_ name: String, _ content: [UInt8]) throws(GraftFailure) {
    try check(bytes.count + content.count + name.utf8.count + 30)
    let offset = UInt32(bytes.count)
    // Version, flags and method, date, checksum, packed and unpacked size, lengths of the name and of the extra field.
    var fields: [UInt8] = []
    fields.append(littleEndian: UInt16(20))
    fields.append(littleEndian: UInt16(0))
    fields.append(littleEndian: UInt16(0))
    fields.append(littleEndian: Self.date)
    fields.append(littleEndian: CRC32.checksum(content))
    fields.append(littleEndian: UInt32(content.count))
    fields.append(littleEndian: UInt32(content.count))
    fields.append(littleEndian: UInt16(name.utf8.count))
    fields.append(littleEndian: UInt16(0))
    bytes += Array("PK".utf8) + [3, 4] + fields + Array(name.utf8) + content

    directory += Array("PK".utf8) + [1, 2]
    directory.append(littleEndian: UInt16(20))
    directory += fields
    // Comment, disk, two kinds of attributes.
    directory.append(littleEndian: UInt16(0))
    directory.append(littleEndian: UInt16(0))
    directory.append(littleEndian: UInt16(0))
    directory.append(littleEndian: UInt32(0))
    directory.append(littleEndian: offset)
    directory += Array(name.utf8)
    count += 1
  }

  /// The archive.
  ///
  /// - Throws: `GraftFailure` if it is larger than the format counts without ZIP64.
  func encoded() throws(GraftFailure) -> [UInt8] {
    try check(bytes.count + directory.count + 22)
    var end: [UInt8] = Array("PK".utf8) + [5, 6, 0, 0, 0, 0]
    end.append(littleEndian: UInt16(count))
    end.append(littleEndian: UInt16(count))
    end.append(littleEndian: UInt32(directory.count))
    end.append(littleEndian: UInt32(bytes.count))
    end.append(littleEndian: UInt16(0))
    return bytes + directory + end
  }

  private func check(_ size: Int) throws(GraftFailure) {
    guard size <= Int(UInt32.max), count < Int(UInt16.max) else {
      throw GraftFailure(.badData, "the model is larger than a zip archive holds: 4 GB, 65535 arrays")
    }
  }
}
