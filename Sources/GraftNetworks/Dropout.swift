/// Dropout of hidden units in training (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15, 2014): each unit of each
/// image is zero with probability ``share``, and the others are divided by 1 - share, so that a model in use needs no other weights.
///
/// Units of fully connected layers and pixels of pooled maps have a share each. What the held layers before the first one that trains
/// compute is computed once for all epochs and is not dropped.
public struct Dropout: Sendable, Hashable {
  /// A probability in 256ths: an element is decided by eight random bits.
  struct Part: Sendable, Hashable {
    let threshold: UInt8

    init(_ share: Double) {
      precondition(share >= 0 && share < 1)
      threshold = UInt8(min((share * 256).rounded(), 255))
    }

    var isNone: Bool { threshold == 0 }
    /// Of what is kept.
    var scale: Float { 256 / Float(256 - Int(threshold)) }
  }

  let units: Part
  let maps: Part

  /// - Parameters:
  ///   - share: Of units of fully connected layers, from 0 to less than 1; taken to the nearest 256th.
  ///   - maps: Of the pixels of pooled maps.
  public init(_ share: Double, maps: Double = 0) {
    units = Part(share)
    self.maps = Part(maps)
  }

  public static let none = Dropout(0)

  /// The probability of a unit of being dropped.
  public var share: Double { Double(units.threshold) / 256 }
  var isNone: Bool { units.isNone && maps.isNone }

  /// Whether anything of a training of `model` is dropped: the layers before the first one that trains are computed once, and the
  /// head has no units to drop.
  package func acts(in model: Model) -> Bool {
    model.layers.dropLast().dropFirst(model.frozenPrefix).contains { part(of: $0) != nil }
  }

  /// Of the output of `layer`; nil where none of it is dropped.
  func part(of layer: Layer) -> Part? {
    let part: Part? =
      switch layer.weights {
      case .convolution: layer.pooling == nil ? nil : maps
      case .linear: layer.isRectified ? units : nil
      }
    return part.flatMap { $0.isNone ? nil : $0 }
  }
}
