/// What a colour stands for in a chart.
package enum ColorRole: Sendable, Hashable {
  /// The series number `index`, from 0; the colours repeat after eight.
  case series(Int)
  /// What should step back: a baseline, a single run behind a mean.
  case muted
}
