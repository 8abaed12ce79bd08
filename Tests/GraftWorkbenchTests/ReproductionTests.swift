import Foundation
import GraftData
import GraftFiles
import GraftNetworks
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Synchronization
import Testing

@Suite struct ReproductionTests {
  @Test("the results, and the bits of every checkpoint, do not depend on the number of threads")
  func threads() throws {
    let data = try SyntheticStudy.data()
    let folders = try [1, 2, 3].map { _ in try ScratchFolder() }
    let runs = try zip([1, 2, 3], folders).map { threads, folder in
      try Reproduction(SyntheticStudy.options(threads: threads, folder: folder.path), on: data).run()
    }
    #expect(runs[0].count == 2 * 10)
    for run in runs.dropFirst() {
      #expect(run.map(\.outcome.task) == runs[0].map(\.outcome.task))
      #expect(run.map(\.outcome.seed) == runs[0].map(\.outcome.seed))
      #expect(run.map(\.outcome.confusion) == runs[0].map(\.outcome.confusion))
      #expect(run.map { $0.outcome.history.map(\.trainLoss) } == runs[0].map { $0.outcome.history.map(\.trainLoss) })
      #expect(run.map { $0.outcome.history.map(\.testLoss) } == runs[0].map { $0.outcome.history.map(\.testLoss) })
      #expect(run.map(\.outcome.checkpointDigest) == runs[0].map(\.outcome.checkpointDigest))
      #expect(zip(run, runs[0]).allSatisfy { $0.model == $1.model })
    }
    #expect(Set(runs[0].map(\.outcome.checkpointDigest)).count == 20)
  }

  @Test("checkpoints lie where they are promised, and say what made them")
  func checkpoints() throws {
    let folder = try ScratchFolder()
    let trained = try Reproduction(SyntheticStudy.options(seeds: [7], folder: folder.path), on: SyntheticStudy.data())
      .run()
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/seed-7").sorted()
    #expect(
      names
        == [
          "network-even", "network-odd", "random-frozen-even", "random-frozen-odd", "scratch-matched-even",
          "scratch-matched-odd", "softmax-even", "softmax-odd", "transfer-even-to-odd", "transfer-odd-to-even",
        ].map { "\($0).safetensors" })
    for one in trained {
      let path = "\(folder.path)/seed-7/\(one.outcome.task).safetensors"
      let checkpoint = try Checkpoint(contentsOf: path)
      #expect(checkpoint.model == one.model)
      #expect(try SHA256Digest.hex(ofFileAt: path) == one.outcome.checkpointDigest)
      #expect(checkpoint.record["task"]?.string == one.outcome.task.description)
      #expect(checkpoint.record["graft"]?.string == "1.2.3" && checkpoint.record["seed"]?.string == "7")
      #expect(checkpoint.outputs.count == 10)
      #expect(checkpoint.outputs.trained == one.outcome.task.target.selection.classes)
    }
  }

  @Test("a transfer starts from the other half's network of its seed, holds its body and trains its head")
  func transfer() throws {
    let trained = try SyntheticStudy.trained()
    for half in Half.allCases {
      for seed in UInt64(0)...1 {
        func model(_ system: PaperSystem, _ half: Half) throws -> Model {
          try #require(trained.first { $0.outcome.task == PaperTask(system, half) && $0.outcome.seed == seed }?.model)
        }
        let (transfer, source) = (try model(.transfer, half), try model(.network, half.other))
        let random = try model(.randomFrozen, half)
        let fresh = Model(.study, inputShape: source.inputShape, classCount: 10, seed: seed)
        for name in ["fc1.weight", "fc1.bias"] {
          #expect(mismatchInBits(transfer.values(name), source.values(name)) == nil)
          #expect(mismatchInBits(random.values(name), fresh.values(name)) == nil)
          #expect(source.values(name) != fresh.values(name))
        }
        #expect(transfer.values("fc2.weight") != source.values("fc2.weight"))
        #expect(random.values("fc2.weight") != fresh.values("fc2.weight"))
      }
    }
  }

  @Test("what is trained, for how long, and how much of it trains")
  func outcomes() throws {
    let trained = try SyntheticStudy.trained()
    #expect(trained.count == 20 && Set(trained.map(\.outcome.task)).count == 10)
    for outcome in trained.map(\.outcome) {
      let isScratch = outcome.task.system == .softmax || outcome.task.system == .network
      #expect(outcome.history.count == (isScratch ? SyntheticStudy.scratchEpochs : SyntheticStudy.transferEpochs))
      let head = 10 * 500 + 10
      let counts: [PaperSystem: Int] = [
        .softmax: 370, .network: 37 * 500 + head, .scratchMatched: 37 * 500 + head, .transfer: head,
        .randomFrozen: head,
      ]
      #expect(outcome.trainedParameters == counts[outcome.task.system])
      #expect(outcome.images == SyntheticStudy.images && outcome.correct == outcome.history.last?.correct)
      #expect(mismatch([outcome.accuracies.last ?? .nan], [outcome.accuracy.percent], within: 1e-12) == nil)
      #expect(outcome.checkpointDigest == nil)
      #expect(outcome.reached(0)?.epoch == 1 && outcome.reached(100.1) == nil)
      // Only a half's own digits are tested.
      let others = outcome.task.target.other.selection.classes
      #expect(others.allSatisfy { outcome.confusion.counts[$0].allSatisfy { $0 == 0 } })
    }
  }

  @Test("a training reaches every accuracy that it had, its own last one too")
  func reached() throws {
    for outcome in try SyntheticStudy.trained().map(\.outcome) {
      #expect(outcome.reached(outcome.accuracy.percent) != nil, "\(outcome.correct) of \(outcome.images)")
      for (index, accuracy) in outcome.accuracies.enumerated() {
        let reached = try #require(outcome.reached(accuracy))
        #expect(reached.epoch <= index + 1 && outcome.accuracies[reached.epoch - 1] >= accuracy)
        #expect(outcome.accuracies.prefix(reached.epoch - 1).allSatisfy { $0 < accuracy })
      }
    }
  }

  @Test("without controls there are none")
  func noControls() throws {
    var options = SyntheticStudy.options(seeds: [0])
    options.includesControls = false
    options.scratchEpochs = 1
    options.transferEpochs = 1
    let trained = try Reproduction(options, on: SyntheticStudy.data()).run()
    #expect(trained.count == 6)
    #expect(Set(trained.map(\.outcome.task.system)) == Set(PaperSystem.reported))
  }

  @Test("ranks of a job end with the bits of one process, and the first writes all checkpoints", arguments: [2, 3])
  func ranks(size: Int) throws {
    let (data, one, many) = (try SyntheticStudy.data(), try ScratchFolder(), try ScratchFolder())
    @Sendable func options(_ folder: String?) -> Reproduction.Options {
      var options = SyntheticStudy.options(threads: 2, folder: folder)
      (options.scratchEpochs, options.transferEpochs) = (3, 2)
      return options
    }
    @Sendable func outcomes(_ result: ReproductionResult) throws -> [String] {
      var words: [String] = []
      for one in result.outcomes {
        words.append("\(one.task) \(one.seed) \(one.predictions) \(try #require(one.checkpointDigest))")
      }
      for one in result.fewLabels { words.append("\(one.scratch.values) \(one.transfer.values)") }
      for one in result.shares { words.append("\(one.correct)") }
      for one in result.variant { words.append("\(one.correct)") }
      return words
    }
    let alone = try ReproductionResult.produce(options(one.path), on: data, shares: true, variant: true)
    let path = many.path
    let results = try RankedWorkTests.onRanks(size) { rank, work in
      try ReproductionResult.produce(
        options(rank == 0 ? path : nil), on: data, shares: true, variant: true, ranks: work)
    }
    for result in results { #expect(try outcomes(result) == outcomes(alone)) }
    for training in alone.outcomes {
      let path = "seed-\(training.seed)/\(training.task).safetensors"
      #expect(try SHA256Digest.hex(ofFileAt: "\(many.path)/\(path)") == training.checkpointDigest)
    }
  }

  @Test("every training tells when it begins, advances and ends")
  func events() throws {
    let log = Mutex<[String: [String]]>([:])
    var options = SyntheticStudy.options(seeds: [0], threads: 2)
    options.scratchEpochs = 4
    options.transferEpochs = 3
    _ = try Reproduction(options, on: SyntheticStudy.data()) { event in
      log.withLock { log in
        switch event {
        case .began(let label, let epochs): log[label, default: []].append("began \(epochs)")
        case .advanced(let label, _, let record, _, _):
          log[label, default: []].append("epoch \(record.epoch)")
        case .ended(let label): log[label, default: []].append("ended")
        case .solvedHead, .kept, .planned, .keeping: break
        }
      }
    }.run()
    let all = log.withLock { $0 }
    #expect(all.count == 10)
    let epochs = (1...3).map { "epoch \($0)" }
    #expect(all["transfer-odd-to-even"] == ["began 3"] + epochs + ["ended"])
    #expect(all["softmax-odd"] == ["began 4"] + epochs + ["epoch 4", "ended"])
  }

  @Test("tasks are named as their files are")
  func names() {
    #expect(PaperTask(.transfer, .odd).description == "transfer-even-to-odd")
    #expect(PaperTask(.transfer, .odd).source == .even && PaperTask(.network, .odd).source == nil)
    #expect(PaperTask(.scratchMatched, .even).description == "scratch-matched-even")
    #expect(Half.even.other == .odd && Half.odd.other == .even)
  }
}
