import GraftFiles
import GraftMatrices

extension Augmentation {
  /// The names of the effects in text, in the order in which they are written.
  enum Effect: String, CaseIterable {
    case shift, rotate, scale, shear, elastic, sigma, thickness, erase
    case flip, crop, brightness, contrast, saturation, hue

    /// The range of values that may be asked for; larger ones would leave nothing of an image, or fold it.
    var range: ClosedRange<Double> {
      switch self {
      case .shift, .erase: 0...1000
      case .rotate: 0...180
      case .scale: 0.1...10
      case .shear: 0...60
      case .elastic: 0...50
      case .sigma: 1...100
      case .thickness, .flip: 0...1
      case .crop: 0.01...1
      case .brightness, .contrast, .saturation: 0...5
      case .hue: 0...0.5
      }
    }

    /// Whether the effect is written with the ends of its range, as `0.9-1.1`.
    var hasRange: Bool { self == .scale || self == .crop }
  }

  /// The names of all effects, for help: `shift, rotate, …`.
  package static var effectNames: String { Effect.allCases.map(\.rawValue).joined(separator: ", ") }

  private static let knownNames = ["none", "standard", "photo", "small"]

  /// The augmentation of a known name. `standard` is written for 28 × 28 pixels and follows the size of the images.
  private static func named(_ name: String, for shape: ImageShape) -> Augmentation? {
    switch name {
    case "none": Augmentation.none
    case "standard": .standard.fitted(to: shape)
    case "photo": .photo
    case "small": .small
    default: nil
    }
  }

  /// Reads `none`, `standard`, `photo`, `small`, or a list such as `shift=2,scale=0.9-1.1`; a list may begin with such a
  /// name and change it.
  ///
  /// - Parameter shape: The shape of the images, which `standard` is fitted to; numbers that the text tells stay.
  package init(parsing text: String, for shape: ImageShape = .mnist) throws(GraftFailure) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false)[...]
    var start = Augmentation.none
    if let preset = Augmentation.named(String(parts[0]), for: shape) {
      guard parts.count == 1 || parts[0] != "none" else {
        throw GraftFailure(.usage, "augmentation '\(text)': none goes with no effect")
      }
      start = preset
      parts = parts.dropFirst()
    }
    var numbers: [Effect: ClosedRange<Double>] = [:]
    for part in parts {
      let (effect, range) = try Augmentation.effect(part, of: text)
      guard numbers.updateValue(range, forKey: effect) == nil else {
        throw GraftFailure(.usage, "augmentation '\(text)': \(effect.rawValue) is there twice")
      }
    }
    func number(_ effect: Effect, _ other: Double) -> Double { numbers[effect]?.upperBound ?? other }
    self.init(
      shift: number(.shift, start.shift), rotation: number(.rotate, start.rotation),
      scale: numbers[.scale] ?? start.scale, shear: number(.shear, start.shear),
      elastic: number(.elastic, start.elastic), sigma: number(.sigma, start.sigma),
      thickness: number(.thickness, start.thickness), erasing: Int(number(.erase, Double(start.erasing))),
      flip: number(.flip, start.flip), crop: numbers[.crop] ?? start.crop,
      brightness: number(.brightness, start.brightness), contrast: number(.contrast, start.contrast),
      saturation: number(.saturation, start.saturation), hue: number(.hue, start.hue))
    guard numbers[.sigma] == nil || elastic > 0 else {
      throw GraftFailure(.usage, "augmentation '\(text)': sigma smooths the elastic distortion, and there is none")
    }
  }

  /// Reads one effect, `rotate=15`.
  private static func effect(
    _ part: Substring, of text: String
  ) throws(GraftFailure) -> (Effect, ClosedRange<Double>) {
    let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let effect = Effect(rawValue: sides[0]) else {
      let names = Effect.allCases.map(\.rawValue)
      let meant = nearest(to: sides[0], among: names + (text.contains(",") ? [] : knownNames))
      throw GraftFailure(
        .usage,
        "augmentation '\(text)': there is no effect '\(sides[0])'; "
          + (meant.map { "did you mean \($0)?" } ?? "known are \(effectNames)"))
    }
    let name = effect.rawValue
    guard sides.count == 2 else {
      throw GraftFailure(.usage, "augmentation '\(text)': \(name) has no number (try \(name)=\(example(effect)))")
    }
    // Only a scale and a crop are written with both their ends. A minus elsewhere belongs to the number.
    let ends = effect.hasRange ? sides[1].split(separator: "-", omittingEmptySubsequences: false) : [sides[1][...]]
    let numbers = ends.compactMap { Double($0) }.filter { effect.range.contains($0) }
    // A single scale holds for all images. A single share of a crop is refused: it could be the smallest or the only one.
    guard ends.count <= 2, numbers.count == ends.count, let low = numbers.first, let high = numbers.last, low <= high,
      effect != .erase || high == high.rounded(), effect != .crop || ends.count == 2
    else {
      let kind = effect.hasRange ? "a range of numbers" : effect == .erase ? "a whole number" : "a number"
      throw GraftFailure(
        .usage,
        "augmentation '\(text)': \(name)=\(sides[1]) is not \(kind) from \(written(effect.range.lowerBound)) to "
          + "\(written(effect.range.upperBound)) (try \(name)=\(example(effect)))")
    }
    // Adding zero turns -0 into 0.
    return (effect, (low + 0)...(high + 0))
  }

  private static func example(_ effect: Effect) -> String {
    switch effect {
    case .shift: "2"
    case .rotate: "15"
    case .scale: "0.9-1.1"
    case .shear: "10"
    case .elastic, .sigma: "4"
    case .thickness: "0.25"
    case .erase: "6"
    case .flip: "0.5"
    case .crop: "0.35-1"
    case .brightness, .contrast, .saturation: "0.2"
    case .hue: "0.05"
    }
  }

  /// Writes a number in the shortest digits that read back as the same number, without a useless `.0`.
  private static func written(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Augmentation: CustomStringConvertible {
  /// The list of the active effects, or `none`; reading it gives the same value.
  public var description: String {
    func both(_ effect: Effect, _ range: ClosedRange<Double>) -> (Effect, String)? {
      let ends = [range.lowerBound, range.upperBound].map(Augmentation.written)
      return range == 1...1 ? nil : (effect, ends.joined(separator: "-"))
    }
    func number(_ effect: Effect, _ value: Double, unless usual: Double = 0) -> (Effect, String)? {
      value == usual ? nil : (effect, Augmentation.written(value))
    }
    let parts = [
      number(.shift, shift), number(.rotate, rotation), both(.scale, scale), number(.shear, shear),
      number(.elastic, elastic), number(.sigma, sigma, unless: Augmentation.usualSigma), number(.thickness, thickness),
      number(.erase, Double(erasing)), number(.flip, flip), both(.crop, crop), number(.brightness, brightness),
      number(.contrast, contrast), number(.saturation, saturation), number(.hue, hue),
    ].compactMap { $0 }
    return parts.isEmpty ? "none" : parts.map { "\($0.0.rawValue)=\($0.1)" }.joined(separator: ",")
  }
}
