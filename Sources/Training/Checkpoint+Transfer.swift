import Files
import Networks

/// What becomes of a checkpoint's head when its body goes to other classes.
public enum HeadPolicy: String, Sendable, CaseIterable {
  /// Keep the trained head, as the study does.
  case keep
  /// A fresh head.
  case reset
  /// Keep the weights of the classes that source and target share, and draw fresh ones for the others.
  case shared
}

extension Checkpoint {
  /// The model that a transfer starts from, and what its outputs stand for on the target.
  ///
  /// - Parameters:
  ///   - chosen: The target's classes, rising.
  ///   - classNames: Names of all classes of the target's data set.
  ///   - head: nil keeps the head where its outputs keep their meaning (original numbering, or the same classes), and makes a
  ///     new one otherwise.
  public func adapted(
    to chosen: [Int], of classNames: [String], head: HeadPolicy?, seed: UInt64
  ) throws(GraftFailure) -> (model: Model, outputs: ClassOutputs) {
    let compact = ClassOutputs(.compact, choosing: chosen, of: classNames)
    let kept: ClassOutputs? =
      if outputs.numbering == .original, chosen.allSatisfy(outputs.classes.contains) {
        ClassOutputs(
          classes: outputs.classes, names: outputs.classes.map { $0 < classNames.count ? classNames[$0] : "\($0)" },
          trained: chosen)
      } else if outputs.count == chosen.count {
        compact
      } else {
        nil
      }
    // Compact outputs that stood for other classes would have to unlearn first: kept only where that is asked for.
    let keepsMeaning =
      (outputs.numbering == .original ? chosen.allSatisfy(outputs.classes.contains) : outputs.trained == chosen)
      && zip(outputs.classes, outputs.names).allSatisfy { !chosen.contains($0) || classNames[$0] == $1 }
    switch (head, kept) {
    case (.shared, _):
      let pairs = sharedOutputs(with: compact)
      return (model.replacingHead(classCount: chosen.count, seed: seed, keeping: pairs), compact)
    case (.reset, _), (nil, nil),
      (nil, _?) where !keepsMeaning:
      return (model.replacingHead(classCount: chosen.count, seed: seed), compact)
    case (_, let kept?): return (model, kept)
    case (.keep, nil):
      throw GraftFailure(
        .usage,
        "the head has \(outputs.count) outputs and the target \(chosen.count) classes: use --head reset")
    }
  }

  /// Classes among `chosen` that the model has learnt from the data set `name`; none where it does not say what it was trained on.
  package func learntClasses(among chosen: [Int], of name: String) -> [Int] {
    record["data"]?.string == name ? chosen.filter(outputs.trained.contains) : []
  }

  /// The trained outputs that stand for the same class here and in `other`: the same label under the same name.
  private func sharedOutputs(with other: ClassOutputs) -> [(old: Int, new: Int)] {
    other.classes.indices.compactMap { new in
      guard outputs.trained.contains(other.classes[new]), let old = outputs.classes.firstIndex(of: other.classes[new]),
        outputs.names[old] == other.names[new]
      else { return nil }
      return (old, new)
    }
  }
}
