import GraftFiles

/// The class of each output of a model.
///
/// `compact` has one output per chosen class; `original` keeps one per class of the data set, as the study does (ten
/// outputs for five digits).
public struct ClassOutputs: Sendable, Hashable {
  /// The two numberings of outputs: one output per chosen class, or one per class of the data set.
  public enum Numbering: String, Sendable, CaseIterable { case compact, original }

  /// The data set's class index of each output, rising.
  public let classes: [Int]
  /// The class name of each output.
  public let names: [String]
  /// The classes that the model was trained on, rising; a part of ``classes``.
  package let trained: [Int]

  /// Outputs for `classes`, with a name for each.
  package init(classes: [Int], names: [String], trained: [Int]) {
    precondition(classes.count == names.count && trained.allSatisfy(classes.contains))
    self.classes = classes
    self.names = names
    self.trained = trained
  }

  /// The outputs for the chosen classes in one of the two numberings.
  ///
  /// - Parameters:
  ///   - numbering: Whether there is one output per chosen class or one per class of the data set.
  ///   - chosen: Class indices, rising.
  ///   - classNames: Names of all classes of the data set.
  public init(_ numbering: Numbering, choosing chosen: [Int], of classNames: [String]) {
    let classes = numbering == .compact ? chosen : Array(classNames.indices)
    self.init(classes: classes, names: classes.map { classNames[$0] }, trained: chosen)
  }

  /// The most classes that a data set may have.
  package static let mostClasses = 1 << 16

  /// Number of outputs.
  package var count: Int { classes.count }

  /// The numbering: `compact` if every output's class was trained, `original` otherwise.
  package var numbering: Numbering { classes == trained ? .compact : .original }

  /// The output that stands for each label.
  package func outputs(for labels: [Int]) throws(GraftFailure) -> [Int] {
    var table = [Int?](repeating: nil, count: (classes.max() ?? 0) + 1)
    for (output, label) in classes.enumerated() { table[label] = output }
    var result: [Int] = []
    result.reserveCapacity(labels.count)
    for label in labels {
      guard table.indices.contains(label), let output = table[label] else {
        throw GraftFailure(
          .badData, "the model has no output for class \(label); it knows \(names.joined(separator: ", "))")
      }
      result.append(output)
    }
    return result
  }
}
