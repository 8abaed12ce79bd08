import Training

/// A percentage with two decimals, as the study prints them.
package func percent(_ value: Double) -> String { decimals(value, 2) }

/// Fixed decimals, no locale.
package func decimals(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e15 else { return "\(value)" }
  let digits = String(Int(scaled))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = value < 0 && scaled != 0 ? "-" : ""
  return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}

/// 29,492
package func grouped(_ value: Int) -> String {
  var digits = String(abs(value))
  var parts: [String] = []
  while digits.count > 3 {
    parts.insert(String(digits.suffix(3)), at: 0)
    digits = String(digits.dropLast(3))
  }
  return (value < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
}

extension ReproductionCell {
  /// One sentence on what the figures are.
  public var explanation: String {
    guard let source = task.source, let sourceRun = sourceRuns?.first, let run = runs.first, let pooled else {
      return plainExplanation
    }
    let total = sourceRun.images + run.images
    let sum =
      (runs.count > 1 ? "seed \(run.seed): " : "")
      + "counted as the study counted, \(grouped(sourceRun.correct)) right on \(source.rawValue) + "
      + "\(grouped(run.correct)) right on \(task.target.rawValue) = "
      + "\(grouped(sourceRun.correct + run.correct)) of \(grouped(total)) is \(percent(pooled.values[0])); "
      + "on \(task.target.rawValue) alone it is \(percent(accuracy.values[0]))"
    guard let published, judges, let verdict else { return sum }
    switch verdict {
    case .reproduced:
      return
        "\(percent(published)) pools two test sets, but is also what \(task.target.rawValue) alone may give: \(sum)"
    case .notReproduced:
      return "\(percent(published)) pools two test sets and is no accuracy on \(task.target.rawValue): \(sum)"
    }
  }

  private var plainExplanation: String {
    guard let published, let (range, count) = verdictRange, let verdict else {
      return "\(percent(accuracy.mean)) on \(grouped(images)) test images"
    }
    let place = verdict == .reproduced ? "lies in" : "lies outside"
    return
      "\(percent(published)) \(place) \(percent(range.low)) to \(percent(range.high)), where \(count) runs put one more"
  }
}
