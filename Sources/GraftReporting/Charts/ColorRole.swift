/// The role of a colour in a chart.
package enum ColorRole: Sendable, Hashable {
  /// The series number `index`, from 0; the colours repeat after eight.
  case series(Int)
  /// A role that steps back: a baseline, a single run behind a mean.
  case muted
}
