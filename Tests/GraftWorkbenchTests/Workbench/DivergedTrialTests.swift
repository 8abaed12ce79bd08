import Foundation
import GraftData
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Trials that diverge")
struct DivergedTrialTests {
  private func outcome(right: Int) throws -> TrialOutcome {
    let labels = try SmallStudy.domain("odd").data.test.labels
    return TrialOutcome(
      answers: labels.enumerated().map { $0 < right ? $1 : ($1 + 2) % 10 }, correct: right, loss: 1, history: [],
      choices: [], seconds: 2, choosingSeconds: 3, checkpointDigest: nil)
  }

  private let diverged = TrialOutcome(diverged: GraftFailure(.diverged, "the loss is inf"))

  /// A study of scratch, frozen and fine-tune over three seeds, of which some diverged.
  private func result(_ isDiverged: (Trial) -> Bool) throws -> StudyResult {
    let study = try SmallStudy.study(SmallStudy.options(seeds: [0, 1, 2]))
    return try SmallStudy.result(of: study) { trial in
      isDiverged(trial) ? diverged : try outcome(right: 100 + Int(trial.seed) + (trial.method == "scratch" ? 0 : 20))
    }
  }

  @Test("a row of which a seed diverged has no verdict, and the mean of the others; other rows are as before")
  func oneSeed() throws {
    let result = try result { $0.method == "fine-tune" && $0.seed == 1 }
    let pair = result.pairs[0]
    let row = try #require(pair.row(.fineTune, .perClass(20)))
    #expect(row.records.map(\.trial.seed) == [0, 2] && row.diverged.map(\.trial.seed) == [1] && !row.isWhole)
    #expect(row.judged == nil && row.verdict == nil && row.retention == nil && row.forwardTransfer == nil)
    #expect(row.accuracy.count == 2 && !row.isControl && row.timeWorth.reached.isEmpty)
    let other = try #require(pair.row(.frozen, .perClass(20)))
    #expect(other.verdict == .helps && other.isWhole)
    // A comparison that was not made is not corrected for.
    #expect(result.comparisons == 1)
    #expect(pair.efficiency(of: .fineTune) == nil && pair.signTurn(of: .fineTune) == nil)
  }

  @Test("if the control diverged, nothing is compared with it")
  func control() throws {
    let result = try result { $0.method == "scratch" && $0.seed == 2 }
    let pair = result.pairs[0]
    #expect(pair.rows.allSatisfy { $0.judged == nil } && result.comparisons == 0)
    #expect(pair.rows.map(\.isControl) == [true, false, false])
    #expect(pair.rows.map(\.controlDiverged) == [true, true, true])
    #expect(pair.labelWorth(of: pair.rows[1]) == nil)
  }

  @Test("if all diverged, there is no accuracy and no number that is none")
  func all() throws {
    let result = try result { _ in true }
    #expect(result.rows.allSatisfy { $0.records.isEmpty && $0.accuracy.values.isEmpty && $0.diverged.count == 3 })
    #expect(result.rows.allSatisfy { $0.accuracyOverImages.low.isFinite && $0.accuracyOverImages.high.isFinite })
  }

  @Test("the record comes back from JSON, and the outcome ends like itself")
  func json() throws {
    let trial = try #require(try SmallStudy.trials(of: SmallStudy.study()).first { $0.kind == .measurement })
    let record = TrialRecord(trial: trial, outcome: diverged, created: 1, version: "1", machine: "m")
    let back = try JSONDecoder().decode(TrialRecord.self, from: JSONEncoder().encode(record))
    #expect(back == record && back.outcome.isDiverged && back.outcome.diagnosis.divergence == "the loss is inf")
    let other = try outcome(right: 3)
    #expect(back.outcome.endedLike(diverged) && !back.outcome.endedLike(other))
    #expect(back.outcome.images == 0 && back.outcome.loss == 0)
  }

  /// Sources with a rate that no loss survives.
  private func hopeless(threads: Int = 1) throws -> TransferStudy {
    var options = SmallStudy.options(seeds: [0, 1], threads: threads)
    options.recipe.scratchSettings.learningRate = 1e30
    return try SmallStudy.study(options)
  }

  @Test(
    "a study whose sources diverge goes on: what starts from them diverged too, scratch did not", arguments: [1, 2])
  func sources(threads: Int) throws {
    let store = MemoryStore()
    let log = EventLog()
    let result = try hopeless(threads: threads).run(in: store, report: log.note)
    let pair = result.pairs[0]
    #expect(try #require(pair.row(.scratch, .perClass(20))).isWhole)
    for method in [TransferMethod.frozen, .fineTune] {
      let row = try #require(pair.row(method, .perClass(20)))
      #expect(row.diverged.count == 2 && row.records.isEmpty)
      #expect(row.diverged.allSatisfy { $0.outcome.diagnosis.divergence == "the training of its source diverged" })
    }
    let reasons = log.ended.filter { $0.trial.kind == .source }.map { $0.outcome.diagnosis.divergence ?? "" }
    #expect(reasons.count == 2 && reasons.allSatisfy { $0.contains("training diverged in epoch 1") }, "\(reasons)")
    // The second call trains nothing: a training that diverged would diverge again.
    let again = EventLog()
    let second = try hopeless(threads: threads).run(in: store, report: again.note)
    #expect(again.ended.isEmpty && second.timeless == result.timeless)
  }

  @Test("a study that compares layers ends with the divergence: it has nothing to compare")
  func layers() throws {
    var options = SmallStudy.options(seeds: [0, 1])
    options.recipe.scratchSettings.learningRate = 1e30
    options.comparesLayers = true
    options.methods = [.scratch, TransferMethod(.copy, layerCount: 1)]
    let study = try SmallStudy.study(options)
    let error = #expect(throws: (any Error).self) { try study.run(in: MemoryStore()) }
    #expect((error as? any Failure)?.kind == .diverged)
  }
}
