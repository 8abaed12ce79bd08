import GraftFiles

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

  /// The orientation that an EXIF block tells, with or without the name `Exif` before it.
  ///
  /// A damaged block tells none: the picture beside it can be read nevertheless.
  init?(exif bytes: ArraySlice<UInt8>) {
    let block = bytes.starts(with: Orientation.exifName) ? bytes.dropFirst(Orientation.exifName.count) : bytes
    guard let value = try? Orientation.value(inTIFF: Array(block)) else { return nil }
    self.init(rawValue: value)
  }

  /// The first bytes of the segment of a JPEG file that has the EXIF block.
  static let exifName: [UInt8] = Array("Exif\0\0".utf8)

  /// The value of the tag in a TIFF structure (TIFF 6.0, section 2); nil if its first directory has none.
  private static func value(inTIFF bytes: [UInt8]) throws(FormatError) -> UInt16? {
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

// MARK: - Turning

extension Orientation {
  /// Whether stored rows are columns of the scene.
  var swapsSides: Bool { rawValue >= Orientation.transposed.rawValue }

  /// Whether the first stored column is the last column of the scene, or its last row if sides are swapped.
  private var mirrorsColumns: Bool {
    switch self {
    case .mirrored, .upsideDown, .transposedUpsideDown, .turnedRight: true
    case .upright, .mirroredUpsideDown, .transposed, .turnedLeft: false
    }
  }

  /// Whether the first stored row is the last row of the scene, or its last column if sides are swapped.
  private var mirrorsRows: Bool {
    switch self {
    case .upsideDown, .mirroredUpsideDown, .turnedLeft, .transposedUpsideDown: true
    case .upright, .mirrored, .transposed, .turnedRight: false
    }
  }

  /// The size after a turn, in either direction.
  func turned(width: Int, height: Int) -> (width: Int, height: Int) { swapsSides ? (height, width) : (width, height) }

  /// A region of the scene as it is stored.
  ///
  /// - Parameters:
  ///   - width: The width of the scene.
  ///   - height: The height of the scene.
  func stored(_ region: PictureRegion, width: Int, height: Int) -> PictureRegion {
    let (columns, rows) = swapsSides ? (region.rows, region.columns) : (region.columns, region.rows)
    let (storedWidth, storedHeight) = turned(width: width, height: height)
    return PictureRegion(
      columns: mirrorsColumns ? storedWidth - columns.upperBound..<storedWidth - columns.lowerBound : columns,
      rows: mirrorsRows ? storedHeight - rows.upperBound..<storedHeight - rows.lowerBound : rows)
  }

  /// A stored region in the scene.
  ///
  /// - Parameters:
  ///   - width: The stored width.
  ///   - height: The stored height.
  func upright(_ region: PictureRegion, width: Int, height: Int) -> PictureRegion {
    let (left, right) = (region.columns.lowerBound, region.columns.upperBound)
    let (top, bottom) = (region.rows.lowerBound, region.rows.upperBound)
    let columns = mirrorsColumns ? width - right..<width - left : region.columns
    let rows = mirrorsRows ? height - bottom..<height - top : region.rows
    return swapsSides ? PictureRegion(columns: rows, rows: columns) : PictureRegion(columns: columns, rows: rows)
  }

  /// The pixels of a stored picture in the order of the scene.
  func upright(_ stored: Picture) -> Picture {
    guard self != .upright else { return stored }
    let (width, height, channels) = (stored.width, stored.height, stored.channels)
    let size = turned(width: width, height: height)
    // The steps in the scene to the right and lower neighbours of a stored pixel.
    let (across, down) = swapsSides ? (size.width, 1) : (1, size.width)
    let (right, below) = (mirrorsColumns ? -across : across, mirrorsRows ? -down : down)
    let first = (mirrorsColumns ? (width - 1) * across : 0) + (mirrorsRows ? (height - 1) * down : 0)
    // In tiles, because neighbours in one of the pictures are whole rows apart in the other.
    let tile = 32
    let samples = [UInt8](unsafeUninitializedCapacity: stored.samples.count) { target, count in
      stored.samples.withUnsafeBufferPointer { source in
        for top in stride(from: 0, to: height, by: tile) {
          for left in stride(from: 0, to: width, by: tile) {
            for row in top..<min(top + tile, height) {
              for column in left..<min(left + tile, width) {
                let from = (row * width + column) * channels
                let to = (first + row * below + column * right) * channels
                for channel in 0..<channels { target[to + channel] = source[from + channel] }
              }
            }
          }
        }
      }
      count = stored.samples.count
    }
    return Picture(width: size.width, height: size.height, channels: channels, samples: samples)
  }
}
