import GraftCharts

/// The page's light and dark colours as custom properties of CSS. The charts, which carry colours as attributes, are mapped onto
/// them.
enum PageColors {
  /// A name with its two colours.
  struct Pair {
    let name: String
    let light: Color
    let dark: Color
  }

  static let darkBackground = Color(0x11161c)

  /// The colours that charts and page share.
  static let neutrals = [
    Pair(name: "ground", light: Palette.background, dark: darkBackground),
    Pair(name: "ink", light: Palette.ink, dark: Color(0xe8edf2)),
    Pair(name: "muted", light: Palette.muted, dark: Color(0xa3afbb)),
    Pair(name: "axis", light: Palette.axis, dark: Color(0x6b7783)),
    Pair(name: "grid", light: Palette.grid, dark: Color(0x2a323b)),
    Pair(name: "field", light: Palette.field, dark: Color(0x192028)),
  ]

  /// The series colours. The set of Okabe and Ito is made for white, so a dark ground has lighter colours of the same hues.
  static let series: [Pair] = zip(
    Palette.series,
    [0x4fb3f0, 0xff8a3d, 0x2fcf9f, 0xe29cc4, 0xf5b731, 0x8fd0f7, 0xe8edf2, 0xf0e442].map { Color(UInt32($0)) }
  ).enumerated().map { Pair(name: "series-\($0.offset)", light: $0.element.0, dark: $0.element.1) }

  /// The colours of chart lines: a series colour, or the colour of a line that steps back.
  private static let lines = series + [Pair(name: "back", light: Palette.axis, dark: Color(0xa3afbb))]

  /// The colours of names beside lines: dark enough for small text on white, the line's own colour on a dark ground.
  private static let names = lines.map { pair in
    Pair(name: "\(pair.name)-text", light: pair.light.readable, dark: pair.dark)
  }
  /// The colours of the leaders from a name to the end of its line.
  private static let leaders = lines.map { pair in
    Pair(
      name: "\(pair.name)-leader", light: pair.light.mixed(with: Palette.background, share: 0.4),
      dark: pair.dark.mixed(with: darkBackground, share: 0.4))
  }

  /// The shades of cells of a confusion matrix, from few to many, for right answers and for errors.
  static let rightLevels = levels(ColorRamp.blue, dark: Color(0x4fb3f0))
  static let wrongLevels = levels(ColorRamp.orange, dark: Color(0xff8a3d))
  static let levelCount = 9

  private static func levels(_ ramp: ColorRamp, dark: Color) -> [(light: Color, dark: Color)] {
    (0..<levelCount).map { level in
      let place = Double(level) / Double(levelCount - 1)
      return (ramp.color(place), darkBackground.mixed(with: dark, share: 0.12 + 0.78 * place))
    }
  }

  static var styleSheet: String {
    let pairs = neutrals + series + names + leaders
    func block(_ color: (Pair) -> Color, _ level: ((light: Color, dark: Color)) -> Color) -> String {
      let own = pairs.map { "--\($0.name):\(color($0).hex)" }
      let cells = zip(["right", "wrong"], [rightLevels, wrongLevels]).flatMap { kind, levels in
        levels.enumerated().flatMap { index, colors in
          ["--\(kind)-\(index):\(level(colors).hex)", "--\(kind)-\(index)-text:\(level(colors).textColor.hex)"]
        }
      }
      return (own + cells).joined(separator: ";")
    }
    let light = block(\.light) { $0.light }
    let dark = block(\.dark) { $0.dark }
    var lines = [
      ":root{color-scheme:light;\(light)}",
      "@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;\(dark)}}",
      "@media screen{:root[data-theme=dark]{color-scheme:dark;\(dark)}}",
    ]
    // If two names share a light colour, the first one counts everywhere. Text on a colour that stays has the class `fixed` and
    // stays too.
    var seen: Set<String> = []
    for pair in pairs where seen.insert(pair.light.hex).inserted {
      lines.append("svg [fill=\"\(pair.light.hex)\"]:not(.fixed){fill:var(--\(pair.name))}")
      lines.append("svg [stroke=\"\(pair.light.hex)\"]{stroke:var(--\(pair.name))}")
    }
    for (kind, levels) in [("right", rightLevels), ("wrong", wrongLevels)] {
      for index in levels.indices {
        lines.append(
          ".matrix .\(kind)-\(index){background:var(--\(kind)-\(index));color:var(--\(kind)-\(index)-text)}")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
