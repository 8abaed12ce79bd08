import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The origin of a study's transferred models.
public enum StudySource: Sendable {
  /// For each seed a model of its own, trained on all of the domain's images.
  case trained(StudyDomain)
  /// One model for all seeds, from a file: intervals then leave out the variation between sources of the same kind.
  case checkpoint(Checkpoint, name: String, digest: String)

  /// The source's name.
  package var name: String {
    switch self {
    case .trained(let domain): domain.name
    case .checkpoint(_, let name, _): name
    }
  }

  /// Whether all seeds share one model.
  package var isFixed: Bool { if case .checkpoint = self { true } else { false } }

  /// Whether it makes the same models, whatever it is called.
  func isSame(as other: StudySource) -> Bool {
    switch (self, other) {
    case (.trained(let one), .trained(let other)): one.isSame(as: other)
    case (.checkpoint(_, _, let one), .checkpoint(_, _, let other)): one == other
    default: false
    }
  }

  /// Whether it is trained on the very images and classes of `target`.
  package func isTrained(on target: StudyDomain) -> Bool {
    if case .trained(let domain) = self { domain.isSame(as: target) } else { false }
  }

  /// Whether the source and `target` are classes of one data set, by the digest of all its training images: a number of a class
  /// then means the same in both.
  func isSameData(as target: StudyDomain) -> Bool {
    switch self {
    case .trained(let domain): domain.setDigest == target.setDigest
    case .checkpoint(let checkpoint, _, _):
      checkpoint.wasTrained(on: target.data.train.name, digest: target.setDigest)
    }
  }

  /// Classes of `target` that the source has learnt already, from the same data.
  func learntClasses(of target: StudyDomain) -> [Int] {
    guard isSameData(as: target) else { return [] }
    let chosen = target.selection.classes
    return switch self {
    case .trained(let domain): chosen.filter(domain.selection.classes.contains)
    case .checkpoint(let checkpoint, _, _): checkpoint.learntClasses(among: chosen, isSameData: true)
    }
  }

  /// Whether the source as it stands answers about every class of `target`: it has learnt them all, or its head is kept.
  func canAnswer(_ target: StudyDomain, keepsHead: Bool) -> Bool {
    keepsHead || learntClasses(of: target).count == target.selection.classes.count
  }

  /// Classes that the source knows.
  package var classCount: Int {
    switch self {
    case .trained(let domain): domain.selection.classes.count
    case .checkpoint(let checkpoint, _, _): checkpoint.outputs.trained.count
    }
  }
}

/// A source and the target that it is transferred to.
public struct StudyPair: Sendable {
  /// The source of the models.
  package let source: StudySource
  /// The target's domain.
  package let target: StudyDomain
  /// The network of the control if the source is a published body; nil if the control is the source's own network.
  package internal(set) var control: StudyControl?

  /// Creates a pair.
  public init(_ source: StudySource, _ target: StudyDomain) {
    self.source = source
    self.target = target
  }

  /// The same pair with the target's pixels read as the source's models read theirs; so does the control.
  var readAlike: StudyPair {
    get throws(GraftFailure) {
      let normalization =
        switch source {
        case .trained(let domain): domain.normalization
        case .checkpoint(let checkpoint, _, _): checkpoint.normalization
        }
      // The shapes are compared later, with a better message.
      guard normalization.fits(channels: target.shape.channels) else { return self }
      return StudyPair(source, try target.reading(normalization))
    }
  }

  /// The domains that models are trained on.
  var domains: [StudyDomain] { if case .trained(let source) = source { [target, source] } else { [target] } }
}
