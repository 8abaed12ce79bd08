import GraftKernelCalls

// The product of a matrix's columns with themselves, in Double. Four rows of a strip stay in registers, eight registers in either
// build. The strip's columns of the panel (8 KB with AVX-512) stay in level 1 while all rows above its end pass over them, the
// panel in level 2. The limit is the multiply-add.

#if AVX512
  private typealias DoubleStrip = SIMD16<Double>
#else
  private typealias DoubleStrip = SIMD8<Double>
#endif

@inline(__always)
private func load(_ source: UnsafePointer<Double>) -> DoubleStrip {
  UnsafeRawPointer(source).assumingMemoryBound(to: DoubleStrip.self).pointee
}

@inline(__always)
private func add(_ strip: DoubleStrip, to target: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(target).assumingMemoryBound(to: DoubleStrip.self).pointee += strip
}

/// Adds the panel's products to the sums. Each is summed in the order of the panel's rows, in one chain of fused multiply-adds,
/// and then added.
func gram(_ call: GramCall, _ part: Int, _ parts: Int) {
  let stride = call.stride
  let lanes = DoubleStrip.scalarCount
  let strips = (call.width &+ lanes &- 1) / lanes
  for strip in 0..<strips {
    // Strips further to the right have more rows above their end; dealt out in turn, they make nearly equal shares.
    if strip % parts != part { continue }
    let column = strip &* lanes
    let end = column &+ lanes
    var row = 0
    while row < end {
      var a = DoubleStrip(repeating: 0)
      var b = a
      var c = a
      var d = a
      var factors = call.panel + row
      var others = call.panel + column
      for _ in 0..<call.depth {
        let other = load(others)
        a.addProduct(DoubleStrip(repeating: factors[0]), other)
        b.addProduct(DoubleStrip(repeating: factors[1]), other)
        c.addProduct(DoubleStrip(repeating: factors[2]), other)
        d.addProduct(DoubleStrip(repeating: factors[3]), other)
        factors += stride
        others += stride
      }
      let target = call.sums + (row &* stride &+ column)
      add(a, to: target)
      add(b, to: target + stride)
      add(c, to: target + 2 &* stride)
      add(d, to: target + 3 &* stride)
      row &+= 4
    }
  }
}
