import GraftFiles

/// A file format of pictures that is read.
package enum PictureFormat: String, Sendable, Hashable, CaseIterable {
  /// ITU-T T.81.
  case jpeg
  /// "Portable Network Graphics, third edition", W3C 2025.
  case png
  /// RFC 9649.
  case webp
  /// PGM and PPM, plain and binary: https://netpbm.sourceforge.net/doc.
  case netpbm

  /// The name in sentences: "JPEG".
  package var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .webp: "WebP"
    case .netpbm: "PGM or PPM"
    }
  }

  /// The extensions of file names in lower case, without a point.
  package var fileExtensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .webp: ["webp"]
    case .netpbm: ["pgm", "ppm", "pnm"]
    }
  }

  /// The format of a file by its first bytes; nil for all others. Names are no guide: a JPEG file may be called `x.png`.
  package static func of(_ bytes: some Collection<UInt8>) -> PictureFormat? {
    let head = Array(bytes.prefix(12))
    if head.starts(with: [0xff, 0xd8, 0xff]) { return .jpeg }
    if head.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return .png }
    if head.count == 12, head.starts(with: "RIFF".utf8), head[8...].elementsEqual("WEBP".utf8) { return .webp }
    guard head.count >= 2, head[0] == UInt8(ascii: "P"), "2356".utf8.contains(head[1]) else { return nil }
    // A word that begins with P5 is none.
    let isSeparated = head.count == 2 || NetpbmFile.isSpace(head[2]) || head[2] == UInt8(ascii: "#")
    return isSeparated ? .netpbm : nil
  }
}
