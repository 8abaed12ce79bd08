import GraftFiles

/// Drawings of small grey images in characters, darker to brighter. One character stands for two pixels above each other, as
/// characters are about twice as high as they are wide.
package enum CharacterImage {
  private static let ramp: [Character] = Array(" .:-=+*#%@")

  /// The lines of one image.
  ///
  /// - Parameter pixels: The pixels row by row, `width` to a row.
  package static func lines(_ pixels: [UInt8], width: Int) -> [String] {
    let height = pixels.count / max(width, 1)
    return stride(from: 0, to: height, by: 2).map { row in
      String(
        (0..<width).map { column -> Character in
          let upper = Int(pixels[row * width + column])
          let lower = row + 1 < height ? Int(pixels[(row + 1) * width + column]) : upper
          return ramp[(upper + lower) * (ramp.count - 1) / 510]
        })
    }
  }

  /// Images side by side under their captions.
  package static func row(_ images: [(caption: String, pixels: [UInt8])], width: Int) -> String {
    let drawn = images.map { lines($0.pixels, width: width) }
    let captions = images.map { image in
      let caption = singleLine(image.caption)
      return caption + String(repeating: " ", count: max(0, width - caption.count))
    }
    let rows = (drawn.map(\.count).max() ?? 0)
    let texts = (0..<rows).map { line in drawn.map { $0[line] }.joined(separator: "  ") }
    return ([captions.joined(separator: "  ")] + texts).map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
