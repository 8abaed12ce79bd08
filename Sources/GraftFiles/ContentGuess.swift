/// A guess at the format of bytes, so that an error can say "this is an HTML page" instead of two hexadecimal numbers.
///
/// It serves wording only: no parser relies on it. The signatures come from the formats' own specifications.
package enum ContentGuess {
  /// A phrase that completes "this is …"; nil if no format is recognised.
  package static func phrase(for bytes: some Collection<UInt8>) -> String? {
    if bytes.isEmpty { return "an empty file" }
    let head = Array(bytes.prefix(512))
    for (signature, phrase) in signatures where head.starts(with: signature) { return phrase }
    if isHTML(head) { return "an HTML page" }
    if head.starts(with: Array("%PDF-".utf8)) { return "a PDF document" }
    if head.starts(with: Array("SQLite format 3\0".utf8)) { return "an SQLite database" }
    // tar: "ustar" at byte 257 (POSIX.1-1988).
    if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) { return "a tar archive" }
    if head.count >= 12, head.starts(with: Array("RIFF".utf8)), head[8..<12].elementsEqual("WEBP".utf8) {
      return "a WebP image"
    }
    if let phrase = cameraImage(head) { return phrase }
    if isIcon(head) { return "an icon (ICO)" }
    // PyTorch's old format and Python's pickle: PROTO and a protocol number of 2 to 5.
    if head.count >= 2, head[0] == 0x80, (2...5).contains(head[1]) { return "a Python pickle" }
    return nil
  }

  /// The phrase for bytes that may as well be bare pixels: nil also for signatures that are so short that an image begins with
  /// them by chance.
  package static func phraseBesidePixels(for bytes: some Collection<UInt8>) -> String? {
    let head = Array(bytes.prefix(512))
    guard !head.isEmpty, let phrase = phrase(for: head) else { return nil }
    // A gzip member has one method (RFC 1952, 2.3), a BMP file four zeros behind its size, a new pickle a frame.
    let isCertain =
      switch signatures.first(where: { head.starts(with: $0.signature) })?.signature {
      case [0x1f, 0x8b]: head.count > 3 && head[2] == 8 && head[3] & 0xe0 == 0
      case Array("BM".utf8): head.count > 10 && head[6..<10].allSatisfy { $0 == 0 }
      case let signature?: signature.count > 2
      case nil: head[0] != 0x80 || head[1] > 3 && head.count > 2 && head[2] == 0x95
      }
    return isCertain ? phrase : nil
  }

  private static let signatures: [(signature: [UInt8], phrase: String)] = [
    ([0x1f, 0x8b], "gzip-compressed data"),
    ([0x89, 0x50, 0x4e, 0x47], "a PNG image"),
    ([0xff, 0xd8, 0xff], "a JPEG image"),
    (Array("version https://git-lfs".utf8), "a Git LFS pointer (the file itself was not downloaded)"),
    (Array("{".utf8), "JSON text"),
    (Array("GIF8".utf8), "a GIF image"),
    (Array("BM".utf8), "a BMP image"),
    (Array("II*\0".utf8), "a TIFF image"),
    (Array("MM\0*".utf8), "a TIFF image"),
    ([0, 0, 0, 12] + Array("jP  ".utf8), "a JPEG 2000 image"),
    ([0xff, 0x4f, 0xff, 0x51], "a JPEG 2000 image"),
    ([0x50, 0x4b, 0x03, 0x04], "a zip archive"),
    ([0x50, 0x4b, 0x05, 0x06], "an empty zip archive"),
    (Array("BZh".utf8), "bzip2-compressed data"),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz-compressed data"),
    ([0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed data"),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive"),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
    ([0x89] + Array("HDF\r\n".utf8), "an HDF5 file"),
    ([0x1f, 0x9d], "data packed with compress(1)"),
    ([0x78, 0x01], "a zlib stream"),
    ([0x78, 0x5e], "a zlib stream"),
    ([0x78, 0x9c], "a zlib stream"),
    ([0x78, 0xda], "a zlib stream"),
  ]

  /// The photographs of newer cameras: a box "ftyp" with the names of formats (ISO 14496-12, 4.3; 23008-12, annex B). A name of
  /// four bytes follows, then a version, then other names that the file goes by.
  private static func cameraImage(_ head: [UInt8]) -> String? {
    guard head.count >= 12, head[4..<8].elementsEqual("ftyp".utf8) else { return nil }
    let length = head[..<4].reduce(0) { $0 << 8 | Int($1) }
    let names = stride(from: 8, through: min(length, head.count) - 4, by: 4).map {
      String(decoding: head[$0..<$0 + 4], as: UTF8.self)
    }
    if names.contains("avif") || names.contains("avis") { return "an AVIF image" }
    let isImage = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].contains(names.first)
    return isImage ? "a HEIC image" : nil
  }

  /// Pictures of Windows' programs: two zeros, the kind 1, the number of pictures, then 16 bytes for each of which the last four
  /// are its place.
  private static func isIcon(_ head: [UInt8]) -> Bool {
    guard head.count >= 22, head.starts(with: [0, 0, 1, 0]), (1...64).contains(head[4]), head[5] == 0 else {
      return false
    }
    let place = head[18..<22].reversed().reduce(0) { $0 << 8 | Int($1) }
    return head[9] == 0 && place == 6 + 16 * Int(head[4])
  }

  /// Captive portals and dead mirrors answer with a page, in any mix of cases and after any white space.
  private static func isHTML(_ head: [UInt8]) -> Bool {
    var text = head[...]
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    text = text.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    let lowered = text.prefix(16).map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    return ["<!doctype", "<html", "<head", "<?xml", "<body"].contains { lowered.starts(with: Array($0.utf8)) }
  }
}
