import Files

/// What a model is, apart from its weights: the body's hidden layers, written as a person would.
///
/// `softmax` is softmax regression, `mlp:500` one hidden layer of 500 rectified units, `mlp:500,300` two.
public struct Architecture: Sendable, Hashable, CustomStringConvertible {
  /// Units of each hidden layer, from the input on. Empty for softmax regression.
  public let hiddenUnits: [Int]

  public init(hiddenUnits: [Int]) { self.hiddenUnits = hiddenUnits }

  public static let softmax = Architecture(hiddenUnits: [])
  /// The study's network.
  public static let study = Architecture(hiddenUnits: [500])

  /// More units in a layer than this are taken for a mistake (a weight matrix of MNIST's would need 200 MB).
  static let maximumUnits = 1 << 16

  /// Reads `softmax` or `mlp:UNITS[,UNITS…]`.
  public init(parsing text: String) throws(GraftFailure) {
    if text == "softmax" {
      self = .softmax
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "mlp" else {
      throw GraftFailure(.usage, "unknown model '\(text)': expected softmax, mlp:500 or mlp:500,300")
    }
    var units: [Int] = []
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      guard let count = Int(part), (1...Architecture.maximumUnits).contains(count) else {
        throw GraftFailure(
          .usage, "model '\(text)': '\(part)' is not a number of units from 1 to \(Architecture.maximumUnits)")
      }
      units.append(count)
    }
    hiddenUnits = units
  }

  /// Numbers in a model of this kind; nil where that is more than an `Int` holds.
  public func parameterCount(inputs: Int, classCount: Int) -> Int? {
    var (total, width) = (0, inputs)
    for units in hiddenUnits + [classCount] {
      let (weights, isTooMany) = width.multipliedReportingOverflow(by: units)
      let (sum, overflows) = total.addingReportingOverflow(weights)
      let (all, overflowsToo) = sum.addingReportingOverflow(units)
      if isTooMany || overflows || overflowsToo { return nil }
      (total, width) = (all, units)
    }
    return total
  }

  /// More numbers than this (a gigabyte, three times that while training) are taken for a mistake.
  public static let maximumParameters = 1 << 28

  /// - Throws: Where a model of this kind would have more than ``maximumParameters`` numbers.
  public func checkSize(inputs: Int, classCount: Int) throws(GraftFailure) {
    let count = parameterCount(inputs: inputs, classCount: classCount)
    guard let count, count <= Architecture.maximumParameters else {
      throw GraftFailure(
        .usage,
        "model '\(self)' would have \(count.map(String.init) ?? "too many") parameters, the most is "
          + "\(Architecture.maximumParameters)")
    }
  }

  public var description: String {
    hiddenUnits.isEmpty ? "softmax" : "mlp:" + hiddenUnits.map(String.init).joined(separator: ",")
  }
}
