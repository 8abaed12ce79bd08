/// A description of how far images are changed while a network trains on them: the range of each effect.
///
/// For each image one value of every effect is drawn uniformly from its range; a range of zero switches the effect off.
/// It is written as `shift=2,rotate=15,scale=0.9-1.1,shear=10,elastic=4,thickness=0.25,erase=6`, as
/// `flip=0.5,crop=0.35-1,brightness=0.2,contrast=0.2,saturation=0.2,hue=0.05`, as a mixture of both, as `none`, or by the
/// names `standard`, `photo` and `small`.
///
/// Images of three channels count as colour photographs. Beyond their border the nearest pixel continues, where other
/// images have background, and a rectangle that is erased becomes medium grey.
public struct Augmentation: Sendable, Hashable {
  /// The largest shift along each axis, in pixels (fractions allowed).
  ///
  /// If nothing else moves the pixels of a photograph, a whole number here is drawn as whole pixels (He, Zhang, Ren and
  /// Sun, "Deep residual learning for image recognition", CVPR 2016, §4.2): its images stay as sharp as those that are
  /// not changed.
  package let shift: Double
  /// The largest rotation, in degrees either way.
  package let rotation: Double
  /// The smallest and the largest factor of scaling.
  package let scale: ClosedRange<Double>
  /// The largest slant of vertical lines, in degrees either way.
  package let shear: Double
  /// The elastic distortion: the largest displacement of a pixel along an axis, in pixels.
  ///
  /// Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual document
  /// analysis", ICDAR 2003, §2. Their α multiplies a smoothed field, whose size depends on σ. A value of 5 here moves
  /// pixels as far as their α of 34 with their σ of 4 does (a standard deviation of 1.4 pixels).
  package let elastic: Double
  /// The smoothness of the elastic distortion: the standard deviation of the Gaussian, in pixels.
  package let sigma: Double
  /// The largest share, 0 to 1, by which each pixel moves towards the brightest or the darkest of the 3 × 3 around it:
  /// strokes become thicker or thinner.
  package let thickness: Double
  /// The longest side, in pixels, of a rectangle of background put over the image.
  ///
  /// Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation", AAAI 2020. Height and width are drawn from 0
  /// to this value, so some images stay complete.
  package let erasing: Int

  /// The probability that left and right are swapped.
  package let flip: Double
  /// The smallest and the largest share of the image's area that a random crop keeps, whose width is 3/4 to 4/3 of its
  /// height. The crop is enlarged to the size of the image.
  ///
  /// Szegedy et al., "Going deeper with convolutions", CVPR 2015, §6; torchvision's `RandomResizedCrop`.
  package let crop: ClosedRange<Double>
  /// The largest change of the factor that multiplies all channels, as in torchvision's `ColorJitter`: the factor is
  /// uniform from 1 - `brightness`, but at least 0, to 1 + `brightness`.
  package let brightness: Double
  /// The largest change of the factor that multiplies the difference from the image's mean grey.
  package let contrast: Double
  /// The largest change of the factor that multiplies the difference from the pixel's own grey.
  package let saturation: Double
  /// The largest turn of the hues, as a share of the circle of colours, either way.
  package let hue: Double

  /// The smoothness that Simard et al. found best, in pixels.
  public static let usualSigma = 4.0

  /// An augmentation of the given ranges. Each number must lie in the range that reading it from text allows
  /// (`init(parsing:for:)`).
  public init(
    shift: Double = 0, rotation: Double = 0, scale: ClosedRange<Double> = 1...1, shear: Double = 0, elastic: Double = 0,
    sigma: Double = usualSigma, thickness: Double = 0, erasing: Int = 0, flip: Double = 0,
    crop: ClosedRange<Double> = 1...1, brightness: Double = 0, contrast: Double = 0, saturation: Double = 0,
    hue: Double = 0
  ) {
    let values = [
      (Effect.shift, shift), (.rotate, rotation), (.scale, scale.lowerBound), (.scale, scale.upperBound),
      (.shear, shear), (.elastic, elastic), (.sigma, sigma), (.thickness, thickness), (.erase, Double(erasing)),
      (.flip, flip), (.crop, crop.lowerBound), (.crop, crop.upperBound), (.brightness, brightness),
      (.contrast, contrast), (.saturation, saturation), (.hue, hue),
    ]
    for (effect, value) in values {
      precondition(effect.range.contains(value), "\(effect.rawValue)=\(value) lies outside \(effect.range)")
    }
    self.shift = shift
    self.rotation = rotation
    self.scale = scale
    self.shear = shear
    self.elastic = elastic
    // Without a field there is nothing to smooth: two ways to say so would be two values.
    self.sigma = elastic == 0 ? Augmentation.usualSigma : sigma
    self.thickness = thickness
    self.erasing = erasing
    self.flip = flip
    self.crop = crop
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
  }

  /// Whether every image stays unchanged.
  package var isNone: Bool { self == .none }

  /// Whether any of the effects is on that came with colour photographs: those from `flip` on.
  var changesPhotographs: Bool {
    flip > 0 || crop != 1...1 || brightness > 0 || contrast > 0 || saturation > 0 || hue > 0
  }

  /// Whether pixels move by shifts and mirroring alone, and by whole pixels.
  var keepsPixels: Bool {
    rotation == 0 && scale == 1...1 && shear == 0 && elastic == 0 && crop == 1...1 && shift == shift.rounded()
  }
}

// MARK: - Known augmentations

extension Augmentation {
  /// No change: every image stays as it is.
  public static let none = Augmentation()

  /// The augmentation for digits of 28 × 28 pixels: the ranges of Cireşan, Meier, Gambardella and Schmidhuber, "Deep,
  /// big, simple neural nets for handwritten digit recognition", Neural Computation 22, 2010, with narrower ones if
  /// effects add up. `fitted(to:)` makes that for other sizes.
  public static let standard = Augmentation(
    shift: 2, rotation: 15, scale: 0.9...1.1, shear: 10, elastic: 4, thickness: 0.25)

  /// The augmentation for colour photographs: mirrored, cropped, in another light.
  package static let photo = Augmentation(
    flip: 0.5, crop: 0.35...1, brightness: 0.2, contrast: 0.2, saturation: 0.2)

  /// The augmentation for colour images of 32 × 32 pixels, such as CIFAR's. It mirrors images and shifts them by whole
  /// pixels (He et al., CVPR 2016, §4.2).
  package static let small = Augmentation(shift: 4, flip: 0.5)
}
