import GraftFiles
import GraftMatrices

extension Augmentation {
  /// The same augmentation for images of another size than 28 × 28, whose shorter side decides.
  ///
  /// Ranges in pixels grow and shrink with the images: the shift, the elastic distortion and its smoothness, in quarters
  /// of a pixel, and the erased rectangle. Images of fewer than 16 pixels are not distorted elastically: their strokes are
  /// too thin.
  package func fitted(to shape: ImageShape) -> Augmentation {
    let side = min(shape.height, shape.width)
    guard side != 28 else { return self }
    let factor = Double(side) / 28
    func scaled(_ pixels: Double, _ effect: Effect) -> Double {
      let range = effect.range
      return min(max((4 * factor * pixels).rounded() / 4, range.lowerBound), range.upperBound)
    }
    return Augmentation(
      shift: scaled(shift, .shift), rotation: rotation, scale: scale, shear: shear,
      elastic: side < 16 ? 0 : scaled(elastic, .elastic), sigma: scaled(sigma, .sigma), thickness: thickness,
      erasing: Int(min(factor * Double(erasing), Effect.erase.range.upperBound).rounded()), flip: flip, crop: crop,
      brightness: brightness, contrast: contrast, saturation: saturation, hue: hue)
  }

  /// Compares the augmentation with the images that it shall change.
  ///
  /// - Throws: If it asks for colours of grey images, or for moves and rectangles that are longer than the images.
  package func check(on shape: ImageShape) throws(GraftFailure) {
    if !shape.isColor {
      for (effect, value) in [(Effect.saturation, saturation), (.hue, hue)] where value > 0 {
        throw GraftFailure(
          .usage,
          "augmentation '\(self)': \(effect.rawValue) changes colours, and these images have \(shape.channels) "
            + "\(shape.channels == 1 ? "channel" : "channels") instead of three")
      }
    }
    let side = min(shape.height, shape.width)
    for (effect, pixels) in [(Effect.shift, shift), (.elastic, elastic), (.erase, Double(erasing))] {
      guard pixels <= Double(side) else {
        throw GraftFailure(
          .usage,
          "augmentation '\(self)': \(effect.rawValue) reaches further than the images, which are \(shape.inWords); at most "
            + "\(side) is possible")
      }
    }
  }
}

extension ImageShape {
  /// Whether the channels are red, green and blue.
  var isColor: Bool { channels == 3 }
}
