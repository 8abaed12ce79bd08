import GraftFiles
import GraftPictures

extension FuzzTarget {
  /// Forms: a file; one whose chunks get their checksums; fields and rows of a right one.
  static func png(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let file =
      switch input.form {
      case 0: input.content
      case 1: Container.png(input.content)
      default: Container.pngOfFields(input.content)
      }
    guard let picture = picture(file, .png) else { return false }
    if input.form == 2, picture.channels == 1 { Plant.check(picture.samples) }
    return true
  }

  /// Forms: a file; fields and blocks of a right one.
  static func jpeg(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let file = input.form == 1 ? Container.jpegOfFields(input.content) : input.content
    guard let picture = picture(file, .jpeg) else {
      require(input.form == 0, "a right file is read")
      return false
    }
    if input.form == 1, picture.channels == 1 { Plant.check(picture.samples) }
    return true
  }

  /// Forms: a file; the data of a picture with loss, and of one without.
  static func webp(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    var file = input.content
    if input.form > 0 {
      let padded = file + (file.count % 2 == 1 ? [0] : [])
      let chunk = Array((input.form == 1 ? "VP8 " : "VP8L").utf8) + Container.little(file.count, 4) + padded
      file = Array("RIFF".utf8) + Container.little(4 + chunk.count, 4) + Array("WEBP".utf8) + chunk
    }
    if let reader = try? PictureReader(file), reader.format == .webp {
      Plant.check(reader.width > 32, reader.height > 32, reader.hasAlpha)
    }
    return picture(file, .webp) != nil
  }

  static func netpbm(_ bytes: [UInt8]) -> Bool {
    guard let picture = picture(bytes, .netpbm) else { return false }
    let head = "\(picture.channels == 1 ? "P5" : "P6")\n\(picture.width) \(picture.height)\n255\n"
    let again = accepted(bytes.count) { try PictureReader(Array(head.utf8) + picture.samples).decoded() }
    require(again == picture, "a binary file of the same samples is the same picture")
    Plant.check(picture.samples)
    return true
  }

  /// Reads a picture in all ways that the program has; nil if it is refused, or of another format.
  private static func picture(_ bytes: [UInt8], _ format: PictureFormat) -> Picture? {
    guard let reader = accepted(bytes.count, { try PictureReader(bytes) }), reader.format == format else { return nil }
    // Larger ones take time and memory that tell nothing more.
    guard reader.width * reader.height <= 1 << 13, let whole = accepted(bytes.count, { try reader.decoded() }) else {
      return nil
    }
    require(whole.width == reader.width && whole.height == reader.height, "a picture has the size of its header")
    require(whole.channels == reader.channels, "a picture has the channels of its header")
    let grey = accepted(bytes.count) { try reader.decoded(as: .grey) }
    require(grey == whole.converted(to: .grey), "greys are the luma of the colours")
    checkPart(of: whole, reader, bytes, shrunkBy: 1)
    for factor in [2, 8] {
      guard let small = accepted(bytes.count, { try reader.decoded(shrunkBy: factor) }) else { continue }
      let size = reader.size(shrunkBy: factor)
      require(small.width == size.width && small.height == size.height, "a shrunken picture has its size")
      checkPart(of: small, reader, bytes, shrunkBy: factor)
    }
    if whole.samples.count <= 1 << 11 {
      let image =
        whole.channels == 1
        ? PNGImage(width: whole.width, height: whole.height, pixels: whole.samples)
        : PNGImage(width: whole.width, height: whole.height, colors: whole.samples)
      let file = image.encoded()
      require(accepted(file.count) { try PictureReader(file).decoded() } == whole, "a PNG of a picture is the picture")
    }
    return whole
  }

  /// Checks that a part of a picture has the same samples as the whole.
  private static func checkPart(of whole: Picture, _ reader: PictureReader, _ bytes: [UInt8], shrunkBy factor: Int) {
    let sum = bytes.reduce(0) { $0 &+ Int($1) } & 0xffff
    let (left, top) = (sum % whole.width, sum / 7 % whole.height)
    let (right, bottom) = (left + 1 + sum / 3 % (whole.width - left), top + 1 + sum / 5 % (whole.height - top))
    let region = PictureRegion(columns: left..<right, rows: top..<bottom)
    let part = accepted(bytes.count) { try reader.decoded(shrunkBy: factor, covering: region) }
    guard let part else { fatalError("violated: a part of a picture that can be read can be read") }
    let (picture, channels) = (part.picture, whole.channels)
    require(
      part.x <= left && part.y <= top && part.x + picture.width >= right && part.y + picture.height >= bottom,
      "a part covers what was asked for")
    for row in top..<bottom {
      let own = ((row - part.y) * picture.width + left - part.x) * channels
      let other = (row * whole.width + left) * channels
      let count = (right - left) * channels
      require(
        picture.samples[own..<own + count].elementsEqual(whole.samples[other..<other + count]),
        "a part has the samples of the whole")
    }
  }

  /// Forms: an EXIF block; one with its name in front. The picture around it tells how it was understood.
  static func exif(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let name = Array("Exif\0\0".utf8)
    let block = (input.form == 1 ? name : []) + input.content
    let file = Container.png(exif: block)
    guard let picture = accepted(file.count, { try PictureReader(file).decoded() }) else {
      fatalError("violated: a picture beside a damaged block is read")
    }
    let tiff = block.starts(with: name) ? Array(block.dropFirst(name.count)) : block
    let value = orientation(tiff) ?? 1
    let found = expected((1...8).contains(value) ? value : 1)
    require(
      picture.width == found.width && picture.samples == found.samples, "the picture is turned as its block tells")
    if value == 7 { Plant.check(tiff) }
    return orientation(tiff) != nil
  }

  /// The orientation in a TIFF structure by a second way: all places computed beforehand.
  private static func orientation(_ bytes: [UInt8]) -> Int? {
    let isLittle = bytes.starts(with: Array("II".utf8))
    guard isLittle || bytes.starts(with: Array("MM".utf8)) else { return nil }
    func number(_ place: Int, _ width: Int) -> Int? {
      guard place >= 0, place + width <= bytes.count else { return nil }
      let digits = bytes[place..<place + width]
      return (isLittle ? digits.reversed() : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(2, 2) == 42, let start = number(4, 4), start >= 8, let count = number(start, 2) else { return nil }
    for entry in 0..<count {
      let place = start + 2 + 12 * entry
      guard let tag = number(place, 2), number(place + 11, 1) != nil else { return nil }
      if tag == 0x0112 { return number(place + 2, 2) == 3 && number(place + 4, 4) == 1 ? number(place + 8, 2) : nil }
    }
    return nil
  }

  /// The picture of `Container.png(exif:)` as each orientation shows it (EXIF 2.32, tag 0x0112).
  private static func expected(_ orientation: Int) -> (width: Int, samples: [UInt8]) {
    let (width, height) = (3, 2)
    let isTurned = orientation >= 5
    let (columns, rows) = isTurned ? (height, width) : (width, height)
    var samples: [UInt8] = []
    for y in 0..<rows {
      for x in 0..<columns {
        let (column, row) =
          switch orientation {
          case 2: (width - 1 - x, y)
          case 3: (width - 1 - x, height - 1 - y)
          case 4: (x, height - 1 - y)
          case 5: (y, x)
          case 6: (y, height - 1 - x)
          case 7: (width - 1 - y, height - 1 - x)
          case 8: (width - 1 - y, x)
          default: (x, y)
          }
        samples.append(UInt8(1 + row * width + column))
      }
    }
    return (columns, samples)
  }
}
