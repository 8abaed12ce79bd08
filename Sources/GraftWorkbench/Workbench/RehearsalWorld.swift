import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

/// The digits, and a source for each seed, which the rehearsals of one study share. They are made when first asked for,
/// so that a study whose rehearsals are all in its store makes nothing.
final class RehearsalWorld: Sendable {
  private struct Made {
    var data: RehearsalData?
    var domains: [[Int]: StudyDomain] = [:]
  }

  private struct SourceKey: Hashable {
    let classes: [Int]
    let seed: UInt64
  }

  private let shape: ImageShape
  private let threads: Int
  private let links: RankLinks
  private let made = Mutex(Made())
  /// One lock for each source, so that two workers that need the same one do not both train it.
  private let sources = Mutex<[SourceKey: SourceSlot]>([:])

  init(shape: ImageShape, threads: Int, _ links: RankLinks) {
    self.shape = shape
    self.threads = threads
    self.links = links
  }

  func domain(_ classes: [Int]) throws -> StudyDomain {
    try made.withLock { made in
      if let domain = made.domains[classes] { return domain }
      let data = try made.data ?? RehearsalData(shape: shape, threads: threads)
      made.data = data
      let domain = try data.domain(classes)
      made.domains[classes] = domain
      return domain
    }
  }

  func source(_ classes: [Int], seed: UInt64, _ options: StudyOptions) throws -> Model {
    let slot = sources.withLock { sources in
      let key = SourceKey(classes: classes, seed: seed)
      let slot = sources[key] ?? SourceSlot()
      sources[key] = slot
      return slot
    }
    func train() throws -> Checkpoint {
      let domain = try domain(classes)
      let settings = options.recipe.settings(seed: TransferPlan.sourceSeed(seed))
      let fresh = Model(
        options.architecture, inputShape: shape, classCount: domain.outputs.count, seed: settings.seed)
      let examples = try Examples(domain.data.train, outputs: domain.outputs, normalization: domain.normalization)
      return Checkpoint(
        model: try TransferPlan(training: fresh, settings).run(on: examples, strength: 0),
        normalization: domain.normalization, outputs: domain.outputs, record: JSON.Object())
    }
    return try slot.model(or: {
      guard let values = links.values else { return try train().model }
      let bytes = try values.value("rehearsal source \(classes) \(seed)") { try train().encoded() }
      return try Checkpoint(decoding: bytes).model
    })
  }

  private final class SourceSlot: Sendable {
    private let trained = Mutex<Model?>(nil)

    func model(or train: () throws -> Model) throws -> Model {
      try trained.withLock { trained in
        if let trained { return trained }
        let model = try train()
        trained = model
        return model
      }
    }
  }
}
