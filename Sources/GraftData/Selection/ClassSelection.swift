import GraftFiles

/// A selection of the classes of a data set, in rising order.
///
/// It is written as `even`, `odd`, `all`, a list `0,1,7`, a range `0-4`, a list with ranges `0-2,7`, or names `cat,dog`.
public struct ClassSelection: Sendable, Hashable, CustomStringConvertible {
  /// Class indices of the data set in rising order, at least one.
  public let classes: [Int]
  /// The number that stands for each class of the data set in the text of a selection.
  private let numbers: [Int]

  private init(rising classes: [Int], of names: [String]) {
    self.classes = classes
    numbers = ClassSelection.numbers(of: names)
  }

  /// Number of classes that the data set has.
  package var available: Int { numbers.count }

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
    self.init(rising: classes.sorted(), of: (0..<count).map(String.init))
  }

  /// All classes of a data set of `count` classes.
  package static func all(of count: Int) -> ClassSelection {
    ClassSelection(rising: Array(0..<count), of: (0..<count).map(String.init))
  }

  /// The even half of the ten digits.
  public static let even = ClassSelection(rising: [0, 2, 4, 6, 8], of: (0..<10).map(String.init))
  /// The odd half of the ten digits.
  public static let odd = ClassSelection(rising: [1, 3, 5, 7, 9], of: (0..<10).map(String.init))

  /// Reads a selection of classes that are named by their numbers.
  ///
  /// - Parameters:
  ///   - text: `even`, `odd`, `all`, or a list with ranges, as in `0-2,7`.
  ///   - count: Number of classes that the data set has.
  public init(parsing text: String, of count: Int) throws(GraftFailure) {
    try self.init(parsing: text, of: (0..<count).map(String.init))
  }

  /// Reads a selection.
  ///
  /// - Parameters:
  ///   - text: `even`, `odd`, `all`, or a list of names and ranges, as in `cat,dog` or `0-2,7`. Numbers are names if all classes
  ///     are named by numbers, and places in the list of names otherwise.
  ///   - names: The names of all classes.
  package init(parsing text: String, of names: [String]) throws(GraftFailure) {
    let numbers = ClassSelection.numbers(of: names)
    let named: [String: [Int]] = [
      "all": Array(names.indices), "even": names.indices.filter { numbers[$0].isMultiple(of: 2) },
      "odd": names.indices.filter { !numbers[$0].isMultiple(of: 2) },
    ]
    let range = "\(numbers.min() ?? 0) to \(numbers.max() ?? 0)"
    if let classes = named[text], !names.contains(text) {
      guard !classes.isEmpty else {
        throw GraftFailure(.usage, "classes '\(text)': the data has no such class, only \(range)")
      }
      self.init(rising: classes, of: names)
      return
    }
    var chosen = Array(repeating: false, count: names.count)
    func choose(_ index: Int, _ name: String) throws(GraftFailure) {
      guard !chosen[index] else { throw GraftFailure(.usage, "classes '\(text)': class \(name) is named twice") }
      chosen[index] = true
    }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let index = names.firstIndex(of: String(part)) {
        try choose(index, String(part))
        continue
      }
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let ordinals = ends.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
      guard ordinals.count == ends.count, let low = ordinals.first, let high = ordinals.last, low <= high else {
        let words = ClassSelection.areNumbers(names) ? [] : names
        let meant =
          text.contains(",") && words.isEmpty ? nil : nearest(to: String(part), among: ["even", "odd", "all"] + words)
        let known =
          words.isEmpty
          ? "" : "; the classes are \(words.prefix(12).joined(separator: ", "))\(words.count > 12 ? ", …" : "")"
        throw GraftFailure(
          .usage,
          "classes '\(text)': '\(part)' is not a class, a range or one of even, odd, all "
            + (meant.map { "(did you mean \($0)?)" }
              ?? (words.isEmpty ? "(try 0,1,2 or 0-4)" : known.dropFirst(2).description)))
      }
      guard numbers.contains(high) else {
        throw GraftFailure(.usage, "classes '\(text)': there is no class \(high), the data has \(range)")
      }
      for number in low...high {
        guard let index = numbers.firstIndex(of: number) else {
          throw GraftFailure(.usage, "classes '\(text)': there is no class \(number), the data has \(range)")
        }
        try choose(index, "\(number)")
      }
    }
    self.init(rising: chosen.indices.filter { chosen[$0] }, of: names)
  }

  /// Whether all names are different whole numbers.
  private static func areNumbers(_ names: [String]) -> Bool {
    let numbers = Set(names.compactMap { name in name.allSatisfy(\.isNumber) ? Int(name) : nil })
    return numbers.count == names.count
  }

  /// The number of each class: its name if all names are numbers, else its place.
  private static func numbers(of names: [String]) -> [Int] {
    areNumbers(names) ? names.compactMap { Int($0) } : Array(names.indices)
  }

  /// Whether a class takes part.
  package func contains(_ label: Int) -> Bool { classes.contains(label) }

  /// The name if there is one, else the list.
  public var description: String {
    if classes == Array(0..<available) { return "all" }
    if classes == numbers.indices.filter({ numbers[$0].isMultiple(of: 2) }) { return "even" }
    if classes == numbers.indices.filter({ !numbers[$0].isMultiple(of: 2) }) { return "odd" }
    return classes.map { "\(numbers[$0])" }.joined(separator: ",")
  }
}
