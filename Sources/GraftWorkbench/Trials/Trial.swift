import GraftData
import GraftFiles

/// A training of a study with everything that decides its outcome, named by the hash of all that.
///
/// Two trials with the same ``id`` end with the same bits, so a study that finds an outcome under the id in its store
/// does not train again.
public struct Trial: Sendable, Hashable, Identifiable {
  /// The purpose of a training.
  public enum Kind: String, Sendable, CaseIterable {
    /// Makes a model that others start from.
    case source
    /// Tries a setting on other data, before the study.
    case rehearsal
    /// A row of the study's tables rests on it.
    case measurement
    /// Says of a source and some labelled images, before anything is trained on them, whether transfer will help.
    case score
    /// Compares models of a study with each other, layer by layer.
    case similarity
    /// A training of its own, by `train` or `transfer`.
    case single
  }

  /// The purpose of the training.
  public let kind: Kind
  /// The source: `mnist:even`, data set and classes. Nil if nothing is transferred.
  public let source: String?
  /// The target: `mnist:odd`.
  public let target: String
  /// The method: `fine-tune`. For a source it is the recipe.
  public let method: String
  /// The share of the target's training data that was used.
  public let share: Share
  /// The seed of the training.
  public let seed: UInt64
  /// SHA-256 of the test images and their labels, in their order.
  public let testDigest: String
  /// Settings, digests of data and weights, versions of what computes: whatever changes a bit of the outcome.
  package let identity: JSON.Object
  /// SHA-256 over ``kind`` and `identity`, 64 lower-case hexadecimal digits.
  public let id: String

  package init(
    _ kind: Kind, source: String?, target: String, method: String, share: Share, seed: UInt64, testDigest: String,
    identity: JSON.Object
  ) {
    self.kind = kind
    self.source = source
    self.target = target
    self.method = method
    self.share = share
    self.seed = seed
    self.testDigest = testDigest
    self.identity = identity
    id = SHA256Digest.hex(of: Array("\(kind.rawValue) \(JSON.object(identity).text())".utf8))
  }
}
