import GraftFiles

/// The order in which the pixels of one image lie in a row of numbers.
struct PixelOrder: Hashable {
  let height: Int
  let width: Int
  /// 1 for greys, 3 for colours, 4 for colours with an opacity.
  let channels: Int
  /// Whether one channel follows the other; else the channels of a pixel lie side by side.
  let isPlanar: Bool

  /// Numbers of one image.
  var count: Int { height * width * channels }

  private init(_ height: Int, _ width: Int, channels: Int = 1, isPlanar: Bool = false) {
    self.height = height
    self.width = width
    self.channels = channels
    self.isPlanar = isPlanar
  }

  /// Height and width in words.
  private var inWords: String { "\(height) x \(width) pixels" + (channels == 1 ? "" : " in \(channels) channels") }
}

// MARK: - Shapes

extension PixelOrder {
  /// The order that the shape of an array tells.
  ///
  /// - Parameters:
  ///   - dimensions: (count, rows, columns), (count, rows, columns, channels), (count, channels, rows, columns) or
  ///     (count, pixels).
  ///   - size: The size that the person gave, for rows of pixels; they are squares otherwise.
  ///   - bytes: The pixels.
  ///   - remarks: Sentences about guesses are appended here.
  /// - Throws: `FormatError` if no images have this shape.
  static func told(
    by dimensions: [Int], size: ImageSize?, of bytes: [UInt8], remarks: inout [String]
  ) throws(FormatError) -> PixelOrder {
    switch dimensions.count {
    case 3: return PixelOrder(dimensions[1], dimensions[2])
    case 4: return try withChannels(dimensions, remarks: &remarks)
    default:
      let order = try inRows(of: dimensions[1], size: size, bytes: bytes)
      let way = order.channels == 1 ? "" : order.isPlanar ? ", one channel after the other" : ", pixel after pixel"
      remarks.append("rows of \(dimensions[1]) numbers were read as \(order.inWords)\(way)")
      return order
    }
  }

  private static func withChannels(_ dimensions: [Int], remarks: inout [String]) throws(FormatError) -> PixelOrder {
    let isLast = [1, 3, 4].contains(dimensions[3])
    let isFirst = [1, 3].contains(dimensions[1])
    let shape = "(\(dimensions.map(String.init).joined(separator: ", ")))"
    guard isLast || isFirst else {
      throw .expected(
        "images with 1, 3 or 4 channels last, or 1 or 3 channels first", found: "images of shape \(shape)")
    }
    if isLast, isFirst, dimensions[1] * dimensions[2] > 1 {
      remarks.append("images of shape \(shape) may have their channels first or last: they were read as last")
    }
    return isLast
      ? PixelOrder(dimensions[1], dimensions[2], channels: dimensions[3])
      : PixelOrder(dimensions[2], dimensions[3], channels: dimensions[1], isPlanar: true)
  }

  /// The order of images that are rows of pixels.
  private static func inRows(of length: Int, size: ImageSize?, bytes: [UInt8]) throws(FormatError) -> PixelOrder {
    guard let (height, width, channels) = sides(of: length, size: size) else {
      let wanted = size.map { "\($0.height) x \($0.width) pixels in 1 or 3 channels, or of a square" } ?? "a square"
      let error = FormatError.expected("rows of \(wanted)", found: "rows of \(length) numbers")
      throw size == nil ? error.with(.namingSize) : error
    }
    let isPlanar = channels == 3 && isSmootherPlanar(bytes, height, width)
    return PixelOrder(height, width, channels: channels, isPlanar: isPlanar)
  }

  /// Height, width and channels of an image of so many numbers: the given size, or a square; nil if it is neither.
  static func sides(of length: Int, size: ImageSize?) -> (height: Int, width: Int, channels: Int)? {
    for channels in [1, 3] {
      if let size, size.height * size.width * channels == length { return (size.height, size.width, channels) }
    }
    for channels in [1, 3] {
      let side = Int(Double(length / channels).squareRoot())
      if side > 0, side * side * channels == length { return (side, side, channels) }
    }
    return nil
  }

  /// Whether rows of colours are smoother from line to line if one channel follows the other.
  ///
  /// Both orders are in use: CIFAR's own files have planes, and images that NumPy flattened have pixels. Pixels below
  /// each other are alike, and numbers at other distances are less so. Up to 1,000 images are looked at.
  private static func isSmootherPlanar(_ bytes: [UInt8], _ height: Int, _ width: Int) -> Bool {
    let plane = height * width
    guard height > 1 else { return false }
    var (planar, interleaved) = (0, 0)
    for start in stride(from: 0, to: min(bytes.count, 3000 * plane), by: 3 * plane) {
      for channel in 0..<3 {
        let first = start + channel * plane
        for place in first..<first + plane - width { planar += abs(Int(bytes[place]) - Int(bytes[place + width])) }
      }
      for place in start..<start + 3 * (plane - width) {
        interleaved += abs(Int(bytes[place]) - Int(bytes[place + 3 * width]))
      }
    }
    return planar < interleaved
  }
}
