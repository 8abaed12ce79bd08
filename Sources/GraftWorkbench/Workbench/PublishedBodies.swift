import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

/// The features of targets' pictures behind published bodies, and behind the same bodies with random weights: computed once for all
/// methods, numbers of labels and seeds of a study.
package final class PublishedBodies: Sendable {
  /// The weights of a body.
  package enum Weights: Sendable { case source, random }

  /// Features of one target's pictures behind one body.
  package struct Features: Sendable {
    /// The features of every training picture that any draw has, and of the test pictures, as the head reads them and in PyTorch's order.
    fileprivate let train: Examples
    package let test: Examples
    /// The row of each training picture.
    fileprivate let rows: [Int: Int]
    /// Seconds that the body takes for one picture on one core.
    let secondsPerPicture: Double

    /// The features of some training pictures.
    package func training(_ indices: [Int]) -> Examples {
      train.selecting(indices.compactMap { rows[$0] })
    }
  }

  private struct Key: Hashable {
    let body: String
    let target: [String]
  }

  private let made = Mutex<[Key: Features]>([:])
  private let shares: [Share]
  private let seeds: [UInt64]
  private let threads: Int

  /// The seed of the random weights, one for the whole study: a body of its own for each seed would have to see all pictures again.
  static let randomSeed: UInt64 = 0

  init(_ shares: [Share], seeds: [UInt64], threads: Int) {
    (self.shares, self.seeds, self.threads) = (shares, seeds, threads)
  }

  /// Training pictures of a target that are in any draw of the study, rising.
  package func drawn(from target: StudyDomain) throws -> [Int] {
    if shares.contains(.all) { return Array(target.data.train.labels.indices) }
    var drawn: Set<Int> = []
    for share in shares {
      for seed in seeds { drawn.formUnion(try target.data.train.indices(of: share, seed: seed)) }
    }
    return drawn.sorted()
  }

  /// The features, computed by all cores when they are first asked for. Whoever asks meanwhile waits.
  package func features(_ weights: Weights, of checkpoint: Checkpoint, digest: String, on target: StudyDomain) throws
    -> Features
  {
    let key = Key(
      body: weights == .random ? "random \(checkpoint.model.architecture)" : digest,
      target: [target.name, target.trainDigest, target.testDigest, "\(target.normalization)"])
    return try made.withLock { made in
      if let features = made[key] { return features }
      let features = try compute(weights, checkpoint, target)
      made[key] = features
      return features
    }
  }

  private func compute(_ weights: Weights, _ checkpoint: Checkpoint, _ target: StudyDomain) throws -> Features {
    var model = checkpoint.model
    if weights == .random { model = try PublishedBodies.randomBody(like: model, on: target) }
    model.freezeBody()
    let team = threads > 1 ? Team(size: threads) : .alone
    let indices = try drawn(from: target)
    let seconds = try PublishedBodies.secondsPerPicture(model, on: target)
    func features(_ dataset: Dataset) throws -> Examples {
      let examples = try Examples(dataset, outputs: target.outputs, normalization: target.normalization)
      let behind = examples.behindFrozenPrefix(of: model, team: team, largest: .max)
      return Examples(
        inputs: .dense(model.ordered(behind.inputs.matrix, ofLayer: model.layers.count - 1)), labels: behind.labels)
    }
    return Features(
      train: try features(target.data.train.selecting(images: indices)),
      test: try features(target.data.test),
      rows: Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($1, $0) }), secondsPerPicture: seconds)
  }

  /// Seconds that a body takes for one picture on one core, from a few test pictures timed now.
  static func secondsPerPicture(_ model: Model, on target: StudyDomain) throws -> Double {
    let few = try Examples(
      target.data.test.spread(most: 4), outputs: target.outputs, normalization: target.normalization)
    let clock = ContinuousClock()
    let begin = clock.now
    _ = model.features(of: few.inputs, through: model.layers.count - 1)
    return (clock.now - begin) / .seconds(1) / Double(few.count)
  }

  /// The body with random weights, its normalisations measured on some of the target's training pictures, whose labels are not asked.
  private static func randomBody(like model: Model, on target: StudyDomain) throws -> Model {
    let fresh = Model(
      model.architecture, inputShape: model.inputShape, classCount: target.outputs.count, seed: randomSeed)
    let some = target.data.train.spread(most: TransferPlan.measuredImages)
    return fresh.measuringNorms(
      on: try Examples(some, outputs: target.outputs, normalization: target.normalization).inputs)
  }
}
