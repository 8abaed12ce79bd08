typealias Vector = SIMD16<Float>

/// A strip of neighbouring columns that a kernel keeps in registers: one or two vectors of 16.
///
/// Kernels are written once, generic over the strip, and specialised by the compiler. `SIMD16` fixes the order of the additions,
/// so AVX2 (two registers a vector), AVX-512 (one) and NEON (four) give the same bits.
protocol Lanes {
  /// Columns in the strip.
  static var width: Int { get }
  /// A strip of zeros.
  init()
  init(loading source: UnsafePointer<Float>)
  func store(to target: UnsafeMutablePointer<Float>)
  /// Adds `factor * other`, fused, lane by lane.
  mutating func add(_ factor: Float, times other: Self)
  mutating func add(_ other: Self)
  /// The strip's max(self, 0), lane by lane.
  func rectified() -> Self
  /// The lanes of `self` wherever `mask` is positive, zero elsewhere.
  func kept(where mask: Self) -> Self
  /// Each lane brought into a range; a NaN stays a NaN.
  func clamped(_ low: Float, _ high: Float) -> Self
  /// Calls `body` with each vector and its distance in floats from the strip's start.
  func forEachVector(_ body: (Vector, Int) -> Void)
}

@inline(__always)
func loadVector(_ source: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(source).assumingMemoryBound(to: Vector.self).pointee
}

@inline(__always)
func storeVector(_ vector: Vector, to target: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(target).assumingMemoryBound(to: Vector.self).pointee = vector
}

/// Rectifies, max(x, 0), lane by lane. A NaN stays a NaN, so that a diverging training shows.
@inline(__always)
func positivePart(_ x: Vector) -> Vector {
  let zero = Vector(repeating: 0)
  return x.replacing(with: zero, where: x .<= zero)
}

/// Brings each lane into a range. A NaN stays a NaN.
@inline(__always)
func clampedVector(_ x: Vector, _ low: Float, _ high: Float) -> Vector {
  let (least, most) = (Vector(repeating: low), Vector(repeating: high))
  return x.replacing(with: least, where: x .< least).replacing(with: most, where: x .> most)
}

/// The sum of the lanes, half onto half. The standard library's `sum()` is generic code that is compiled under one name into
/// every module that uses it. The linker would keep one copy for both builds of the kernels, perhaps the one with AVX-512.
@inline(__always)
func sumOfLanes(_ vector: Vector) -> Float {
  let eight = vector.lowHalf + vector.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// A strip of 16 columns.
struct OneVector: Lanes {
  var a: Vector
  @inline(__always) static var width: Int { 16 }
  @inline(__always) init(a: Vector) { self.a = a }
  @inline(__always) init() { a = Vector(repeating: 0) }
  @inline(__always) init(loading source: UnsafePointer<Float>) { a = loadVector(source) }
  @inline(__always) func store(to target: UnsafeMutablePointer<Float>) { storeVector(a, to: target) }
  @inline(__always) mutating func add(_ factor: Float, times other: OneVector) {
    a.addProduct(Vector(repeating: factor), other.a)
  }
  /// Adds `other * another`, fused, lane by lane.
  @inline(__always) mutating func add(_ other: OneVector, times another: OneVector) { a.addProduct(other.a, another.a) }
  @inline(__always) mutating func add(_ other: OneVector) { a += other.a }
  /// The sum of all lanes, always in the same order.
  @inline(__always) var sum: Float { sumOfLanes(a) }
  @inline(__always) func rectified() -> OneVector { OneVector(a: positivePart(a)) }
  @inline(__always) func clamped(_ low: Float, _ high: Float) -> OneVector { OneVector(a: clampedVector(a, low, high)) }
  @inline(__always) func kept(where mask: OneVector) -> OneVector {
    let zero = Vector(repeating: 0)
    return OneVector(a: zero.replacing(with: a, where: mask.a .> zero))
  }
  @inline(__always) func forEachVector(_ body: (Vector, Int) -> Void) { body(a, 0) }
}

/// A strip of 32 columns.
struct TwoVectors: Lanes {
  var a: Vector
  var b: Vector
  @inline(__always) static var width: Int { 32 }
  @inline(__always) init(a: Vector, b: Vector) {
    self.a = a
    self.b = b
  }
  @inline(__always) init() { self.init(a: Vector(repeating: 0), b: Vector(repeating: 0)) }
  @inline(__always) init(loading source: UnsafePointer<Float>) {
    a = loadVector(source)
    b = loadVector(source + 16)
  }
  @inline(__always) func store(to target: UnsafeMutablePointer<Float>) {
    storeVector(a, to: target)
    storeVector(b, to: target + 16)
  }
  @inline(__always) mutating func add(_ factor: Float, times other: TwoVectors) {
    let factors = Vector(repeating: factor)
    a.addProduct(factors, other.a)
    b.addProduct(factors, other.b)
  }
  @inline(__always) mutating func add(_ other: TwoVectors) {
    a += other.a
    b += other.b
  }
  @inline(__always) func clamped(_ low: Float, _ high: Float) -> TwoVectors {
    TwoVectors(a: clampedVector(a, low, high), b: clampedVector(b, low, high))
  }
  @inline(__always) func rectified() -> TwoVectors {
    TwoVectors(a: positivePart(a), b: positivePart(b))
  }
  @inline(__always) func kept(where mask: TwoVectors) -> TwoVectors {
    let zero = Vector(repeating: 0)
    return TwoVectors(
      a: zero.replacing(with: a, where: mask.a .> zero), b: zero.replacing(with: b, where: mask.b .> zero))
  }
  @inline(__always) func forEachVector(_ body: (Vector, Int) -> Void) {
    body(a, 0)
    body(b, 16)
  }
}
