import GraftFiles

extension Container {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return big(data.count, 4) + body + big(Int(CRC32.checksum(body)), 4)
  }

  /// A PNG file whose chunks get their checksums, as far as its lengths lead.
  static func png(_ content: [UInt8]) -> [UInt8] {
    var bytes = content
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = position + 8 + length
      guard end + 4 <= bytes.count else { break }
      let checksum = big(Int(CRC32.checksum(bytes[position + 4..<end])), 4)
      bytes.replaceSubrange(end..<end + 4, with: checksum)
      position = end + 4
    }
    return bytes
  }

  /// A PNG file of whatever size, kind and palette the content begins with; the rest are its rows, zeros if it is short.
  static func pngOfFields(_ content: [UInt8]) -> [UInt8] {
    var fields = content[...]
    func next() -> Int { Int(fields.popFirst() ?? 0) }
    let (width, height) = (1 + next() % 40, 1 + next() % 40)
    let kinds: [(color: Int, depth: Int, samples: Int)] = [
      (0, 8, 1), (0, 1, 1), (0, 2, 1), (0, 4, 1), (0, 16, 1), (2, 8, 3), (2, 16, 3), (3, 1, 1), (3, 2, 1), (3, 4, 1),
      (3, 8, 1), (4, 8, 2), (4, 16, 2), (6, 8, 4), (6, 16, 4),
    ]
    let kind = kinds[next() % kinds.count]
    let isInterlaced = next() & 1
    let (colors, opacities) = (next(), next() % 8)
    var chunks =
      signature
      + chunk(
        "IHDR", big(width, 4) + big(height, 4) + [UInt8(kind.depth), UInt8(kind.color), 0, 0, UInt8(isInterlaced)])
    if kind.color == 3 {
      let count = 1 + colors % (1 << kind.depth)
      chunks += chunk("PLTE", (0..<3 * count).map { UInt8(truncatingIfNeeded: $0 &* 91) })
      if opacities > 0 { chunks += chunk("tRNS", (0..<min(opacities, count)).map { UInt8($0 * 30) }) }
    } else if opacities == 1, kind.color == 0 || kind.color == 2 {
      chunks += chunk("tRNS", [UInt8](repeating: 0, count: 2 * kind.samples))
    }
    // An interlaced picture has seven small ones.
    let passes =
      isInterlaced == 0
      ? [(0, 0, 1, 1)]
      : [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    var size = 0
    for (x, y, right, down) in passes {
      let (columns, rows) = ((width - x + right - 1) / right, (height - y + down - 1) / down)
      if columns > 0, rows > 0 { size += rows * (1 + (columns * kind.samples * kind.depth + 7) / 8) }
    }
    let rows = Array(fields.prefix(size))
    chunks += chunk("IDAT", stored(rows + [UInt8](repeating: 0, count: size - rows.count)))
    return chunks + chunk("IEND", [])
  }

  /// A PNG file of 3 × 2 greys, 1 to 6, with an EXIF block.
  static func png(exif block: [UInt8]) -> [UInt8] {
    signature + chunk("IHDR", big(3, 4) + big(2, 4) + [8, 0, 0, 0, 0]) + chunk("eXIf", block)
      + chunk("IDAT", stored([0, 1, 2, 3, 0, 4, 5, 6])) + chunk("IEND", [])
  }
}
