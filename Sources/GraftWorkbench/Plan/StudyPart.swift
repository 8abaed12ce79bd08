import GraftFiles

/// A part of a study that is trained by itself, with a store of its own: part 3 of 16.
///
/// The parts share no trial but sources and rehearsals, which each part trains as far as it needs them. Trials are cut by seed first, so that
/// few parts need the same source.
package struct StudyPart: Sendable, Hashable, CustomStringConvertible {
  /// The number of the part, from 1.
  package let number: Int
  /// The number of parts.
  package let count: Int

  /// - Throws: If there is no such part.
  package init(_ number: Int, of count: Int) throws {
    guard (1...100_000).contains(count), (1...count).contains(number) else {
      throw GraftFailure(.usage, "\(number)/\(count) is no part: the first of sixteen is 1/16, the last 16/16")
    }
    (self.number, self.count) = (number, count)
  }

  /// Reads `3/16`.
  ///
  /// - Throws: If the text is no part.
  package init(parsing text: String) throws {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let number = numbers[0], let count = numbers[1] else {
      throw GraftFailure(.usage, "'\(text)' is no part of a study, as in 3/16")
    }
    try self.init(number, of: count)
  }

  package var description: String { "\(number)/\(count)" }

  /// The part's share of some jobs.
  func jobs<Job: StudyJob>(_ all: [Job]) -> [Job] {
    let bySeed = all.enumerated().sorted {
      ($0.element.trial.seed, $0.offset) < ($1.element.trial.seed, $1.offset)
    }.map(\.element)
    return Array(bySeed[bySeed.count * (number - 1) / count..<bySeed.count * number / count])
  }
}
