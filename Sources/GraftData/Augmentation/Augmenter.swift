import GraftMatrices

/// A transformation that changes images of one shape, each in its own way; made once, it allocates nothing per image.
///
/// The result depends on (seed, epoch, index) alone: the same bytes on any thread and in any order. An image is
/// resampled once. Rotation, scale, slant, shift, crop, mirroring and elastic displacement add up to one place in the input
/// for each pixel of the output, which is read bilinearly, in integers, and rounded once. Images that are made much smaller
/// (`scale` far below 1) are read as sparsely, and alias. Beyond the border there is background; in images of three
/// channels the nearest pixel of the border continues.
///
/// The changes follow each other in one order: strokes thickened, moved, brightness, contrast, saturation, hue, erased.
package struct Augmenter: Sendable {
  /// The ranges of the effects.
  package let augmentation: Augmentation
  /// The shape of the images.
  package let shape: ImageShape
  private var input: PaddedImage
  private var field: SmoothField
  private var jitter: ColorJitter

  /// An augmenter for images of one shape.
  package init(_ augmentation: Augmentation, shape: ImageShape) {
    precondition(shape.count > 0)
    self.augmentation = augmentation
    self.shape = shape
    input = PaddedImage(shape: shape)
    field = SmoothField(size: augmentation.elastic, sigma: augmentation.sigma, shape: shape)
    jitter = ColorJitter(shape: shape)
  }

  /// The random key of one image in one epoch.
  ///
  /// A key has room for one index, so the epoch is mixed into the seed. Stafford's thirteenth mixing (the finisher of
  /// SplitMix64; Steele, Lea and Flood, OOPSLA 2014) is a bijection, so that under one seed no two pairs of epoch and
  /// index share their numbers.
  static func key(seed: UInt64, epoch: Int, index: Int) -> RandomKey {
    precondition(index >= 0 && index <= Int(UInt32.max))
    var mixed = UInt64(bitPattern: Int64(epoch)) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return RandomKey(seed: seed ^ mixed ^ mixed >> 31, purpose: .augmentation, index: index)
  }

  /// The random key of the effects on photographs. It is the key of an epoch that no training reaches, so the other effects
  /// draw the same numbers as before.
  static func photographicKey(seed: UInt64, epoch: Int, index: Int) -> RandomKey {
    key(seed: seed, epoch: epoch ^ 1 << 62, index: index)
  }

  /// Writes the changed image into `output`.
  ///
  /// - Parameters:
  ///   - index: The image's index in the data set, less than 2³².
  ///   - start: The index in `output` at which the image begins.
  package mutating func apply(
    to image: ArraySlice<UInt8>, seed: UInt64, epoch: Int, index: Int, into output: inout MutableSpan<UInt8>,
    at start: Int = 0
  ) {
    if augmentation.isNone {
      precondition(image.count == shape.count)
      let image = image.span
      for place in 0..<image.count { output[start + place] = image[place] }
      return
    }
    var stream = RandomStream(Augmenter.key(seed: seed, epoch: epoch, index: index))
    var distortion = Distortion(augmentation, shape: shape, from: &stream)
    if augmentation.changesPhotographs {
      var stream = RandomStream(Augmenter.photographicKey(seed: seed, epoch: epoch, index: index))
      distortion.addPhotographic(augmentation, shape: shape, from: &stream)
    }
    // The knots come last: their number changes nothing else.
    if augmentation.elastic > 0 { field.redraw(from: &stream) }
    apply(distortion, to: image.span, into: &output, at: start)
  }

  /// The changed image.
  package mutating func apply(to image: ArraySlice<UInt8>, seed: UInt64, epoch: Int, index: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: shape.count)
    var output = result.mutableSpan
    apply(to: image, seed: seed, epoch: epoch, index: index, into: &output)
    return result
  }

  /// Changes an image by the drawn distortion and the current elastic field.
  mutating func apply(
    _ distortion: Distortion, to image: Span<UInt8>, into output: inout MutableSpan<UInt8>, at start: Int = 0
  ) {
    precondition(image.count == shape.count)
    input.load(image, thickness: distortion.thickness)
    let plane = shape.height * shape.width
    for row in 0..<shape.height {
      if augmentation.elastic > 0 { field.findLine(ofRow: row) }
      if shape.isColor {
        input.readColors(
          row, through: distortion.map, displacedBy: field.line.span, into: &output, at: start + row * shape.width)
        continue
      }
      for channel in 0..<shape.channels {
        input.read(
          row, ofChannel: channel, through: distortion.map, displacedBy: field.line.span, into: &output,
          at: start + channel * plane + row * shape.width)
      }
    }
    jitter.apply(distortion.colors, to: &output, at: start)
    let erased: UInt8 = shape.isColor ? 128 : 0
    for channel in 0..<shape.channels {
      for row in distortion.erased.rows {
        let first = start + channel * plane + row * shape.width
        for column in distortion.erased.columns { output[first + column] = erased }
      }
    }
  }
}
