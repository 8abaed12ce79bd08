import GraftMatrices

/// The random values drawn for one image, for all effects except the elastic field.
struct Distortion: Sendable, Hashable {
  var map: AffineMap
  /// The share of the way to the brightest neighbour, in 256ths; below zero, of the way to the darkest.
  var thickness = 0
  var erased = Erased()
  var colors = ColorChange.none

  /// A rectangle that becomes background, or medium grey in a photograph.
  struct Erased: Sendable, Hashable {
    var rows = 0..<0
    var columns = 0..<0
  }

  init(map: AffineMap) { self.map = map }

  /// Draws one number for each effect on digits, active or not: switching one off leaves the others as they are.
  init(_ augmentation: Augmentation, shape: ImageShape, from stream: inout RandomStream) {
    func within(_ limit: Double, _ uniform: Float) -> Double { limit * (2 * Double(uniform) - 1) }
    let rotation = within(augmentation.rotation, stream.uniform())
    let (least, most) = (augmentation.scale.lowerBound, augmentation.scale.upperBound)
    let scale = least + (most - least) * Double(stream.uniform())
    let shear = within(augmentation.shear, stream.uniform())
    let isWhole = shape.isColor && augmentation.keepsPixels
    func shift(_ uniform: Float) -> Double {
      let most = augmentation.shift
      return isWhole ? (Double(uniform) * (2 * most + 1)).rounded(.down) - most : within(most, uniform)
    }
    let shiftX = shift(stream.uniform())
    let shiftY = shift(stream.uniform())
    map = AffineMap(
      rotation: rotation, scale: scale, shear: shear, shiftX: shiftX, shiftY: shiftY, shape: shape)
    thickness = Int((256 * within(augmentation.thickness, stream.uniform())).rounded())
    erased.rows = Distortion.run(upTo: augmentation.erasing, in: shape.height, from: &stream)
    erased.columns = Distortion.run(upTo: augmentation.erasing, in: shape.width, from: &stream)
  }

  /// Adds the effects on photographs. They draw from a stream of their own, so that an augmentation without them draws
  /// what it drew before there were any.
  mutating func addPhotographic(_ augmentation: Augmentation, shape: ImageShape, from stream: inout RandomStream) {
    colors = ColorChange(augmentation, from: &stream)
    map = map.seen(through: CropWindow(augmentation, shape: shape, from: &stream), shape: shape)
  }

  /// Draws a run of 0 to `longest` pixels that lies wholly in a line of `length`.
  private static func run(upTo longest: Int, in length: Int, from stream: inout RandomStream) -> Range<Int> {
    let size = Int(stream.uniform() * Float(min(longest, length) + 1))
    let start = Int(stream.uniform() * Float(length - size + 1))
    return start..<start + size
  }
}
