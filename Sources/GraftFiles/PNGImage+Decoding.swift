extension PNGImage {
  /// The most pixels that are read; larger pictures are refused before any memory is set aside.
  package static let maximumPixels = 1 << 26

  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  package static func isPNG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: signature) }

  /// Reads a picture as greys: colours by their luma (ITU-R BT.601), transparent pixels as if on white paper, and
  /// 16-bit samples by their upper eight bits.
  ///
  /// All colour types and depths of the standard are read, without interlacing.
  ///
  /// - Throws: If the file is damaged, breaks off, or is interlaced.
  package init(decoding bytes: [UInt8]) throws(FormatError) {
    guard PNGImage.isPNG(bytes) else {
      let found = ContentGuess.phrase(for: bytes[...]) ?? "something else"
      throw FormatError.expected("a PNG image", found: found, offset: 0)
    }
    var chunks = PNGChunks(bytes)
    let header = try PNGHeader(try chunks.next(of: "IHDR"))
    var colors = PNGColors(header)
    var packed: [UInt8] = []
    while let chunk = try chunks.next() {
      switch chunk.type {
      case "IEND":
        let raw = try header.unpacked(packed)
        self.init(width: header.width, height: header.height, pixels: colors.greys(try header.unfiltered(raw)))
        return
      case "IDAT": packed += chunk.data
      case "PLTE": try colors.readPalette(chunk)
      case "tRNS": try colors.readTransparency(chunk)
      default:
        // A small first letter: a reader that does not know the chunk may skip it.
        guard chunk.type.first?.isLowercase == true else {
          throw FormatError(
            offset: chunk.offset, problem: "a PNG chunk '\(chunk.type)' that must be understood and is not")
        }
      }
    }
    throw FormatError(offset: bytes.count, problem: "the PNG image breaks off before its end")
  }
}

private struct PNGChunk {
  let type: String
  let data: ArraySlice<UInt8>
  let offset: Int
}

private struct PNGChunks {
  private var reader: ByteReader

  init(_ bytes: [UInt8]) {
    reader = ByteReader(bytes)
    try? reader.skip(PNGImage.signature.count, as: "the signature")
  }

  /// Reads the next chunk; nil at the end of the file.
  mutating func next() throws(FormatError) -> PNGChunk? {
    guard reader.peek() != nil else { return nil }
    let offset = reader.offset
    let length = Int(try reader.readBigEndianUInt32(as: "the length of a PNG chunk"))
    let type = try reader.readBytes(4, as: "the type of a PNG chunk")
    let data = try reader.readBytes(length, as: "a PNG chunk")
    let expected = try reader.readBigEndianUInt32(as: "the checksum of a PNG chunk")
    guard CRC32.checksum(Array(type) + data) == expected else {
      throw FormatError(offset: offset, problem: "a PNG chunk whose checksum is wrong: the file is damaged")
    }
    return PNGChunk(type: String(decoding: type, as: UTF8.self), data: data, offset: offset)
  }

  mutating func next(of type: String) throws(FormatError) -> PNGChunk {
    guard let chunk = try next(), chunk.type == type else {
      throw FormatError(offset: PNGImage.signature.count, problem: "the PNG image does not begin with \(type)")
    }
    return chunk
  }
}

private struct PNGHeader {
  enum Color: UInt8 {
    case grey = 0
    case color = 2
    case palette = 3
    case greyAlpha = 4
    case colorAlpha = 6

    var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .color: 3
      case .colorAlpha: 4
      }
    }

    var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .color, .greyAlpha, .colorAlpha: [8, 16]
      }
    }
  }

  let width: Int
  let height: Int
  let depth: Int
  let color: Color

  init(_ chunk: PNGChunk) throws(FormatError) {
    func failure(_ problem: String) -> FormatError { FormatError(offset: chunk.offset, problem: problem) }
    var reader = ByteReader(chunk.data)
    width = Int(try reader.readBigEndianUInt32(as: "the width"))
    height = Int(try reader.readBigEndianUInt32(as: "the height"))
    depth = Int(try reader.readUInt8(as: "the depth"))
    let type = try reader.readUInt8(as: "the colour type")
    let methods = try reader.readBytes(2, as: "the methods")
    let interlacing = try reader.readUInt8(as: "the interlacing")
    guard width > 0, height > 0 else { throw failure("a PNG image of \(width) x \(height) pixels") }
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, count <= PNGImage.maximumPixels else {
      throw failure("an image of \(width) x \(height) pixels is larger than the limit")
    }
    guard let color = Color(rawValue: type), color.depths.contains(depth), methods.allSatisfy({ $0 == 0 }) else {
      throw failure("a PNG image of a kind that is not in the standard")
    }
    guard interlacing == 0 else { throw failure("interlaced PNG images are not read: save it without interlacing") }
    self.color = color
  }

  private var rowBytes: Int { (width * color.channels * depth + 7) / 8 }

  /// Unpacks the rows, each preceded by the number of its filter.
  func unpacked(_ packed: [UInt8]) throws(FormatError) -> [UInt8] {
    let expected = height * (rowBytes + 1)
    var raw: [UInt8] = []
    do {
      var inflater = try Inflater(packed[...], wrapping: .zlib)
      // One byte more than expected reveals a file that is too long.
      while !inflater.isFinished, raw.count <= expected {
        try inflater.read(upTo: min(1 << 20, expected + 1 - raw.count), appendingTo: &raw)
      }
    } catch {
      throw error.inside("the image data")
    }
    guard raw.count == expected else {
      throw FormatError.expected(
        "\(expected) bytes of unpacked image data", found: raw.count > expected ? "more" : "\(raw.count)")
    }
    return raw
  }

  /// Undoes the filters (PNG, section 9): each byte is stored as its difference from the byte before it, above it, or both.
  func unfiltered(_ raw: [UInt8]) throws(FormatError) -> [UInt8] {
    let step = max(1, color.channels * depth / 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(height * rowBytes)
    for row in 0..<height {
      let start = row * (rowBytes + 1)
      let filter = raw[start]
      guard filter <= 4 else {
        throw FormatError(offset: start, problem: "there is no PNG filter \(filter)").inside("the image data")
      }
      for place in 0..<rowBytes {
        let here = bytes.count
        let left = place >= step ? Int(bytes[here - step]) : 0
        let above = row > 0 ? Int(bytes[here - rowBytes]) : 0
        let corner = row > 0 && place >= step ? Int(bytes[here - rowBytes - step]) : 0
        let guess =
          switch filter {
          case 0: 0
          case 1: left
          case 2: above
          case 3: (left + above) / 2
          default: PNGHeader.paeth(left, above, corner)
          }
        bytes.append(raw[start + 1 + place] &+ UInt8(truncatingIfNeeded: guess))
      }
    }
    return bytes
  }

  /// The one of the three nearest to left + above - corner.
  private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let guess = left + above - corner
    let (a, b, c) = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return a <= b && a <= c ? left : b <= c ? above : corner
  }

  /// The samples of one row, channel by channel within a pixel, unscaled.
  func samples(_ bytes: [UInt8], row: Int) -> [Int] {
    let start = row * rowBytes
    return (0..<width * color.channels).map { index in
      switch depth {
      case 16: Int(bytes[start + 2 * index]) << 8 | Int(bytes[start + 2 * index + 1])
      case 8: Int(bytes[start + index])
      default:
        Int(bytes[start + index * depth / 8]) >> (8 - depth - index * depth % 8) & (1 << depth - 1)
      }
    }
  }
}

/// The conversion of samples to greys.
private struct PNGColors {
  private let header: PNGHeader
  private var palette: [Int] = []
  private var opacities: [Int] = []
  /// The samples of the one transparent colour.
  private var transparent: [Int]?

  init(_ header: PNGHeader) { self.header = header }

  mutating func readPalette(_ chunk: PNGChunk) throws(FormatError) {
    guard chunk.data.count % 3 == 0, (1...256).contains(chunk.data.count / 3) else {
      throw FormatError(offset: chunk.offset, problem: "a palette of \(chunk.data.count) bytes")
    }
    let bytes = Array(chunk.data).map(Int.init)
    palette = stride(from: 0, to: bytes.count, by: 3).map { PNGColors.luma(bytes[$0], bytes[$0 + 1], bytes[$0 + 2]) }
  }

  mutating func readTransparency(_ chunk: PNGChunk) throws(FormatError) {
    if header.color == .palette {
      opacities = chunk.data.map(Int.init)
    } else {
      var reader = ByteReader(chunk.data)
      var samples: [Int] = []
      for _ in 0..<header.color.channels {
        samples.append(Int(try reader.readBigEndianUInt16(as: "a transparent colour")))
      }
      transparent = samples
    }
  }

  func greys(_ bytes: [UInt8]) -> [UInt8] {
    var greys: [UInt8] = []
    greys.reserveCapacity(header.width * header.height)
    let channels = header.color.channels
    for row in 0..<header.height {
      let samples = header.samples(bytes, row: row)
      for pixel in 0..<header.width {
        greys.append(grey(samples[pixel * channels..<(pixel + 1) * channels]))
      }
    }
    return greys
  }

  private func grey(_ samples: ArraySlice<Int>) -> UInt8 {
    if header.color == .palette {
      let index = samples.first ?? 0
      // An index beyond the palette is an error that every decoder draws as black.
      return PNGColors.onPaper(
        palette.indices.contains(index) ? palette[index] : 0, opacities.indices.contains(index) ? opacities[index] : 255
      )
    }
    if let transparent, samples.elementsEqual(transparent) { return 255 }
    let largest = 1 << header.depth - 1
    let values = samples.map { header.depth == 16 ? $0 >> 8 : $0 * 255 / largest }
    return switch header.color {
    case .grey, .palette: UInt8(values[0])
    case .greyAlpha: PNGColors.onPaper(values[0], values[1])
    case .color: UInt8(PNGColors.luma(values[0], values[1], values[2]))
    case .colorAlpha: PNGColors.onPaper(PNGColors.luma(values[0], values[1], values[2]), values[3])
    }
  }

  private static func luma(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    (299 * red + 587 * green + 114 * blue + 500) / 1000
  }

  private static func onPaper(_ grey: Int, _ opacity: Int) -> UInt8 {
    UInt8((grey * opacity + 255 * (255 - opacity) + 127) / 255)
  }
}
