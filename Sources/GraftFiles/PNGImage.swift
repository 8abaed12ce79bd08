import CGraftZlib

/// A small picture, written as PNG ("Portable Network Graphics, third edition", W3C 2025): eight bits a sample, not
/// interlaced.
package struct PNGImage: Sendable {
  /// A colour of a palette, with its opacity.
  package struct Entry: Sendable, Hashable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8
    /// Opacity; 255 covers the paper below completely.
    package var alpha: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) {
      (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
    }
  }

  package let width: Int
  package let height: Int
  /// [height × width × channels].
  private let samples: [UInt8]
  /// 1, or 3 for red, green and blue.
  private let channels: Int
  private let palette: [Entry]

  /// - Parameters:
  ///   - pixels: [height × width], greys, or indices into the palette if there is one.
  ///   - palette: At most 256 colours; empty for greys.
  package init(width: Int, height: Int, pixels: [UInt8], palette: [Entry] = []) {
    precondition(width > 0 && height > 0 && pixels.count == width * height && palette.count <= 256)
    (self.width, self.height, channels, samples, self.palette) = (width, height, 1, pixels, palette)
  }

  /// - Parameter colors: [height × width × 3], red, green and blue.
  package init(width: Int, height: Int, colors: [UInt8]) {
    precondition(width > 0 && height > 0 && colors.count == 3 * width * height)
    (self.width, self.height, channels, samples, palette) = (width, height, 3, colors, [])
  }

  /// The bytes of the PNG file.
  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    // The numbers of the kinds of colours: greys, colours and a palette.
    let colorType: UInt8 = channels == 3 ? 2 : palette.isEmpty ? 0 : 3
    Self.append("IHDR", Self.bigEndian(width) + Self.bigEndian(height) + [8, colorType, 0, 0, 0], to: &bytes)
    if !palette.isEmpty {
      Self.append("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] }, to: &bytes)
      if palette.contains(where: { $0.alpha < 255 }) { Self.append("tRNS", palette.map(\.alpha), to: &bytes) }
    }
    Self.append("IDAT", Self.compressed(rows), to: &bytes)
    Self.append("IEND", [], to: &bytes)
    return bytes
  }

  /// All rows, each preceded by the number of its filter: 0, none.
  private var rows: [UInt8] {
    let length = width * channels
    return (0..<height).flatMap { [0] + samples[$0 * length..<($0 + 1) * length] }
  }

  /// A zlib stream (RFC 1950).
  private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(uLong(bytes.count))
    return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, filled in
      let code = compress2(buffer.baseAddress, &size, bytes, uLong(bytes.count), 9)
      precondition(code == Z_OK, "out of memory")
      filled = Int(size)
    }
  }

  private static func append(_ type: String, _ data: [UInt8], to bytes: inout [UInt8]) {
    let chunk = Array(type.utf8) + data
    bytes += bigEndian(data.count) + chunk + bigEndian(Int(CRC32.checksum(chunk)))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
