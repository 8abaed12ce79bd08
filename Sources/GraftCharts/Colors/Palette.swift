/// The colours of all charts.
///
/// The series colours are the set of Okabe and Ito, "Color Universal Design" (2008), which people with any of the common
/// colour deficiencies tell apart. Blue and vermilion come first as the pair with most contrast. Yellow, which is
/// hardly visible on white, comes last.
package enum Palette {
  /// The background of every picture.
  package static let background = Color(0xffffff)
  /// The colour of titles and numbers.
  package static let ink = Color(0x1f2328)
  /// The colour of labels and secondary text; its contrast on white is over 6.
  package static let muted = Color(0x59636e)
  /// The colour of an axis.
  package static let axis = Color(0x8c959f)
  /// The colour of grid lines, which help to read values and step back behind data.
  package static let grid = Color(0xe6e9ed)
  /// The background of cells without a value.
  package static let field = Color(0xf6f8fa)

  /// The colours of the series: blue, vermilion, bluish green, reddish purple, orange, sky blue, black, yellow.
  package static let series = [
    Color(0x0072b2), Color(0xd55e00), Color(0x009e73), Color(0xcc79a7), Color(0xe69f00), Color(0x56b4e9),
    Color(0x1f2328), Color(0xf0e442),
  ]

  /// The colour for `role`.
  package static func color(_ role: ColorRole) -> Color {
    switch role {
    case .series(let index): series[(index % series.count + series.count) % series.count]
    case .muted: axis
    }
  }
}

/// The role of a colour in a chart.
package enum ColorRole: Sendable, Hashable {
  /// The series number `index`, from 0; the colours repeat after eight.
  case series(Int)
  /// A role that steps back: a baseline, a single run behind a mean.
  case muted
}
