import Testing

@testable import GraftFiles

@Suite struct HalfPrecisionTests {
  @Test("every finite half is its own nearest half")
  func roundTrip() {
    for bits in UInt16.min...UInt16.max where bits & 0x7c00 != 0x7c00 {
      #expect(HalfPrecision.bits(of: HalfPrecision.single(bits)) == bits)
    }
  }

  @Test("no other half is nearer, and of two equally near ones the even one is taken")
  func nearest() {
    var random = Seeded(1)
    for _ in 0..<20_000 {
      let value = Float(
        sign: .plus, exponent: Int(random.next() % 29) - 14, significand: 1 + Float(random.next() % (1 << 23)) * 0x1p-23
      )
      let bits = HalfPrecision.bits(of: value)
      let own = abs(HalfPrecision.single(bits) - value)
      #expect(own <= abs(HalfPrecision.single(bits + 1) - value) && own <= abs(HalfPrecision.single(bits - 1) - value))
    }
    // Between 2048 and 2050 lies 2049, between 2050 and 2052 lies 2051.
    #expect(HalfPrecision.single(HalfPrecision.bits(of: 2049)) == 2048)
    #expect(HalfPrecision.single(HalfPrecision.bits(of: 2051)) == 2052)
  }

  @Test("ends of the range")
  func ends() {
    let cases: [(value: Float, bits: UInt16)] = [
      (65504, 0x7bff), (65519.99, 0x7bff), (65520, 0x7c00), (-.infinity, 0xfc00), (0x1p-24, 1), (0x1p-25, 0),
      (0x1.8p-25, 1), (-0.0, 0x8000), (0x1.fffep-15, 0x0400), (1, 0x3c00),
    ]
    for (value, bits) in cases { #expect(HalfPrecision.bits(of: value) == bits, "\(value)") }
  }

  @Test func notANumber() { #expect(HalfPrecision.single(HalfPrecision.bits(of: .nan)).isNaN) }
}
