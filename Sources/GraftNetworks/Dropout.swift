/// Dropout of hidden units in training (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15, 2014): each unit of
/// each image is zero with probability `share`, and the others are divided by 1 - share, so that a model in use needs no other
/// weights.
///
/// Units of fully connected layers and pixels of pooled feature maps have a share each. The output of the frozen layers before
/// the first trainable one is computed once for all epochs and is not dropped.
public struct Dropout: Sendable, Hashable {
  /// A probability in 256ths, because eight random bits decide an element.
  struct Part: Sendable, Hashable {
    let threshold: UInt8

    init(_ share: Double) {
      precondition(share >= 0 && share < 1)
      threshold = UInt8(min((share * 256).rounded(), 255))
    }

    var isNone: Bool { threshold == 0 }
    /// Factor for the elements that are kept.
    var scale: Float { 256 / Float(256 - Int(threshold)) }
  }

  let units: Part
  let maps: Part

  /// A dropout of units and of pixels.
  ///
  /// - Parameters:
  ///   - share: Probability for units of fully connected layers, from 0 to less than 1, rounded to the nearest 256th.
  ///   - maps: Probability for the pixels of pooled feature maps.
  public init(_ share: Double, maps: Double = 0) {
    units = Part(share)
    self.maps = Part(maps)
  }

  /// No dropout.
  public static let none = Dropout(0)

  /// The probability that a unit is dropped.
  package var share: Double { Double(units.threshold) / 256 }
  var isNone: Bool { units.isNone && maps.isNone }

  /// Whether a training of `model` drops anything: the layers before the first trainable one are computed once, and the head has
  /// no units to drop.
  package func acts(in model: Model) -> Bool {
    model.layers.dropLast().dropFirst(model.frozenPrefix).contains { part(of: $0) != nil }
  }

  /// The dropout of the output of `layer`; nil if none of it is dropped.
  func part(of layer: Layer) -> Part? {
    let part: Part? =
      switch layer.weights {
      case .convolution: layer.pooling == nil ? nil : maps
      case .linear: layer.isHead ? nil : units
      }
    return part.flatMap { $0.isNone ? nil : $0 }
  }
}
