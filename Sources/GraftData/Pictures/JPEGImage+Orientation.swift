import GraftFiles

extension JPEGImage {
  /// The way that a camera was held (EXIF 2.32, tag 0x0112), by how the picture is stored.
  enum Orientation: UInt16, Sendable, CaseIterable {
    case upright = 1
    case mirrored
    case upsideDown
    case mirroredUpsideDown
    case transposed
    /// Upright after a quarter turn clockwise.
    case turnedLeft
    case transposedUpsideDown
    /// Upright after a quarter turn counterclockwise.
    case turnedRight

    /// The orientation that a JPEG file tells; upright if it tells none.
    ///
    /// A damaged EXIF block tells none: the picture beside it can be read nevertheless.
    init(exifIn bytes: [UInt8]) {
      let value = (try? JPEGImage.orientation(in: bytes)) ?? nil
      self = value.flatMap(Orientation.init(rawValue:)) ?? .upright
    }

    /// Whether stored rows are columns of the scene.
    var swapsSides: Bool { rawValue >= Orientation.transposed.rawValue }

    /// The pixels in the order of the scene.
    ///
    /// - Parameters:
    ///   - pixels: [height × width], as stored.
    ///   - width: The stored width.
    ///   - height: The stored height.
    func upright(_ pixels: [UInt8], width: Int, height: Int) -> [UInt8] {
      let (right, below) = (width - 1, height * width - width)
      // The place of the first pixel, and the steps to its right and lower neighbours.
      let (first, across, down) =
        switch self {
        case .upright: (0, 1, width)
        case .mirrored: (right, -1, width)
        case .upsideDown: (below + right, -1, -width)
        case .mirroredUpsideDown: (below, 1, -width)
        case .transposed: (0, width, 1)
        case .turnedLeft: (below, -width, 1)
        case .transposedUpsideDown: (below + right, -width, -1)
        case .turnedRight: (right, width, -1)
        }
      if self == .upright { return pixels }
      let (rows, columns) = swapsSides ? (width, height) : (height, width)
      var turned: [UInt8] = []
      turned.reserveCapacity(pixels.count)
      for row in 0..<rows {
        for column in 0..<columns { turned.append(pixels[first + row * down + column * across]) }
      }
      return turned
    }
  }

  /// The orientation tag's value; nil if the file has none.
  private static func orientation(in bytes: [UInt8]) throws(FormatError) -> UInt16? {
    var reader = ByteReader(bytes)
    try reader.skip(2, as: "the start of the image")
    while true {
      guard try reader.readUInt8(as: "a marker") == 0xff else { return nil }
      var marker = try reader.readUInt8(as: "a marker")
      while marker == 0xff { marker = try reader.readUInt8(as: "a marker") }
      // The picture's data, or the end of the file.
      if marker == 0xda || marker == 0xd9 { return nil }
      let length = Int(try reader.readBigEndianUInt16(as: "the length of a segment"))
      let segment = try reader.readBytes(length - 2, as: "a segment")
      if marker == 0xe1, segment.starts(with: exifName) {
        return try orientation(inTIFF: Array(segment.dropFirst(exifName.count)))
      }
    }
  }

  private static let exifName: [UInt8] = Array("Exif\0\0".utf8)

  /// The value of the tag in a TIFF structure (TIFF 6.0, section 2); nil if its first directory has none.
  private static func orientation(inTIFF bytes: [UInt8]) throws(FormatError) -> UInt16? {
    let isLittle = bytes.starts(with: "II".utf8)
    guard isLittle || bytes.starts(with: "MM".utf8) else { return nil }
    var reader = ByteReader(bytes)
    func short() throws(FormatError) -> UInt16 {
      let value = try reader.readLittleEndianUInt16(as: "a number of EXIF")
      return isLittle ? value : value.byteSwapped
    }
    func long() throws(FormatError) -> UInt32 {
      let value = try reader.readLittleEndianUInt32(as: "a number of EXIF")
      return isLittle ? value : value.byteSwapped
    }
    try reader.skip(2, as: "the byte order")
    guard try short() == 42 else { return nil }
    let start = Int(try long())
    try reader.skip(start - reader.offset, as: "what comes before the directory")
    for _ in 0..<(try short()) {
      let (tag, type, count) = (try short(), try short(), try long())
      // A number of type SHORT (3) stands in the first two of the four bytes.
      let value = try short()
      try reader.skip(2, as: "the rest of an entry")
      if tag == 0x0112 { return type == 3 && count == 1 ? value : nil }
    }
    return nil
  }
}
