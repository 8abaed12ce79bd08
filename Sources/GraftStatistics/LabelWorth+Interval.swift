extension LabelWorth.Ends {
  /// Finds the numbers of labels at which the control may be as accurate as a method, by inverting the paired t-test.
  ///
  /// A number belongs to the set if the test does not reject at 5 %, two-sided, that the mean of (method's accuracy -
  /// control's curve) over seeds is zero (as in Fieller, "Some problems in interval estimation", JRSS B 16, 1954, for a
  /// ratio of means). The set may have gaps where the seeds' curves lie far apart; given is its hull. The curve is not
  /// known beyond its first and last amount, so an end is open if the test does not reject there, or if the method lies
  /// beyond.
  ///
  /// Both ends are exact. Between two amounts each seed's difference is linear in the way w from one to the other on
  /// the scale of log(labels), so that t² is the critical value squared at the roots of a quadratic in w.
  ///
  /// - Complexity: O(seeds · amounts).
  init(matching accuracies: Sample, on control: SampleEfficiency, needed: LabelAmount) {
    let curve = control.rising
    let critical = StudentT(degreesOfFreedom: Double(accuracies.count - 1)).quantile(0.975)
    let tests = curve.map { PairedTest(accuracies, $0.accuracy) }
    let isKept = tests.map { abs($0.t ?? 0) <= critical }
    var kept = zip(curve, isKept).filter(\.1).map(\.0.labelsPerClass)
    // If the means are equal, t is zero, whatever rounding makes of the roots.
    if case .labels(let amount) = needed { kept.append(amount) }
    for index in curve.indices.dropFirst() {
      let ends = ExcessOverCritical(
        from: tests[index - 1].differences, to: tests[index].differences, critical: critical)
      kept += ends.roots.map {
        SampleEfficiency.labels($0, from: curve[index - 1].labelsPerClass, to: curve[index].labelsPerClass)
      }
    }
    let (first, last) = (LabelAmount.fewerThan(control.fewestLabels), LabelAmount.moreThan(control.mostLabels))
    // Nothing is kept only if the method lies beyond the curve and the test rejects all of it.
    low = isKept.first == true || needed == first ? first : kept.min().map(LabelAmount.labels) ?? last
    high = isKept.last == true || needed == last ? last : kept.max().map(LabelAmount.labels) ?? first
  }
}

/// The quadratic n · d̄² - t² · s² of differences that move in straight lines from one amount to the next: not above
/// zero if the paired t-test with the critical value t does not reject.
private struct ExcessOverCritical {
  /// The coefficients of w⁰, w¹ and w².
  private let coefficients: (Double, Double, Double)

  init(from start: Sample, to end: Sample, critical: Double) {
    let slopes = Sample(zip(start.values, end.values).map { $1 - $0 })
    func excess(_ one: Sample, _ other: Sample) -> Double {
      let (mean, otherMean) = (one.mean, other.mean)
      let products = zip(one.values, other.values).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - otherMean) }
      return Double(one.count) * mean * otherMean - critical * critical * products / Double(one.count - 1)
    }
    coefficients = (excess(start, start), 2 * excess(start, slopes), excess(slopes, slopes))
  }

  /// The roots strictly between 0 and 1, by the form of the solution in which nothing cancels.
  var roots: [Double] {
    let (constant, linear, square) = coefficients
    let discriminant = linear * linear - 4 * square * constant
    guard discriminant >= 0 else { return [] }
    let half = -(linear + (linear < 0 ? -1 : 1) * discriminant.squareRoot()) / 2
    // Division by zero gives no number between 0 and 1.
    return [half / square, constant / half].filter { $0 > 0 && $0 < 1 }
  }
}
