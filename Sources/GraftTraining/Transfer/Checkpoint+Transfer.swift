import GraftData
import GraftFiles
import GraftNetworks

/// The use of a checkpoint's head when its body goes to other classes.
public enum HeadPolicy: String, Sendable, CaseIterable {
  /// Keep the trained head, as the study does.
  case keep
  /// A fresh head.
  case reset
  /// Keep the weights of the classes that source and target share, and draw fresh ones for the others.
  case shared
}

extension Checkpoint {
  /// The initial model of a transfer, and the classes of its outputs on the target.
  ///
  /// - Parameters:
  ///   - chosen: The target's classes, rising.
  ///   - classNames: Names of all classes of the target's data set.
  ///   - head: nil keeps the head if its outputs keep their meaning (original numbering, or the same classes, of the same data), and
  ///     makes a new one otherwise.
  ///   - isSameData: Whether the classes are those of the data that the model was trained on. Two folders may both have a class
  ///     "3" that does not show the same.
  package func adapted(
    to chosen: [Int], of classNames: [String], head: HeadPolicy?, isSameData: Bool, seed: UInt64
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
    // Compact outputs that stood for other classes would have to unlearn first, so they are kept only if that is asked for.
    let keepsMeaning =
      isSameData
      && (outputs.numbering == .original ? chosen.allSatisfy(outputs.classes.contains) : outputs.trained == chosen)
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
        .usage, "the head has \(outputs.count) outputs and the target \(chosen.count) classes"
      ).with(.newHead)
    }
  }

  /// Whether the model was trained on images of `data`, some of them or all.
  ///
  /// The answer comes from the digest of the whole training set, which is the same whatever file the images came from. Older
  /// checkpoints only name their data, and only the name of a known data set counts.
  ///
  /// - Parameters:
  ///   - name: The name of the data set.
  ///   - digest: The `Dataset.digest` of its whole training set, before classes are chosen.
  package func wasTrained(on name: String, digest: String) -> Bool {
    if let own = record["data_sha256"]?.string { return own == digest }
    return record["data"]?.string == name && (name == "synthetic" || KnownDataset.named(name) != nil)
  }

  /// Classes among `chosen` that the model has learnt from the same data.
  ///
  /// - Parameter isSameData: The result of `wasTrained(on:digest:)`.
  package func learntClasses(among chosen: [Int], isSameData: Bool) -> [Int] {
    isSameData ? chosen.filter(outputs.trained.contains) : []
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
