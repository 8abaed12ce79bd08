import Datasets
import Files
import Networks

/// Where a study's transferred models come from.
public enum StudySource: Sendable {
  /// For each seed a model of its own, trained on all of the domain's images.
  case trained(StudyDomain)
  /// One model for all seeds, from a file: intervals then leave out what another source of the same kind would change.
  case checkpoint(Checkpoint, name: String, digest: String)

  public var name: String {
    switch self {
    case .trained(let domain): domain.name
    case .checkpoint(_, let name, _): name
    }
  }

  public var isFixed: Bool { if case .checkpoint = self { true } else { false } }

  /// Classes that the source knows.
  package var classCount: Int {
    switch self {
    case .trained(let domain): domain.selection.classes.count
    case .checkpoint(let checkpoint, _, _): checkpoint.outputs.trained.count
    }
  }
}

/// A source and what it is transferred to.
public struct StudyPair: Sendable {
  public let source: StudySource
  public let target: StudyDomain

  public init(_ source: StudySource, _ target: StudyDomain) {
    self.source = source
    self.target = target
  }
}
