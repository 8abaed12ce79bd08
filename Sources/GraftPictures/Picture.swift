/// A picture in memory: rows of pixels from the top, one byte per sample.
package struct Picture: Sendable, Hashable {
  /// Width in pixels, at least 1.
  package let width: Int
  /// Height in pixels, at least 1.
  package let height: Int
  /// 1 for greys, 3 for red, green and blue.
  package let channels: Int
  /// [height × width × channels]: the channels of a pixel lie side by side.
  package let samples: [UInt8]

  /// A picture from its samples; there must be `width` × `height` × `channels` of them.
  package init(width: Int, height: Int, channels: Int, samples: [UInt8]) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3))
    precondition(samples.count == width * height * channels)
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }
}

/// The colours that pictures are read in.
package enum ColorMode: String, Sendable, Hashable, CaseIterable {
  /// One channel: the luma of ITU-R BT.601.
  case grey
  /// Red, green and blue.
  case rgb

  /// Samples of one pixel.
  package var channels: Int { self == .grey ? 1 : 3 }
}

extension Picture {
  /// The same picture in other colours; greys become three equal channels, colours their luma.
  ///
  /// Luma is (19595 red + 38470 green + 7471 blue + 32768) / 65536, as Pillow's `convert("L")` computes it: the weights
  /// 0.299, 0.587 and 0.114 of ITU-R BT.601, rounded once.
  package func converted(to mode: ColorMode) -> Picture {
    guard channels != mode.channels else { return self }
    let converted: [UInt8]
    switch mode {
    case .grey:
      converted = [UInt8](unsafeUninitializedCapacity: width * height) { greys, count in
        samples.withUnsafeBufferPointer { colors in
          for pixel in 0..<width * height {
            let (red, green, blue) = (colors[3 * pixel], colors[3 * pixel + 1], colors[3 * pixel + 2])
            greys[pixel] = Picture.luma(red, green, blue)
          }
        }
        count = width * height
      }
    case .rgb:
      converted = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { colors, count in
        samples.withUnsafeBufferPointer { greys in
          for pixel in 0..<width * height {
            for channel in 0..<3 { colors[3 * pixel + channel] = greys[pixel] }
          }
        }
        count = 3 * width * height
      }
    }
    return Picture(width: width, height: height, channels: mode.channels, samples: converted)
  }

  /// The luma of a colour, see `converted(to:)`.
  @inline(__always)
  package static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (19595 * UInt32(red) + 38470 * UInt32(green) + 7471 * UInt32(blue) + 32768) >> 16)
  }
}
