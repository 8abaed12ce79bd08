/// Dropout of hidden units in training (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15, 2014): each unit of each
/// image is zero with probability ``share``, and the others are divided by 1 - share, so that a model in use needs no other weights.
///
/// What a held layer computes is computed once for all epochs and is not dropped.
public struct Dropout: Sendable, Hashable {
  /// In 256ths: a unit is decided by eight random bits.
  let threshold: UInt8

  /// - Parameter share: From 0 to less than 1; taken to the nearest 256th.
  public init(_ share: Double) {
    precondition(share >= 0 && share < 1)
    threshold = UInt8(min((share * 256).rounded(), 255))
  }

  public static let none = Dropout(0)

  /// The probability of being dropped.
  public var share: Double { Double(threshold) / 256 }
  var isNone: Bool { threshold == 0 }
  /// Of what is kept.
  var scale: Float { 256 / Float(256 - Int(threshold)) }
}
