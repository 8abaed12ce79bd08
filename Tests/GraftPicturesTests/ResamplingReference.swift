import Foundation
import GraftPictures

/// A slow and plain resize: first the width, then the height, sample by sample as Pillow's `Resample.c` describes it.
struct ResamplingReference {
  let filter: ResamplingFilter

  /// The weight before normalisation, from the definitions.
  private func kernel(_ distance: Double) -> Double {
    let x = abs(distance)
    switch filter {
    case .bilinear: return max(1 - x, 0)
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }

  /// One new sample of a line. `extent` is the length of the line, which may end inside its last sample.
  private func sample(_ line: [UInt8], extent: Double, index: Int, of count: Int) -> UInt8 {
    let scale = extent / Double(count)
    let width = max(scale, 1)
    let reach = (filter == .bilinear ? 1 : 2) * width
    let center = (Double(index) + 0.5) * scale
    let first = max(Int(center - reach + 0.5), 0)
    let end = min(Int(center + reach + 0.5), line.count)
    let weights = (first..<end).map { kernel((Double($0) - center + 0.5) * (1 / width)) }
    var total = 0.0
    for weight in weights { total += weight }
    var sum = 1 << 21
    for (place, weight) in weights.enumerated() {
      let fixed = Int((weight / total * 4_194_304).rounded(.toNearestOrAwayFromZero))
      sum += fixed * Int(line[first + place])
    }
    return UInt8(min(max(sum >> 22, 0), 255))
  }

  private func resize(_ line: [UInt8], extent: Double, to count: Int) -> [UInt8] {
    if line.count == count && extent == Double(count) { return line }
    return (0..<count).map { sample(line, extent: extent, index: $0, of: count) }
  }

  /// The picture with another size; the extents are its own if it is whole.
  func resize(_ picture: Picture, extent: (width: Double, height: Double)? = nil, width: Int, height: Int) -> Picture {
    let extent = extent ?? (Double(picture.width), Double(picture.height))
    let channels = picture.channels
    var narrowed = [UInt8](repeating: 0, count: picture.height * width * channels)
    for row in 0..<picture.height {
      for channel in 0..<channels {
        let line = (0..<picture.width).map { picture.samples[(row * picture.width + $0) * channels + channel] }
        for (column, value) in resize(line, extent: extent.width, to: width).enumerated() {
          narrowed[(row * width + column) * channels + channel] = value
        }
      }
    }
    var result = [UInt8](repeating: 0, count: height * width * channels)
    for place in 0..<width * channels {
      let line = (0..<picture.height).map { narrowed[$0 * width * channels + place] }
      for (row, value) in resize(line, extent: extent.height, to: height).enumerated() {
        result[row * width * channels + place] = value
      }
    }
    return Picture(width: width, height: height, channels: channels, samples: result)
  }

  /// The result of a plan from the whole resized picture.
  func apply(_ plan: FitPlan, to picture: Picture) -> Picture {
    let power = Double(plan.shrunkBy)
    let resized = resize(
      picture, extent: (Double(plan.fullWidth) / power, Double(plan.fullHeight) / power), width: plan.resizedWidth,
      height: plan.resizedHeight)
    let (fit, channels) = (plan.fit, picture.channels)
    var result = [UInt8](repeating: 0, count: fit.height * fit.width * channels)
    for (row, from) in plan.windowRows.enumerated() {
      for (column, fromColumn) in plan.windowColumns.enumerated() {
        for channel in 0..<channels {
          result[((plan.top + row) * fit.width + plan.left + column) * channels + channel] =
            resized.samples[(from * resized.width + fromColumn) * channels + channel]
        }
      }
    }
    return Picture(width: fit.width, height: fit.height, channels: channels, samples: result)
  }
}

extension Picture {
  /// The picture that `Scripts/golden/resampling.py` makes of a seed.
  static func noise(width: Int, height: Int, channels: Int, strong: Bool = false, seed: UInt32) -> Picture {
    var state = seed
    let samples = (0..<width * height * channels).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      let byte = UInt8(state >> 24)
      return strong ? (byte < 128 ? 0 : 255) : byte
    }
    return Picture(width: width, height: height, channels: channels, samples: samples)
  }

  /// A part of the picture.
  func part(columns: Range<Int>, rows: Range<Int>) -> Picture {
    let samples = rows.flatMap { row in
      self.samples[(row * width + columns.lowerBound) * channels..<(row * width + columns.upperBound) * channels]
    }
    return Picture(width: columns.count, height: rows.count, channels: channels, samples: samples)
  }

  /// The samples, channel by channel.
  var planes: [UInt8] {
    (0..<channels).flatMap { channel in
      stride(from: channel, to: samples.count, by: channels).map { samples[$0] }
    }
  }
}
