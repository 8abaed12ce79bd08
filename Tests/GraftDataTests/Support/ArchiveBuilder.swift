import GraftFiles

/// Archives of a few files, made byte by byte.
enum ArchiveBuilder {
  /// A tar archive of regular files (POSIX.1-1988).
  static func tar(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var output: [UInt8] = []
    for file in files {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, at place: Int) {
        for (index, byte) in text.utf8.enumerated() { header[place + index] = byte }
      }
      func octal(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
      }
      put(file.name, at: 0)
      put(octal(file.bytes.count, 11), at: 124)
      put("0", at: 156)
      put("ustar\u{0}00", at: 257)
      put("        ", at: 148)
      put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
      output += header + file.bytes
      output += [UInt8](repeating: 0, count: (512 - file.bytes.count % 512) % 512)
    }
    return output + [UInt8](repeating: 0, count: 1024)
  }

  /// An IDX file of 32-bit numbers in two dimensions, packed with gzip.
  static func wideLabels(_ labels: [Int], width: Int) -> [UInt8] {
    func big(_ value: Int) -> [UInt8] { stride(from: 24, through: 0, by: -8).map { UInt8(value >> $0 & 255) } }
    let rows = labels.flatMap { label in big(label) + (1..<width).flatMap { big($0 + 1000) } }
    return Gzip.compress([0, 0, 0x0c, 2] + big(labels.count) + big(width) + rows)
  }
}
