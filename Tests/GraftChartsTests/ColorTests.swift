import Testing

@testable import GraftCharts

@Suite struct ColorTests {
  @Test func contrastOfKnownPairs() {
    // WebAIM's contrast checker gives these.
    #expect(abs(Color(0x000000).contrast(with: Color(0xffffff)) - 21) < 1e-9)
    #expect(abs(Color(0x767676).contrast(with: Color(0xffffff)) - 4.54) < 0.005)
    #expect(abs(Color(0x0072b2).contrast(with: Color(0xffffff)) - 5.19) < 0.01)
    #expect(Color(0x123456).contrast(with: Color(0x123456)) == 1)
  }

  @Test func textIsReadableOnEveryColor() {
    for red in stride(from: 0, through: 255, by: 15) {
      for green in stride(from: 0, through: 255, by: 15) {
        for blue in stride(from: 0, through: 255, by: 15) {
          let color = Color(UInt32(red << 16 | green << 8 | blue))
          #expect(color.textColor.contrast(with: color) >= 4.5)
        }
      }
    }
  }

  @Test func namesInSeriesColorsAreReadable() {
    for color in Palette.series { #expect(color.readable.contrast(with: Palette.background) >= 4.5) }
    #expect(Palette.muted.contrast(with: Palette.background) >= 4.5)
    #expect(Palette.muted.contrast(with: Palette.field) >= 4.5)
  }

  @Test func rolesRepeatAndNeverTrap() {
    #expect(Palette.color(.series(0)) == Color(0x0072b2))
    #expect(Palette.color(.series(8)) == Palette.color(.series(0)))
    #expect(Palette.color(.series(-1)) == Palette.color(.series(7)))
    #expect(Set((0..<8).map { Palette.color(.series($0)) }).count == 8)
  }

  @Test func hexadecimalCodes() {
    #expect(Color(0x00a0ff).hex == "#00a0ff")
    #expect(Color(0x000000).mixed(with: Color(0xffffff), share: .nan).hex == "#000000")
  }

  @Test(arguments: [ColorRamp.blue, .orange])
  func rampsDarkenInEqualSteps(ramp: ColorRamp) {
    // L* of CIELAB grows with the cube root of the luminance.
    let lightness = ramp.stops.map { color in
      116 * Decade.power(Decade.logarithm(color.luminance) / 3) - 16
    }
    let steps = zip(lightness, lightness.dropFirst()).map { $0 - $1 }
    let mean = steps.reduce(0, +) / Double(steps.count)
    #expect(steps.allSatisfy { abs($0 - mean) < 0.1 * mean })
  }

  @Test func rampsTakeEveryNumber() {
    #expect(ColorRamp.blue.color(-1) == ColorRamp.blue.stops.first)
    #expect(ColorRamp.blue.color(.nan) == ColorRamp.blue.stops.first)
    #expect(ColorRamp.blue.color(1) == ColorRamp.blue.stops.last)
    #expect(ColorRamp.blue.color(.infinity) == ColorRamp.blue.stops.last)
    #expect(ColorRamp.blue.color(0.5) == ColorRamp.blue.stops[4])
  }
}
