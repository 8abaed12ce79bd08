import GraftMatrices

extension RandomStream {
  /// Draws a binomial number: how many of `trials` independent events of probability `part` / `whole` happen.
  ///
  /// Exact, by fair coins alone. An event happens if a uniform number, read bit by bit, stays below the probability;
  /// the first bit in which the two differ decides (Knuth and Yao, "The complexity of nonuniform random number
  /// generation", 1976). All trials are read side by side: the number of undecided trials whose next bit is 1 is
  /// binomial with probability ½, and so a count of random bits. About two bits per trial.
  ///
  /// - Parameter part: From 0 to `whole`.
  package mutating func binomial(trials: Int, part: Int, whole: Int) -> Int {
    precondition(trials >= 0 && part >= 0 && part <= whole && whole > 0 && whole <= Int.max / 2)
    if part == whole { return trials }
    var successes = 0
    var undecided = trials
    var rest = part
    // Once the probability has no further 1, no number is below it any more.
    while undecided > 0 && rest > 0 {
      let ones = coins(undecided)
      rest *= 2
      if rest >= whole {
        rest -= whole
        successes += undecided - ones
        undecided = ones
      } else {
        undecided -= ones
      }
    }
    return successes
  }

  /// The heads among `count` fair coins.
  private mutating func coins(_ count: Int) -> Int {
    var heads = 0
    var left = count
    while left >= 64 {
      heads += next().nonzeroBitCount
      left -= 64
    }
    if left > 32 { return heads + (next() & (1 << UInt64(left) - 1)).nonzeroBitCount }
    return left == 0 ? heads : heads + (UInt64(nextWord()) & (1 << UInt64(left) - 1)).nonzeroBitCount
  }
}
