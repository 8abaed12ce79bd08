import GraftFiles

/// A selection of the classes of a data set, in rising order.
///
/// It is written as `even`, `odd`, `all`, a list `0,1,7`, a range `0-4`, or a list with ranges `0-2,7`.
public struct ClassSelection: Sendable, Hashable, CustomStringConvertible {
  /// Class indices of the data set in rising order, at least one.
  public let classes: [Int]
  /// Number of classes that the data set has.
  package let available: Int

  private init(rising classes: [Int], of available: Int) {
    self.classes = classes
    self.available = available
  }

  /// A selection of class indices, in any order.
  ///
  /// - Parameters:
  ///   - classes: Class indices from 0 to `count` - 1, each at most once.
  ///   - count: Number of classes that the data set has.
  /// - Throws: `GraftFailure` if there is no class, one that the data does not have, or one twice.
  public init(_ classes: [Int], of count: Int) throws(GraftFailure) {
    guard !classes.isEmpty, classes.allSatisfy((0..<count).contains), Set(classes).count == classes.count else {
      throw GraftFailure(.usage, "classes \(classes): expected different ones from 0 to \(count - 1)")
    }
    self.init(rising: classes.sorted(), of: count)
  }

  /// All classes of a data set of `count` classes.
  package static func all(of count: Int) -> ClassSelection { ClassSelection(rising: Array(0..<count), of: count) }

  /// The even half of the ten digits.
  public static let even = ClassSelection(rising: [0, 2, 4, 6, 8], of: 10)
  /// The odd half of the ten digits.
  public static let odd = ClassSelection(rising: [1, 3, 5, 7, 9], of: 10)

  /// Reads a selection.
  ///
  /// - Parameters:
  ///   - text: `even`, `odd`, `all`, or a list with ranges, as in `0-2,7`.
  ///   - count: Number of classes that the data set has.
  public init(parsing text: String, of count: Int) throws(GraftFailure) {
    let named: [String: [Int]] = [
      "all": Array(0..<count),
      "even": Array(stride(from: 0, to: count, by: 2)),
      "odd": Array(stride(from: 1, to: count, by: 2)),
    ]
    if let classes = named[text] {
      guard !classes.isEmpty else {
        throw GraftFailure(.usage, "classes '\(text)': the data has no such class, only 0 to \(count - 1)")
      }
      self.init(rising: classes, of: count)
      return
    }
    var chosen = Array(repeating: false, count: count)
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let numbers = ends.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
      guard numbers.count == ends.count, let low = numbers.first, let high = numbers.last, low <= high else {
        let meant = text.contains(",") ? nil : nearest(to: text, among: ["even", "odd", "all"])
        throw GraftFailure(
          .usage,
          "classes '\(text)': '\(part)' is not a class, a range or one of even, odd, all "
            + (meant.map { "(did you mean \($0)?)" } ?? "(try 0,1,2 or 0-4)"))
      }
      guard high < count else {
        throw GraftFailure(.usage, "classes '\(text)': there is no class \(high), the data has 0 to \(count - 1)")
      }
      for index in low...high {
        guard !chosen[index] else { throw GraftFailure(.usage, "classes '\(text)': class \(index) is named twice") }
        chosen[index] = true
      }
    }
    self.init(rising: chosen.indices.filter { chosen[$0] }, of: count)
  }

  /// Whether a class takes part.
  package func contains(_ label: Int) -> Bool { classes.contains(label) }

  /// The name if there is one, else the list.
  public var description: String {
    if classes == Array(0..<available) { return "all" }
    if classes == Array(stride(from: 0, to: available, by: 2)) { return "even" }
    if classes == Array(stride(from: 1, to: available, by: 2)) { return "odd" }
    return classes.map(String.init).joined(separator: ",")
  }
}
