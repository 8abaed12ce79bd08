import GraftKernelCalls

/// The operations on a convolution's result before it is stored: maps that a residual connection adds, and the range that a rectifier
/// leaves.
package struct MapFinish {
  let added: AddedMaps?
  let low: Float
  let high: Float

  /// A result that is stored as it is.
  package static let none = MapFinish(low: -.infinity, high: .infinity)

  private init(low: Float, high: Float) { (added, self.low, self.high) = (nil, low, high) }

  /// The finish of a nonlinearity that only cuts off; nil for others.
  package init?(_ function: ActivationFunction, adding added: AddedMaps? = nil) {
    switch function {
    case .identity: (low, high) = (-.infinity, .infinity)
    case .relu: (low, high) = (0, .infinity)
    case .relu6: (low, high) = (0, 6)
    case .silu, .hardSwish: return nil
    }
    self.added = added
  }

  static func withEpilogue(_ finish: MapFinish?, _ body: (Epilogue?) -> Void) {
    guard let finish else { return body(nil) }
    guard let added = finish.added else {
      return body(Epilogue(adding: nil, low: finish.low, high: finish.high))
    }
    added.matrix.withRows {
      body(Epilogue(adding: Maps($0, added.layout), low: finish.low, high: finish.high))
    }
  }
}
