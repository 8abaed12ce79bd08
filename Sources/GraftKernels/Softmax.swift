import GraftKernelCalls

/// Computes exp(z - max z) and its sum row by row, in vectors of 16 classes; then either the probabilities, or the loss `log Σ
/// exp(z - max) - Σ q (z - max)` and its gradient `(p - q) · scale`. The target q is `onehot(label)`, or, smoothed by s over K
/// classes, `(1 - s) onehot(label) + s / K`.
func softmax(_ call: SoftmaxRows, _ part: Int, _ parts: Int) {
  let vectors = (call.classes + Vector.scalarCount - 1) / Vector.scalarCount
  for row in share(of: call.rows, part, parts) {
    let z = call.logits.base + row &* call.logits.stride
    let p = call.output.base + row &* call.output.stride
    let (largest, sum) = exponentials(of: z, into: p, classes: call.classes, vectors: vectors)
    var scale: Float = 1
    if let crossEntropy = call.crossEntropy {
      let label = crossEntropy.labels[row]
      var aimed = z[label] - largest
      var share = sum
      if crossEntropy.smoothing > 0 {
        let ofEach = crossEntropy.smoothing / Float(call.classes)
        aimed = (1 - crossEntropy.smoothing) * aimed + ofEach * distances(z, from: largest, call.classes, vectors)
        share = (1 - crossEntropy.smoothing) * sum
        lower(p, by: ofEach * sum, call.classes, vectors)
      }
      crossEntropy.losses[row] = naturalLogarithm(sum) - aimed
      p[label] -= share
      scale = crossEntropy.gradientScale
    }
    let factor = Vector(repeating: scale / sum)
    for vector in 0..<vectors {
      let place = p + vector &* Vector.scalarCount
      storeVector(loadVector(place) * factor, to: place)
    }
  }
}

/// Writes exp(z - max z) to `target`, zero in the padding, and returns the largest logit and the sum.
@inline(__always)
private func exponentials(
  of z: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, classes: Int, vectors: Int
) -> (largest: Float, sum: Float) {
  // A NaN among the logits is never the largest; it makes the sum a NaN.
  var top = Vector(repeating: -.infinity)
  for vector in 0..<vectors {
    let place = vector &* Vector.scalarCount
    let values = loadVector(z + place)
    top.replace(with: values, where: isClass(place, of: classes) .& (values .> top))
  }
  let largest = largestLane(top)
  var sum: Float = 0
  for vector in 0..<vectors {
    let place = vector &* Vector.scalarCount
    let values = exponential(loadVector(z + place) - largest)
    let inside = isClass(place, of: classes)
    let kept = Vector(repeating: 0).replacing(with: values, where: inside)
    storeVector(kept, to: target + place)
    sum += sumOfLanes(kept)
  }
  return (largest, sum)
}

/// The sum Σ (z - largest) over the classes.
@inline(__always)
private func distances(_ z: UnsafePointer<Float>, from largest: Float, _ classes: Int, _ vectors: Int) -> Float {
  var sum: Float = 0
  for vector in 0..<vectors {
    let place = vector &* Vector.scalarCount
    sum += sumOfLanes(
      Vector(repeating: 0).replacing(with: loadVector(z + place) - largest, where: isClass(place, of: classes)))
  }
  return sum
}

/// Subtracts `amount` from each class; the padding stays zero.
@inline(__always)
private func lower(_ p: UnsafeMutablePointer<Float>, by amount: Float, _ classes: Int, _ vectors: Int) {
  for vector in 0..<vectors {
    let place = vector &* Vector.scalarCount
    let values = loadVector(p + place)
    storeVector(values.replacing(with: values - amount, where: isClass(place, of: classes)), to: p + place)
  }
}

/// A mask of the 16 places from `place` on that belong to a class.
@inline(__always)
private func isClass(_ place: Int, of classes: Int) -> SIMDMask<SIMD16<Int32>> { lanes .< Float(classes &- place) }

@inline(__always)
private func largestLane(_ vector: Vector) -> Float {
  @inline(__always)
  func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a.replacing(with: b, where: b .> a) }
  @inline(__always)
  func larger(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> { a.replacing(with: b, where: b .> a) }
  let eight = larger(vector.lowHalf, vector.highHalf)
  let four = larger(eight.lowHalf, eight.highHalf)
  let two = (max(four.x, four.z), max(four.y, four.w))
  return max(two.0, two.1)
}

/// The numbers 0, 1, …, 15.
@inline(__always)
private var lanes: Vector { Vector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }
