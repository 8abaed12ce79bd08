import GraftKernelCalls

/// A nonlinearity of the kernels, one vector of units at a time: its value, and the gradient that passes through it.
protocol Nonlinearity {
  /// Whether the gradient needs the input. Otherwise the output tells it, and wherever a gradient passes the output is the input.
  static var needsInput: Bool { get }
  static func value(_ x: Vector) -> Vector
  /// `gradient` times the derivative at `x`, whose value is `y`.
  static func gradient(_ gradient: Vector, at x: Vector, _ y: Vector) -> Vector
}

enum Identity: Nonlinearity {
  @inline(__always) static var needsInput: Bool { false }
  @inline(__always) static func value(_ x: Vector) -> Vector { x }
  @inline(__always) static func gradient(_ gradient: Vector, at x: Vector, _ y: Vector) -> Vector { gradient }
}

enum Rectifier: Nonlinearity {
  @inline(__always) static var needsInput: Bool { false }
  @inline(__always) static func value(_ x: Vector) -> Vector { positivePart(x) }
  @inline(__always) static func gradient(_ gradient: Vector, at x: Vector, _ y: Vector) -> Vector {
    let zero = Vector(repeating: 0)
    return zero.replacing(with: gradient, where: y .> zero)
  }
}

/// A rectifier with a ceiling of 6, whose derivative is 0 at both ends, as in PyTorch.
enum CappedRectifier: Nonlinearity {
  @inline(__always) static var needsInput: Bool { false }
  @inline(__always) static func value(_ x: Vector) -> Vector {
    let six = Vector(repeating: 6)
    return positivePart(x).replacing(with: six, where: x .>= six)
  }
  @inline(__always) static func gradient(_ gradient: Vector, at x: Vector, _ y: Vector) -> Vector {
    let zero = Vector(repeating: 0)
    return zero.replacing(with: gradient, where: (y .> zero) .& (y .< Vector(repeating: 6)))
  }
}

enum SigmoidLinear: Nonlinearity {
  @inline(__always) static var needsInput: Bool { true }
  @inline(__always) private static func sigmoid(_ x: Vector) -> Vector {
    Vector(repeating: 1) / (Vector(repeating: 1) + exponential(-x))
  }
  @inline(__always) static func value(_ x: Vector) -> Vector { x * sigmoid(x) }
  @inline(__always) static func gradient(_ gradient: Vector, at x: Vector, _ y: Vector) -> Vector {
    let s = sigmoid(x)
    // s + x · s · (1 - s), and x · s = y.
    return gradient * s.addingProduct(y, Vector(repeating: 1) - s)
  }
}

enum HardSwish: Nonlinearity {
  @inline(__always) static var needsInput: Bool { true }
  @inline(__always) static func value(_ x: Vector) -> Vector {
    x * CappedRectifier.value(x + 3) * Vector(repeating: 1 / 6)
  }
  @inline(__always) static func gradient(_ gradient: Vector, at x: Vector, _ y: Vector) -> Vector {
    let three = Vector(repeating: 3)
    let slope = Vector(repeating: 0.5).addingProduct(x, Vector(repeating: 1 / 3))
    let inside = slope.replacing(with: Vector(repeating: 1), where: x .>= three)
    return gradient * inside.replacing(with: Vector(repeating: 0), where: x .<= -three)
  }
}

/// A piece of code that is compiled for each nonlinearity.
protocol NonlinearityUse {
  func use<N: Nonlinearity>(_: N.Type)
}

@inline(__always)
func withNonlinearity(_ function: ActivationFunction, _ body: some NonlinearityUse) {
  switch function {
  case .identity: body.use(Identity.self)
  case .relu: body.use(Rectifier.self)
  case .relu6: body.use(CappedRectifier.self)
  case .silu: body.use(SigmoidLinear.self)
  case .hardSwish: body.use(HardSwish.self)
  }
}
