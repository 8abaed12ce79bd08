import GraftMatrices

/// The part of one image that is enlarged to the whole, and whether left and right are swapped in it.
struct CropWindow: Sendable, Hashable {
  // In pixels, with fractions: nothing is resampled on the way to whole ones.
  var left: Double
  var top: Double
  var width: Double
  var height: Double
  var isMirrored: Bool

  /// The whole image.
  init(of shape: ImageShape, isMirrored: Bool = false) {
    (left, top) = (0, 0)
    (width, height) = (Double(shape.width), Double(shape.height))
    self.isMirrored = isMirrored
  }

  /// Draws whether to mirror, and then a window: up to ten times, until one lies in the image.
  ///
  /// As torchvision's `RandomResizedCrop`: the area is uniform in the range, the ratio of width to height log-uniform from
  /// 3/4 to 4/3. If no window fits, the largest one of such a ratio around the middle is taken.
  init(_ augmentation: Augmentation, shape: ImageShape, from stream: inout RandomStream) {
    self.init(of: shape, isMirrored: Double(stream.uniform()) < augmentation.flip)
    guard augmentation.crop != 1...1 else { return }
    let (least, most) = (augmentation.crop.lowerBound, augmentation.crop.upperBound)
    let (fullWidth, fullHeight) = (width, height)
    for _ in 0..<10 {
      let share = least + (most - least) * Double(stream.uniform())
      let side = (share * fullWidth * fullHeight).squareRoot()
      let stretch = CropWindow.stretch(at: 2 * Double(stream.uniform()) - 1)
      (width, height) = (side * stretch, side / stretch)
      if width <= fullWidth, height <= fullHeight {
        left = (fullWidth - width) * Double(stream.uniform())
        top = (fullHeight - height) * Double(stream.uniform())
        return
      }
    }
    width = min(fullWidth, fullHeight * 4 / 3)
    height = min(fullHeight, fullWidth * 4 / 3)
    left = (fullWidth - width) / 2
    top = (fullHeight - height) / 2
  }

  /// The square root of a ratio of width to height: √(4/3) to the power of `exponent`, which is from -1 to 1.
  ///
  /// The Taylor series of the exponential function, the same bits on every machine, ends below the last bit.
  private static func stretch(at exponent: Double) -> Double {
    // ln(4/3) / 2
    let x = 0.14384103622589045 * exponent
    return stride(from: 14.0, through: 1, by: -1).reduce(1) { 1 + $0 * x / $1 }
  }
}
