import GraftFiles

extension Augmentation {
  /// The names of the effects in text, in the order in which they are written.
  enum Effect: String, CaseIterable {
    case shift, rotate, scale, shear, elastic, sigma, thickness, erase

    /// The range of values that may be asked for; larger ones would leave nothing of an image, or fold it.
    var range: ClosedRange<Double> {
      switch self {
      case .shift, .erase: 0...1000
      case .rotate: 0...180
      case .scale: 0.1...10
      case .shear: 0...60
      case .elastic: 0...50
      case .sigma: 1...100
      case .thickness: 0...1
      }
    }
  }

  /// Reads `none`, `standard`, or a list such as `shift=2,scale=0.9-1.1`; a list may begin with `standard` and change it.
  package init(parsing text: String) throws(GraftFailure) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false)[...]
    var start = Augmentation.none
    if let preset = ["none": Augmentation.none, "standard": .standard][String(parts[0])] {
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
      thickness: number(.thickness, start.thickness), erasing: Int(number(.erase, Double(start.erasing))))
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
      let meant = nearest(to: sides[0], among: names + (text.contains(",") ? [] : ["none", "standard"]))
      throw GraftFailure(
        .usage,
        "augmentation '\(text)': there is no effect '\(sides[0])'; "
          + (meant.map { "did you mean \($0)?" } ?? "known are \(names.joined(separator: ", "))"))
    }
    let name = effect.rawValue
    guard sides.count == 2 else {
      throw GraftFailure(.usage, "augmentation '\(text)': \(name) has no number (try \(name)=\(example(effect)))")
    }
    // Only a scale is written with both its ends. A minus elsewhere belongs to the number.
    let ends = effect == .scale ? sides[1].split(separator: "-", omittingEmptySubsequences: false) : [sides[1][...]]
    let numbers = ends.compactMap { Double($0) }.filter { effect.range.contains($0) }
    guard ends.count <= 2, numbers.count == ends.count, let low = numbers.first, let high = numbers.last, low <= high,
      effect != .erase || high == high.rounded()
    else {
      let kind = effect == .scale ? "a range of numbers" : effect == .erase ? "a whole number" : "a number"
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
    var numbers: [(Effect, Double)] = [(.shift, shift), (.rotate, rotation)]
    numbers += scale == 1...1 ? [] : [(.scale, 1)]
    numbers += [(.shear, shear), (.elastic, elastic)]
    numbers += sigma == Augmentation.usualSigma ? [] : [(.sigma, sigma)]
    numbers += [(.thickness, thickness), (.erase, Double(erasing))]
    let parts = numbers.filter { $0.1 != 0 }.map { effect, value in
      effect == .scale
        ? "scale=\(Augmentation.written(scale.lowerBound))-\(Augmentation.written(scale.upperBound))"
        : "\(effect.rawValue)=\(Augmentation.written(value))"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ",")
  }
}
