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
  private let links: RankLinks

  /// The seed of the random weights, one for the whole study: a body of its own for each seed would have to see all pictures again.
  static let randomSeed: UInt64 = 0

  init(_ shares: [Share], seeds: [UInt64], threads: Int, _ links: RankLinks) {
    (self.shares, self.seeds, self.threads, self.links) = (shares, seeds, threads, links)
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
      let features = try compute(weights, checkpoint, target, key)
      made[key] = features
      return features
    }
  }

  private func compute(_ weights: Weights, _ checkpoint: Checkpoint, _ target: StudyDomain, _ key: Key) throws
    -> Features
  {
    var model = checkpoint.model
    if weights == .random { model = try PublishedBodies.randomBody(like: model, on: target) }
    model.freezeBody()
    let team = threads > 1 ? Team(size: threads) : .alone
    let indices = try drawn(from: target)
    let seconds = try PublishedBodies.secondsPerPicture(model, on: target)
    func features(_ dataset: Dataset, _ part: String) throws -> Examples {
      let behind = try sharing(dataset.count, "features \(key.body) \(key.target) \(part)") { pictures in
        let some = pictures.count == dataset.count ? dataset : dataset.selecting(images: Array(pictures))
        let examples = try Examples(some, outputs: target.outputs, normalization: target.normalization)
        return examples.behindFrozenPrefix(of: model, team: team, largest: .max).inputs.matrix
      }
      if links.values?.place.rank == 0, model.runsAsProgram {
        FeatureCache.shared.keep(
          behind, of: dataset, target.normalization, through: model.frozenPrefix, of: model, threads: threads)
      }
      let matrix = model.ordered(behind, ofLayer: model.layers.count - 1)
      return Examples(inputs: .dense(matrix), labels: try target.outputs.outputs(for: dataset.labels))
    }
    return Features(
      train: try features(target.data.train.selecting(images: indices), "train"),
      test: try features(target.data.test, "test"),
      rows: Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($1, $0) }), secondsPerPicture: seconds)
  }

  /// Rows of pictures, which the ranks of a job compute in parts: each begins with its own, and then takes what the others have made or have
  /// not begun.
  private func sharing(_ count: Int, _ name: String, _ rows: (Range<Int>) throws -> Matrix) throws -> Matrix {
    guard let values = links.values, count > 1 else { return try rows(0..<count) }
    let (rank, ranks) = values.place
    let parts = min(count, ranks * PublishedBodies.partsOfARank)
    func range(_ part: Int) -> Range<Int> { count * part / parts..<count * (part + 1) / parts }
    var made = Array(repeating: [UInt8](), count: parts)
    for turn in 0..<ranks {
      for part in stride(from: (rank + turn) % ranks, to: parts, by: ranks) {
        made[part] = try values.value("\(name) \(part)") { try rows(range(part)).bytes }
      }
    }
    var whole = Matrix(rows: count, columns: made[0].count / 4 / range(0).count)
    for (part, bytes) in made.enumerated() { whole.set(rows: range(part), toBytes: bytes) }
    return whole
  }

  /// Few, so that a body runs over many pictures at a time; more than one, so that a slow rank is helped.
  private static let partsOfARank = 4

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
