import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftRanks
import GraftTraining
import NumericChecks
import Synchronization
import Testing

@Suite("Trainings in shards, on one rank and on several")
struct ShardedTrainingTests {
  private static let digits = DatasetPair.syntheticDigits(train: 300, test: 50, threads: 2)

  private func training(
    _ architecture: String, shards: Int, change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Training {
    var settings = Recipe.quick.settings(seed: 3)
    settings.epochs = 3
    settings.learningRate = 0.02
    settings.shards = shards
    change(&settings)
    return Training(try Architecture(parsing: architecture), settings, on: Self.digits)
  }

  /// Trains on threads that are ranks; the parameters of each rank's model.
  private func trained(_ training: Training, on size: Int) throws -> [[Float]] {
    let results = Mutex<[Int: Result<TrainedModel, any Error>]>([:])
    let group = DispatchGroup()
    for communicator in ThreadCommunicator.ranks(size) {
      group.enter()
      let thread = Thread {
        var own = training
        own.ranks = RankTeam(communicator, isDismissed: { false }) { failure in
          fatalError("\(String(describing: failure))")
        }
        let result = Result { try own.run() }
        results.withLock { $0[communicator.rank] = result }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try (0..<size).map { rank in
      floats(try #require(results.withLock { $0[rank] }).get())
    }
  }

  /// All parameters.
  private func floats(_ trained: TrainedModel) -> [Float] {
    let parameters = trained.model.parameters
    return parameters.slices.flatMap { parameters.values(of: $0) }
  }

  @Test(
    "1, 2 and 4 ranks end with the bits of one process",
    arguments: [
      ("mlp:20", { @Sendable (_: inout TrainingSettings) in }),
      ("cnn:4c3-p2-12", { @Sendable settings in settings.dropout = 0.3 }),
      ("mlp:12,8", { @Sendable settings in (settings.batchSize, settings.weightDecay) = (50, 0.01) }),
      ("softmax", { @Sendable settings in settings.augmentation = try! Augmentation(parsing: "shift=2,rotate=10") }),
    ] as [(String, @Sendable (inout TrainingSettings) -> Void)])
  func sameBits(architecture: String, change: @Sendable (inout TrainingSettings) -> Void) throws {
    let training = try training(architecture, shards: 4, change: change)
    let alone = floats(try training.run())
    for size in [1, 2, 4] {
      for parameters in try trained(training, on: size) { #expect(parameters == alone, "\(size) ranks") }
    }
  }

  @Test("the sum over shards is the gradient of the batch, within rounding", arguments: [2, 4, 8])
  func sameGradient(shards: Int) throws {
    let whole = try training("mlp:20", shards: 1) { $0.epochs = 1 }.run()
    let cut = try training("mlp:20", shards: shards) { $0.epochs = 1 }.run()
    #expect(mismatch(floats(cut), floats(whole), within: 1e-4) == nil)
    #expect(abs(whole.history[0].trainLoss - cut.history[0].trainLoss) < 1e-5)
  }

  @Test("what cannot be cut is refused")
  func refused() throws {
    let large = try training("mlp:20", shards: 128)
    #expect(throws: GraftFailure.self) { try large.run() }
    let normalised = try training("cnn:4c3b-p2-12", shards: 2)
    #expect(throws: GraftFailure.self) { try normalised.run() }
  }

  @Test("shards are a part of the settings, and of nothing if there is one")
  func coding() throws {
    let one = try training("mlp:20", shards: 1).settings
    let four = try training("mlp:20", shards: 4).settings
    #expect(one.json["shards"] == nil && four.json["shards"] == .integer(4))
    #expect(try TrainingSettings(json: four.json) == four && TrainingSettings(json: one.json) == one)
    var bad = four.json
    bad["shards"] = .integer(3)
    #expect(throws: GraftFailure.self) { try TrainingSettings(json: bad) }
  }
}
