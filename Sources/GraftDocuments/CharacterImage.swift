import GraftFiles

/// Drawings of small images in characters, each of which stands for two pixels above each other, as characters are about
/// twice as high as they are wide.
///
/// Without colours a character is the brighter, the more of its cell it covers. With colours it is a half block, whose upper
/// and lower half have the colours of the pixels.
package enum CharacterImage {
  private static let ramp: [Character] = Array(" .:-=+*#%@")

  /// The lines of one image.
  ///
  /// - Parameters:
  ///   - pixels: The pixels row by row, `width` to a row: greys, or three planes of red, green and blue.
  ///   - height: The rows; nil if the pixels are one plane. Three times as many pixels are colours.
  ///   - inColor: Whether to write half blocks with control sequences for 24-bit colours, for greys too.
  package static func lines(
    _ pixels: [UInt8], width: Int, height: Int? = nil, inColor: Bool = false
  ) -> [String] {
    let plane = width * (height ?? pixels.count / max(width, 1))
    let image = Planes(
      pixels: pixels, width: width, height: plane / max(width, 1), hasColors: pixels.count == 3 * plane)
    return stride(from: 0, to: image.height, by: 2).map { row in
      inColor ? coloredLine(of: image, row) : String((0..<width).map { character(of: image, row, $0) })
    }
  }

  private struct Planes {
    let pixels: [UInt8]
    let width: Int
    let height: Int
    let hasColors: Bool

    subscript(row: Int, column: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
      let place = row * width + column
      let (green, blue) = hasColors ? (width * height, 2 * width * height) : (0, 0)
      return (pixels[place], pixels[place + green], pixels[place + blue])
    }

    /// The luma of ITU-R BT.601, which of greys is themselves.
    func grey(_ row: Int, _ column: Int) -> Int {
      let (red, green, blue) = self[row, column]
      return (19595 * Int(red) + 38470 * Int(green) + 7471 * Int(blue) + 32768) >> 16
    }
  }

  private static func character(of image: Planes, _ row: Int, _ column: Int) -> Character {
    let upper = image.grey(row, column)
    let lower = row + 1 < image.height ? image.grey(row + 1, column) : upper
    return ramp[(upper + lower) * (ramp.count - 1) / 510]
  }

  /// Two rows of pixels as upper half blocks; a colour is named when it changes.
  private static func coloredLine(of image: Planes, _ row: Int) -> String {
    var (line, last) = ("", "")
    for column in 0..<image.width {
      let upper = image[row, column]
      var color = "\u{1B}[38;2;\(upper.red);\(upper.green);\(upper.blue)"
      if row + 1 < image.height {
        let lower = image[row + 1, column]
        color += ";48;2;\(lower.red);\(lower.green);\(lower.blue)"
      }
      line += (color == last ? "" : color + "m") + "▀"
      last = color
    }
    return line + "\u{1B}[0m"
  }

  /// Images of one size side by side under their captions; a column is as wide as the image or its caption.
  ///
  /// - Parameters:
  ///   - images: The pixels as in `lines(_:width:height:inColor:)`.
  ///   - height: The rows; nil if the pixels are one plane.
  package static func row(
    _ images: [(caption: String, pixels: [UInt8])], width: Int, height: Int? = nil, inColor: Bool = false
  ) -> String {
    let captions = images.map { singleLine($0.caption) }
    let cells = captions.map { max($0.count, width) }
    func padded(_ text: String, _ length: Int, _ cell: Int) -> String {
      text + String(repeating: " ", count: cell - length)
    }
    let drawn = images.map { lines($0.pixels, width: width, height: height, inColor: inColor) }
    let first = zip(captions, cells).map { padded($0, $0.count, $1) }
    let rest = (0..<(drawn.map(\.count).max() ?? 0)).map { line in
      zip(drawn, cells).map { padded($0[line], width, $1) }
    }
    return ([first] + rest).map { line in
      String(line.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
