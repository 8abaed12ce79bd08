/// A description of how far images are changed while a network trains on them: the range of each effect.
///
/// For each image one value of every effect is drawn uniformly from its range; a range of zero switches the effect off.
/// It is written as `shift=2,rotate=15,scale=0.9-1.1,shear=10,elastic=4,thickness=0.25,erase=6`, as `none`, or as
/// `standard`.
public struct Augmentation: Sendable, Hashable {
  /// The largest shift along each axis, in pixels (fractions allowed).
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

  /// The smoothness that Simard et al. found best, in pixels.
  public static let usualSigma = 4.0

  /// An augmentation of the given ranges. Each number must lie in the range that reading it from text allows
  /// (`init(parsing:)`).
  public init(
    shift: Double = 0, rotation: Double = 0, scale: ClosedRange<Double> = 1...1, shear: Double = 0, elastic: Double = 0,
    sigma: Double = usualSigma, thickness: Double = 0, erasing: Int = 0
  ) {
    let values = [
      (Effect.shift, shift), (.rotate, rotation), (.scale, scale.lowerBound), (.scale, scale.upperBound),
      (.shear, shear), (.elastic, elastic), (.sigma, sigma), (.thickness, thickness), (.erase, Double(erasing)),
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
  }

  /// No change: every image stays as it is.
  public static let none = Augmentation()

  /// The augmentation for digits of 28 × 28 pixels: the ranges of Cireşan, Meier, Gambardella and Schmidhuber, "Deep,
  /// big, simple neural nets for handwritten digit recognition", Neural Computation 22, 2010, with narrower ones if
  /// effects add up.
  public static let standard = Augmentation(
    shift: 2, rotation: 15, scale: 0.9...1.1, shear: 10, elastic: 4, thickness: 0.25)

  /// Whether every image stays unchanged.
  package var isNone: Bool { self == .none }
}
