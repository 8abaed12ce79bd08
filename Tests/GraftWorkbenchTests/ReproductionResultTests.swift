import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct ReproductionResultTests {
  private let data: PaperData
  private let outcomes: [PaperTraining]

  init() throws {
    data = try SyntheticStudy.data()
    outcomes = try SyntheticStudy.trained().map(\.outcome)
  }

  private func correct(_ task: PaperTask) -> [Int] { outcomes.filter { $0.task == task }.map(\.correct) }

  private func result(
    published: PublishedPaper? = nil, reference: ReferenceRuns? = nil, on data: PaperData? = nil,
    options: Reproduction.Options = SyntheticStudy.judgingOptions()
  ) throws -> ReproductionResult {
    try ReproductionResult(
      outcomes, on: data ?? self.data, options: options,
      published: published ?? SyntheticStudy.published([]), reference: reference ?? SyntheticStudy.reference([]),
      seconds: 1)
  }

  @Test("a cell has every seed's accuracy on the target's own images")
  func accuracy() throws {
    let result = try result()
    #expect(result.cells.map(\.task) == PaperSystem.reported.flatMap { [PaperTask($0, .even), PaperTask($0, .odd)] })
    #expect(result.controls.map(\.task.system) == [.scratchMatched, .scratchMatched, .randomFrozen, .randomFrozen])
    for cell in result.cells + result.controls {
      #expect(cell.runs.map(\.seed) == [0, 1] && cell.images == SyntheticStudy.images)
      let expected = correct(cell.task).map { 100 * Double($0) / 25 }
      #expect(expected.count == 2 && mismatch(cell.accuracy.values, expected, within: 1e-12) == nil)
    }
    #expect(try self.result(options: SyntheticStudy.judgingOptions(seeds: [5])).cells.isEmpty)
  }

  @Test("pooled is exactly (source correct + target correct) / all test images, of the same seed")
  func pooled() throws {
    for cell in try result().cells {
      guard let source = cell.task.source else {
        #expect(cell.pooled == nil)
        continue
      }
      let expected = zip(correct(PaperTask(.network, source)), correct(cell.task)).map { 100 * Double($0 + $1) / 50 }
      #expect(cell.pooled?.values == expected && expected.count == 2)
      #expect(cell.explanation.contains("right on \(source.rawValue) + "))
    }
  }

  @Test("the interval over test images is Wilson's, for the mean number of right answers")
  func wilson() throws {
    let task = PaperTask(.softmax, .even)
    let cell = try #require(try result().cell(task))
    let mean = (Double(correct(task).reduce(0, +)) / 2).rounded()
    let expected = Interval.wilson(successes: Int(mean), trials: 25)
    #expect(cell.wilson == Interval(low: 100 * expected.low, high: 100 * expected.high))
  }

  // MARK: Verdicts

  private let reference = [20, 21, 22, 21]

  private func verdict(
    _ figure: Double, on data: PaperData? = nil, options: Reproduction.Options = SyntheticStudy.judgingOptions()
  ) throws -> ReproductionCell.Verdict? {
    let task = PaperTask(.softmax, .odd)
    let result = try result(
      published: SyntheticStudy.published([("softmax_odd", figure)]),
      reference: SyntheticStudy.reference([(task, reference)]), on: data, options: options)
    return try #require(result.cell(task)).verdict
  }

  @Test("a published figure is reproduced where it lies in the range of one more reference run")
  func verdicts() throws {
    let range = try #require(Sample(reference.map { 100 * Double($0) / 25 }).predictionInterval(confidence: 0.99))
    #expect(try verdict(84) == .reproduced)
    #expect(try verdict(range.low + 0.01) == .reproduced && verdict(range.high - 0.01) == .reproduced)
    #expect(try verdict(range.low - 0.01) == .notReproduced && verdict(range.high + 0.01) == .notReproduced)
  }

  @Test("with more seeds than the reference has, our own runs make the range")
  func ownRange() throws {
    let task = PaperTask(.softmax, .odd)
    func runs(_ reference: [Int]) throws -> Int? {
      try result(reference: SyntheticStudy.reference([(task, reference)])).cell(task)?.verdictRange?.runs
    }
    #expect(try runs([20, 21, 22]) == 3 && runs([]) == 2)
  }

  @Test("other data, or fewer epochs than the study's, are never judged")
  func notJudged() throws {
    #expect(try verdict(84, on: try SyntheticStudy.data(name: "synthetic")) == nil)
    #expect(try verdict(84, options: SyntheticStudy.options()) == nil)
    let rehearsal = try result(
      published: SyntheticStudy.published([], claims: ["softmax-accuracy", "new"]), options: SyntheticStudy.options())
    #expect(rehearsal.isRehearsal && !rehearsal.judges)
    #expect(rehearsal.claims.map(\.verdict) == [.undecidable, .undecidable])
    let other = try result(
      published: SyntheticStudy.published([], claims: ["new"]), on: SyntheticStudy.data(name: "synthetic"))
    #expect(!other.isStudysData && other.claims.isEmpty && other.audit.isEmpty && other.failedChecks.isEmpty)
    let real = try result(published: PublishedPaper.load(), reference: ReferenceRuns.load())
    #expect(!real.isStudysData && real.failedChecks.isEmpty, "other test images than MNIST's were taken for MNIST")
  }

  // MARK: Checks

  @Test("figures where the reference predicts them pass; a wrong one is named with its seed and range")
  func failedChecks() throws {
    let task = PaperTask(.network, .even)
    let own = correct(task)
    func failures(_ reference: [Int]) throws -> [String] {
      try result(reference: SyntheticStudy.reference([(task, reference)])).failedChecks
    }
    // Spread around our own figures, and far below them.
    #expect(try failures([own[0] - 1, own[0] + 1, own[1] - 1, own[1] + 1]) == [])
    let wrong = try failures([1, 1, 2, 1, 2, 1, 1, 2, 1, 1])
    #expect(wrong.count == 2)
    for (seed, text) in wrong.enumerated() {
      #expect(
        text.hasPrefix("network-even, seed \(seed), true accuracy: \(percent(4 * Double(own[seed]))) is outside "))
    }
  }

  @Test("a transfer is checked counted both ways")
  func pooledChecks() throws {
    let task = PaperTask(.transfer, .odd)
    let own = correct(task)
    // Many runs, so that the range is not wide for want of them.
    let around = (0..<10).flatMap { _ in [own[0] - 1, own[0] + 1, own[1] - 1, own[1] + 1] }
    // Right on the target, wrong where the source is counted too.
    let reference = try SyntheticStudy.reference([(task, around)], source: around.map { _ in 1 })
    let failures = try result(reference: reference).failedChecks
    let cell = try #require(try result(reference: reference).cell(task))
    #expect(cell.checks.map(\.counting) == ["true accuracy", "true accuracy", "pooled accuracy", "pooled accuracy"])
    #expect(failures.count == 2 && failures.allSatisfy { $0.contains("pooled accuracy") })
  }

  // MARK: Words

  @Test("the audit's sum is that of the runs it names")
  func audit() throws {
    let result = try result(
      published: SyntheticStudy.published([("transfer_odd", 90), ("network_even", 80), ("network_odd", 80)]))
    let finding = try #require(result.audit.first)
    let (source, target) = (correct(PaperTask(.network, .even))[0], correct(PaperTask(.transfer, .odd))[0])
    let pooled = percent(100 * Double(source + target) / 50)
    let line = "even -> odd, ours, seed 0: (\(source) + \(target)) / 50 = \(pooled) pooled; "
    #expect(finding.lines.contains { $0.hasPrefix(line) })
    // 90 % of 50 less 80 % of 25.
    #expect(finding.sums.contains { $0.contains("45 - 20 = 25 of 25, 100.00 true") })
  }

  @Test("a claim about two figures holds where both are reproduced")
  func claims() throws {
    func verdict(_ even: Double, _ odd: Double) throws -> ClaimVerdict.Verdict? {
      let tasks = Half.allCases.map { (PaperTask(.softmax, $0), reference) }
      let claims = try result(
        published: SyntheticStudy.published(
          [("softmax_even", even), ("softmax_odd", odd)], claims: ["softmax-accuracy"]),
        reference: SyntheticStudy.reference(tasks)
      ).claims
      #expect(claims.count == 1)
      return claims.first?.verdict
    }
    #expect(try verdict(84, 84) == .holds)
    #expect(try verdict(84, 12) == .doesNotHold && verdict(12, 84) == .doesNotHold)
  }

  @Test("where our own run is not like the reference's, a claim about its figure cannot be decided")
  func unlikeReference() throws {
    let task = PaperTask(.softmax, .odd)
    let like = PaperTask(.softmax, .even)
    let result = try result(
      published: SyntheticStudy.published(
        [("softmax_even", 84), ("softmax_odd", 4)], claims: ["softmax-accuracy"]),
      reference: SyntheticStudy.reference([(task, [1, 1, 2, 1]), (like, reference)]))
    #expect(result.cell(task)?.verdict == nil && result.cell(like)?.verdict == .reproduced)
    #expect(result.claims.map(\.verdict) == [.undecidable])
    #expect(result.claims.first?.evidence.contains("not judged") == true)
  }

  @Test("a claim that nobody knows how to check cannot be decided")
  func unknownClaim() throws {
    let claims = try result(published: SyntheticStudy.published([], claims: ["new"])).claims
    #expect(claims.map(\.verdict) == [.undecidable] && claims[0].evidence == "no check is known for this claim")
  }
}

@Suite("What is kept of a reproduction")
struct ReproductionRecordTests {
  private func result() throws -> ReproductionResult {
    var result = try ReproductionResult(
      try SyntheticStudy.trained().map(\.outcome), on: try SyntheticStudy.data(),
      options: SyntheticStudy.judgingOptions(), published: .load(), reference: .load(), seconds: 1.25)
    result.fewLabels = [
      FewLabelsOutcome(target: .odd, labelsPerClass: 10, scratch: Sample([1.5, 2]), transfer: Sample([3, 4.1]))
    ]
    return result
  }

  @Test("is read back as it was")
  func roundTrip() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/reproduction.json"
    let result = try result()
    try AtomicFile.write(text: try result.recordText(), to: path)
    let read = try ReproductionResult(recordAt: path)
    #expect(try read.recordText() == result.recordText())
    #expect(read.cells.map(\.accuracy) == result.cells.map(\.accuracy))
    #expect(read.controlComparisons.map(\.judged) == result.controlComparisons.map(\.judged))
    #expect(read.seconds == 1.25 && read.fewLabels.first?.gain == result.fewLabels.first?.gain)
    #expect(read.outcomes.first?.history == result.outcomes.first?.history)
  }

  @Test("and nothing else is taken for it", arguments: ["", "{}", "[1, 2]", "{\"schemaVersion\": 1}"])
  func damaged(text: String) throws {
    let folder = try ScratchFolder()
    try AtomicFile.write(text: text, to: "\(folder.path)/r.json")
    #expect(throws: GraftFailure.self) { try ReproductionResult(recordAt: "\(folder.path)/r.json") }
  }

  @Test("answers that no model can have given are refused")
  func impossible() throws {
    let folder = try ScratchFolder()
    let text = try result().recordText().replacing("\"predictions\":[", with: "\"predictions\":[77,")
    try AtomicFile.write(text: text, to: "\(folder.path)/r.json")
    #expect(throws: GraftFailure.self) { try ReproductionResult(recordAt: "\(folder.path)/r.json") }
  }
}
