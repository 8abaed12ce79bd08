import GraftCharts
import Testing

@testable import GraftReporting

/// WCAG 2.2 asks for 4.5 of small text and for 3 of what is not text (level AA).
@Suite struct PageColorsTests {
  private func pair(_ name: String) throws -> PageColors.Pair {
    try #require((PageColors.neutrals + PageColors.series).first { $0.name == name })
  }

  @Test("text stands out from the ground and from fields, light and dark", arguments: ["ink", "muted"])
  func text(name: String) throws {
    for ground in ["ground", "field"] {
      let (own, below) = (try pair(name), try pair(ground))
      #expect(own.light.contrast(with: below.light) >= 4.5 && own.dark.contrast(with: below.dark) >= 4.5)
    }
  }

  @Test("lines stand out from a dark ground")
  func series() throws {
    let ground = try pair("ground")
    for own in PageColors.series { #expect(own.dark.contrast(with: ground.dark) >= 4.5) }
  }

  @Test("counts can be read on every shade of a cell")
  func cells() {
    for levels in [PageColors.rightLevels, PageColors.wrongLevels] {
      #expect(levels.count == PageColors.levelCount)
      for level in levels {
        #expect(level.light.contrast(with: level.light.textColor) >= 4.5)
        #expect(level.dark.contrast(with: level.dark.textColor) >= 4.5)
      }
    }
  }

  @Test("every colour of a chart has one in the dark")
  func styleSheet() {
    let sheet = PageColors.styleSheet
    for color in [Palette.background, Palette.ink, Palette.muted, Palette.axis, Palette.grid, Palette.field]
      + Palette.series
    {
      #expect(
        sheet.contains("svg [fill=\"\(color.hex)\"]:not(.fixed)") && sheet.contains("svg [stroke=\"\(color.hex)\"]"))
    }
    for color in [Palette.axis] + Palette.series { #expect(sheet.contains("[fill=\"\(color.readable.hex)\"]")) }
  }
}
