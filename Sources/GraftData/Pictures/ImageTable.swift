import GraftFiles
import GraftMatrices
import GraftPictures

/// A kind of file with many images of one size and no need of labels: an IDX file, a table in text, or an array.
enum ImageTable: Hashable {
  case idx, csv, npy, npz

  /// The kind that a file's name and its first bytes tell; nil for all others.
  init?(_ bytes: [UInt8], name: String) {
    if ImageTable.isText(name: name) {
      self = .csv
    } else if bytes.starts(with: [0, 0]) && bytes.count > 2 && bytes[2] != 0 || Gzip.isGzip(bytes) {
      // Black pixels begin with zeros too, but an IDX file has its type of numbers after them.
      self = .idx
    } else if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      self = .npy
    } else if bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
      self = .npz
    } else {
      return nil
    }
  }

  /// Whether a name is that of a table in text.
  static func isText(name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".csv") || name.hasSuffix(".csv.gz")
  }

  /// The pixels of each image in the model's shape, one channel after the other.
  ///
  /// - Throws: `FormatError` if the file is damaged or has images of another shape.
  func images(_ bytes: [UInt8], shape: ImageShape) throws(FormatError) -> [[UInt8]] {
    switch self {
    case .csv: return try CSVTable.unlabelledImages(bytes, shape: shape)
    case .npy: return try ImageTable.images(of: NPYArray(decoding: bytes), shape)
    case .npz:
      let arrays = NamedArrays(try ZIPArchive(decoding: bytes), limit: 2 << 30)
      let name = try ImageTable.nameOfImages(in: arrays, shape)
      do throws(FormatError) {
        return try ImageTable.images(of: arrays.array(name), shape)
      } catch {
        throw error.container == nil ? error.inside(name) : error
      }
    case .idx:
      let file = try IDXFile(decoding: bytes)
      if shape.channels == 1 || file.dimensions.count != 4 { try file.require(.images) }
      let sides = Array(file.dimensions.dropFirst())
      guard sides == (shape.channels == 1 ? [] : [shape.channels]) + [shape.height, shape.width] else {
        throw ImageTable.wrongSize(sides, shape)
      }
      return ImageTable.split(file.bytes, file.dimensions[0])
    }
  }

  private static func split(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
    let length = bytes.count / count
    return (0..<count).map { Array(bytes[$0 * length..<($0 + 1) * length]) }
  }

  private static func wrongSize(_ sides: [Int], _ shape: ImageShape) -> FormatError {
    let wanted =
      shape.channels == 1
      ? "\(shape.height) x \(shape.width) pixels"
      : "images of \(shape.channels) x \(shape.height) x \(shape.width)"
    return .expected("\(wanted) as the model reads", found: dimensionText(sides))
  }

  // MARK: Arrays

  /// The array that is meant: the images of the part for testing, or else for training, or the only array with such images.
  private static func nameOfImages(in arrays: NamedArrays, _ shape: ImageShape) throws(FormatError) -> String {
    if arrays.names.count == 1 { return arrays.names[0] }
    if let keys = try? arrays.keys(nil) { return (keys.test ?? keys.train).images }
    let possible = arrays.names.filter { (try? images(of: arrays.array($0), shape)) != nil }
    guard possible.count == 1 else {
      let names = possible.prefix(8).map { quoted($0) }.joined(separator: ", ")
      throw .expected(
        "one array of images of \(shape.inWords)", found: possible.isEmpty ? "none" : "\(possible.count): \(names)")
    }
    return possible[0]
  }

  private static func images(of array: NPYArray, _ shape: ImageShape) throws(FormatError) -> [[UInt8]] {
    guard [1, 3].contains(shape.channels) else {
      throw FormatError(problem: "the model reads images of \(shape.channels) channels, and arrays have 1 or 3")
    }
    let size = ImageSize(height: shape.height, width: shape.width)
    let sides = [size.height, size.width]
    var images = try RawImages(array)
    // One image may come without a number of images in front.
    if (shape.channels == 1 ? [sides] : [sides + [3], [3] + sides]).contains(images.dimensions) {
      images = RawImages(dimensions: [1] + images.dimensions, values: images.values)
    }
    var unused: [String] = []
    // The height and the width need no pixels.
    let order = try PixelOrder.told(by: images.dimensions, size: size, of: [], remarks: &unused)
    guard order.height == size.height, order.width == size.width else {
      throw wrongSize(Array(images.dimensions.dropFirst()), shape)
    }
    var scale = PixelScale.asTheyAre
    if let range = try images.range() { scale = try PixelScale(images.kind, range: range) { images.isWhole } }
    var options = ReadingOptions()
    options.size = size
    options.colors = shape.channels == 1 ? .grey : .rgb
    var planes = PixelPlanes(options)
    return split(try planes.tensor(images, scale).bytes, images.dimensions[0])
  }
}
