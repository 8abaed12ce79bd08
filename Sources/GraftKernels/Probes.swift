import GraftKernelCalls

/// Runs a probe of this core's best speed: nothing but fused multiply-adds in registers, or nothing but reading.
func probe(_ call: Probe) {
  switch call {
  case .multiplyAdds(let factors, let rounds, let result): result.pointee = multiplyAdds(factors, rounds)
  case .reading(let floats, let count, let rounds, let result): result.pointee = reading(floats, count, rounds)
  }
}

/// Does multiply-adds with enough independent sums to hide the latency of an addition, few enough to stay in registers.
@inline(__always)
private func multiplyAdds(_ factors: UnsafePointer<Float>, _ rounds: Int) -> Float {
  #if AVX512
    var sums = Pair<Pair<Triple<OneRow<OneVector>>>>(OneVector())
  #else
    var sums = Pair<Triple<OneRow<OneVector>>>(OneVector())
  #endif
  // Different factors; otherwise the compiler would see that all sums are one.
  var strip = OneVector(loading: factors)
  for _ in 0..<rounds { sums.add(factors, 1, times: strip) }
  sums.forEachRow(from: 0) { row, _ in strip.add(row) }
  return strip.sum
}

/// Reads memory with four sums, so that the additions keep up with the loads.
private func reading(_ floats: UnsafePointer<Float>, _ count: Int, _ rounds: Int) -> Float {
  var total = OneVector()
  for _ in 0..<rounds {
    var (a, b, c, d) = (OneVector(), OneVector(), OneVector(), OneVector())
    var place = 0
    while place &+ 64 <= count {
      a.add(OneVector(loading: floats + place))
      b.add(OneVector(loading: floats + (place &+ 16)))
      c.add(OneVector(loading: floats + (place &+ 32)))
      d.add(OneVector(loading: floats + (place &+ 48)))
      place &+= 64
    }
    a.add(b)
    c.add(d)
    a.add(c)
    total.add(a)
  }
  return total.sum
}
