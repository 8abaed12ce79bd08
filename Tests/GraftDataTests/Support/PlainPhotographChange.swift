import Foundation
import GraftMatrices

@testable import GraftData

/// The effects on colour photographs, written out in `Double` from torchvision's formulas.
struct PlainPhotographChange {
  let shape: ImageShape
  /// The crop, in pixels.
  let left, top, width, height: Double
  let isMirrored: Bool
  /// Factors, and the turn of the hues as a share of the circle.
  let brightness, contrast, saturation, hue: Double

  /// The numbers that are drawn for an image.
  init(_ augmentation: Augmentation, shape: ImageShape, seed: UInt64, epoch: Int, index: Int) {
    var stream = RandomStream(Augmenter.photographicKey(seed: seed, epoch: epoch, index: index))
    func uniform() -> Double { Double(stream.uniform()) }
    self.shape = shape
    // The program rounds these to 65,536ths. So does this, as a byte that is rounded otherwise may be off by two at the end.
    func factor(_ limit: Double) -> Double {
      let least = max(0, 1 - limit)
      return (65536 * (least + (1 + limit - least) * uniform())).rounded() / 65536
    }
    brightness = factor(augmentation.brightness)
    contrast = factor(augmentation.contrast)
    saturation = factor(augmentation.saturation)
    hue = (65536 * 6 * augmentation.hue * (2 * uniform() - 1)).rounded() / 65536 / 6
    isMirrored = uniform() < augmentation.flip
    let (fullWidth, fullHeight) = (Double(shape.width), Double(shape.height))
    var crop: (left: Double, top: Double, width: Double, height: Double)?
    if augmentation.crop == 1...1 { crop = (0, 0, fullWidth, fullHeight) }
    for _ in 0..<10 where crop == nil {
      let (least, most) = (augmentation.crop.lowerBound, augmentation.crop.upperBound)
      let area = fullWidth * fullHeight * (least + (most - least) * uniform())
      let ratio = exp(log(0.75) + (log(4 / 3.0) - log(0.75)) * uniform())
      let (width, height) = ((area * ratio).squareRoot(), (area / ratio).squareRoot())
      if width <= fullWidth, height <= fullHeight {
        crop = ((fullWidth - width) * uniform(), (fullHeight - height) * uniform(), width, height)
      }
    }
    if crop == nil {
      let (width, height) = (min(fullWidth, fullHeight / 0.75), min(fullHeight, fullWidth / 0.75))
      crop = ((fullWidth - width) / 2, (fullHeight - height) / 2, width, height)
    }
    (left, top, width, height) = crop ?? (0, 0, 0, 0)
  }

  /// The place of a pixel of the output in the picture that is cropped.
  func place(column: Int, row: Int) -> (x: Double, y: Double) {
    let seen = isMirrored ? shape.width - 1 - column : column
    return (
      left + (Double(seen) + 0.5) * width / Double(shape.width) - 0.5,
      top + (Double(row) + 0.5) * height / Double(shape.height) - 0.5
    )
  }

  /// The planes of an image with its colours changed.
  func recolored(_ planes: [Double]) -> [Double] {
    let count = shape.height * shape.width
    func byte(_ value: Double) -> Double { (min(max(value, 0), 255) + 0.5).rounded(.down) }
    func grey(_ planes: [Double], _ pixel: Int) -> Double {
      (19595 * planes[pixel] + 38470 * planes[pixel + count] + 7471 * planes[pixel + 2 * count]) / 65536
    }
    let isColor = shape.channels == 3
    var values = planes.map { byte(brightness * $0) }
    let mean =
      isColor
      ? (0..<count).reduce(0) { $0 + grey(values, $1) } / Double(count) : values.reduce(0, +) / Double(values.count)
    values = values.map { byte(contrast * $0 + (1 - contrast) * mean) }
    guard isColor else { return values }
    values = values.enumerated().map { byte(saturation * $1 + (1 - saturation) * grey(values, $0 % count)) }
    guard hue != 0 else { return values }
    for pixel in 0..<count {
      let old = (0..<3).map { values[pixel + $0 * count] / 255 }
      for (channel, value) in turned(old).enumerated() { values[pixel + channel * count] = byte(255 * value) }
    }
    return values
  }

  /// A colour with its hue turned, by way of hue, saturation and value.
  private func turned(_ color: [Double]) -> [Double] {
    let (value, least) = (max(color[0], color[1], color[2]), min(color[0], color[1], color[2]))
    guard value > least else { return color }
    let range = value - least
    let (red, green, blue) = ((value - color[0]) / range, (value - color[1]) / range, (value - color[2]) / range)
    let sixth = value == color[0] ? blue - green : value == color[1] ? 2 + red - blue : 4 + green - red
    let share = (sixth / 6 + 1 + hue).truncatingRemainder(dividingBy: 1)
    let place = (6 * share).rounded(.down)
    let saturation = range / value
    let rest = 6 * share - place
    let p = value * (1 - saturation)
    let q = value * (1 - saturation * rest)
    let t = value * (1 - saturation * (1 - rest))
    return [[value, t, p], [q, value, p], [p, value, t], [p, q, value], [t, p, value], [value, p, q]][Int(place) % 6]
  }
}
