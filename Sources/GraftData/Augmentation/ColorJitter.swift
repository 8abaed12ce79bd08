import GraftMatrices

/// A worker that changes the colours of images of one shape; made once, it allocates nothing per image.
///
/// The effects are torchvision's `ColorJitter`. Their order is always brightness, contrast, saturation, hue, and the image
/// is rounded to bytes after each. Greys are the luma of ITU-R BT.601 with Pillow's weights. Brightness and contrast of an image
/// are one table of 256 bytes. The others need three channels.
struct ColorJitter: Sendable {
  private let shape: ImageShape
  private var table: [UInt8] = Array(repeating: 0, count: 256)
  /// 2²⁴ divided by each byte.
  private let inverses: [Int] = [0] + (1...255).map { (1 << 24 + $0 / 2) / $0 }

  init(shape: ImageShape) { self.shape = shape }

  /// Changes the image that begins at `start`.
  mutating func apply(_ change: ColorChange, to output: inout MutableSpan<UInt8>, at start: Int) {
    guard change != .none else { return }
    precondition(start >= 0 && start + shape.count <= output.count)
    output.withUnsafeMutableBufferPointer { output in
      let image = UnsafeMutableBufferPointer(rebasing: output[start..<start + shape.count])
      fillTable(change, for: UnsafeBufferPointer(image))
      if shape.isColor, change.saturation != ColorChange.one || change.hue != 0 {
        changeColors(change, of: image)
      } else {
        table.withUnsafeBufferPointer { table in
          for place in image.indices { image[place] = table[Int(image[place])] }
        }
      }
    }
  }

  // MARK: Brightness and contrast

  private mutating func fillTable(_ change: ColorChange, for image: UnsafeBufferPointer<UInt8>) {
    for byte in 0..<256 { table[byte] = ColorJitter.byte(byte &* change.brightness) }
    guard change.contrast != ColorChange.one else { return }
    let ground = (meanGrey(of: image) &* (ColorChange.one &- change.contrast)) &>> ColorChange.fraction
    for byte in 0..<256 { table[byte] = ColorJitter.byte(Int(table[byte]) &* change.contrast &+ ground) }
  }

  /// The mean grey of an image after the table, in fixed point.
  private func meanGrey(of image: UnsafeBufferPointer<UInt8>) -> Int {
    let plane = shape.height &* shape.width
    return table.withUnsafeBufferPointer { table in
      func sum(_ places: Range<Int>) -> Int {
        var sum = 0
        for place in places { sum &+= Int(table[Int(image[place])]) }
        return sum
      }
      guard shape.isColor else {
        return (sum(image.indices) &<< ColorChange.fraction &+ image.count / 2) / image.count
      }
      let grey = ColorJitter.grey(sum(0..<plane), sum(plane..<2 &* plane), sum(2 &* plane..<3 &* plane))
      return (grey &+ plane / 2) / plane
    }
  }

  // MARK: Saturation and hue

  private func changeColors(_ change: ColorChange, of image: UnsafeMutableBufferPointer<UInt8>) {
    let plane = shape.height &* shape.width
    let rest = ColorChange.one &- change.saturation
    table.withUnsafeBufferPointer { table in
      for first in 0..<plane {
        let (second, third) = (first &+ plane, first &+ 2 &* plane)
        var red = Int(table[Int(image[first])])
        var green = Int(table[Int(image[second])])
        var blue = Int(table[Int(image[third])])
        let ground = (ColorJitter.grey(red, green, blue) &* rest) &>> ColorChange.fraction
        red = Int(ColorJitter.byte(red &* change.saturation &+ ground))
        green = Int(ColorJitter.byte(green &* change.saturation &+ ground))
        blue = Int(ColorJitter.byte(blue &* change.saturation &+ ground))
        if change.hue != 0 { (red, green, blue) = turned(red, green, blue, by: change.hue) }
        image[first] = UInt8(truncatingIfNeeded: red)
        image[second] = UInt8(truncatingIfNeeded: green)
        image[third] = UInt8(truncatingIfNeeded: blue)
      }
    }
  }

  /// A colour of another hue; the largest and the smallest of its channels stay, and so do its value and its saturation.
  @inline(__always)
  private func turned(_ red: Int, _ green: Int, _ blue: Int, by hue: Int) -> (Int, Int, Int) {
    let (high, low) = (max(red, green, blue), min(red, green, blue))
    let range = high &- low
    if range == 0 { return (red, green, blue) }
    // The hue in sixths of the circle: from which channel is the largest, and how far the other two are apart.
    let (sixth, difference) =
      high == red ? (0, green &- blue) : high == green ? (2, blue &- red) : (4, red &- green)
    let circle = 6 &<< ColorChange.fraction
    var place = sixth &<< ColorChange.fraction &+ (difference &* inverses[range] &+ 128) &>> 8 &+ hue
    if place < 0 { place &+= circle } else if place >= circle { place &-= circle }
    let step = (range &* (place & (ColorChange.one &- 1)) &+ ColorChange.one / 2) &>> ColorChange.fraction
    let (rising, falling) = (low &+ step, high &- step)
    switch place &>> ColorChange.fraction {
    case 0: return (high, rising, low)
    case 1: return (falling, high, low)
    case 2: return (low, high, rising)
    case 3: return (low, falling, high)
    case 4: return (rising, low, high)
    default: return (high, low, falling)
    }
  }

  // MARK: Numbers

  /// The grey of a colour, in fixed point.
  @inline(__always)
  private static func grey(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    19595 &* red &+ 38470 &* green &+ 7471 &* blue
  }

  /// A number in fixed point as the nearest byte.
  @inline(__always)
  private static func byte(_ value: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max((value &+ ColorChange.one / 2) &>> ColorChange.fraction, 0), 255))
  }
}
