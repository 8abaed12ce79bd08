/// Where a quantile lies among sorted values: between the neighbours `lower` and `upper`, `fraction` of the way.
///
/// Position (n - 1) · share, counted from zero: definition 7 of Hyndman and Fan, The American Statistician 50, 1996,
/// and the rule of `numpy.percentile`.
struct QuantilePlace: Sendable, Hashable {
  let lower: Int
  let upper: Int
  let fraction: Double

  init(_ share: Double, count: Int) {
    precondition(share >= 0 && share <= 1 && count > 0)
    let position = share * Double(count - 1)
    lower = min(Int(position), count - 1)
    upper = min(lower + 1, count - 1)
    fraction = position - Double(lower)
  }
}
