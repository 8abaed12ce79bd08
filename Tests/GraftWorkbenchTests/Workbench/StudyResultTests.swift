import GraftData
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("What follows from a study's trials")
struct StudyResultTests {
  static let shares = [Share.perClass(20), .perClass(40)]
  static let seeds: [UInt64] = [5, 2, 9]

  private func labels() throws -> [Int] { try SmallStudy.domain("odd").data.test.labels }

  /// Answers that are right about the first `right` images.
  private func outcome(
    right: Int, history: [(epoch: Int, seconds: Double, correct: Int)] = [], choices: [TrialOutcome.Choice] = []
  ) throws -> TrialOutcome {
    let labels = try labels()
    return TrialOutcome(
      answers: labels.enumerated().map { $0 < right ? $1 : ($1 + 2) % 10 }, correct: right, loss: 1,
      history: history.map {
        TrialOutcome.Point(epoch: $0.epoch, seconds: $0.seconds, trainLoss: nil, correct: $0.correct)
      }, choices: choices, seconds: 2, choosingSeconds: 3, checkpointDigest: nil)
  }

  /// Right answers of a made up trial: of 149 or so.
  private func right(_ trial: Trial) -> Int {
    let place = Int(trial.seed) % 4
    let labels = trial.share == .perClass(20) ? 0 : 8
    switch trial.method {
    case "scratch": return 100 + labels + place
    case "frozen": return 121 + labels / 2 + 2 * place
    case "fine-tune": return trial.source == "synthetic:even" ? 103 + labels + 3 * place : 96 + place
    default: return 0
    }
  }

  private func result(
    _ methods: [TransferMethod] = [.fineTune, .scratch, .frozen], shares: [Share] = shares,
    _ outcome: (Trial) throws -> TrialOutcome
  ) throws -> StudyResult {
    let target = try SmallStudy.domain("odd")
    let pairs = try ["even", "0,2,4"].map { StudyPair(.trained(try SmallStudy.domain($0)), target) }
    let study = try TransferStudy(SmallStudy.options(methods, shares: shares, seeds: Self.seeds), on: pairs)
    return try SmallStudy.result(of: study) { trial in try outcome(trial) }
  }

  @Test("rows by pair, then labels, then method, the control first; records in the order of the seeds")
  func order() throws {
    let result = try result { try outcome(right: right($0)) }
    #expect(
      result.rows.count == 2 * 2 * 3 && result.seeds == Self.seeds && result.architecture == SmallStudy.architecture)
    let pair = result.pairs[1]
    #expect(pair.source == "synthetic:0,2,4" && pair.target == "synthetic:odd" && !pair.hasFixedSource)
    #expect(try pair.labels == labels())
    #expect(pair.methods == [.scratch, .fineTune, .frozen] && pair.shares == Self.shares)
    let expected = Self.shares.flatMap { share in pair.methods.map { "\($0) \(share)" } }
    for pair in result.pairs {
      #expect(pair.rows.map { "\($0.method) \($0.share)" } == expected)
      #expect(pair.rows.map(\.isControl) == [true, false, false, true, false, false])
      for row in pair.rows {
        #expect(row.records.map(\.trial.seed) == Self.seeds && row.source == pair.source)
        #expect(row.labelsPerClass == (row.share == .perClass(20) ? 20 : 40) && row.images == pair.labels.count)
        let accuracies = row.records.map { 100 * Double(right($0.trial)) / Double(pair.labels.count) }
        #expect(mismatch(row.accuracy.values, accuracies, within: 1e-12) == nil)
        #expect(pair.row(row.method, row.share)?.records == row.records)
        let bounds = row.accuracyOverImages
        #expect(bounds.low < row.accuracy.mean && row.accuracy.mean < bounds.high && bounds.high < 100)
      }
    }
    #expect(result.pairs[0].row(.linearProbeThenFineTuning, .all) == nil)
  }

  @Test("each method is compared with the control on its own seeds and labels, and p corrected over all rows")
  func comparisons() throws {
    let result = try result { try outcome(right: right($0)) }
    var values: [Double] = []
    for pair in result.pairs {
      for row in pair.rows {
        guard let control = pair.row(.scratch, row.share), row.method != .scratch else {
          #expect(row.comparison == nil && row.adjustedP == nil && row.verdict == nil)
          continue
        }
        let expected = MethodComparison(
          answers: row.records.map(\.outcome.answers), control: control.records.map(\.outcome.answers),
          labels: pair.labels)
        #expect(row.comparison == expected)
        values.append(expected.pValue)
      }
    }
    #expect(values.count == 8)
    let adjusted = result.rows.compactMap(\.adjustedP)
    #expect(adjusted == Holm.adjusted(values) && adjusted != values)
    #expect(adjusted.max() ?? 2 <= 1 && zip(adjusted, values).allSatisfy { $0 >= $1 })
    for row in result.rows {
      if row.method == .frozen { #expect(row.verdict == .helps) }
    }
  }

  @Test("a comparison that stands in the rows of two sources is one comparison")
  func family() throws {
    let methods: [TransferMethod] = [.scratch, .fineTune, .randomFrozen]
    let result = try result(methods) { trial in
      try outcome(right: trial.method == "random-frozen" ? 97 + Int(trial.seed) % 4 : right(trial))
    }
    let rows = result.rows.filter { $0.comparison != nil }
    #expect(rows.count == 2 * 2 * 2 && result.comparisons == 6)
    var family: [[String]: Double] = [:]
    for row in rows { family[row.records.map(\.id)] = row.comparison?.pValue }
    #expect(family.count == 6)
    let sorted = family.values.sorted()
    let expected = Dictionary(zip(sorted, Holm.adjusted(sorted)), uniquingKeysWith: max)
    for row in rows { #expect(row.adjustedP == row.comparison.flatMap { expected[$0.pValue] }) }
    for share in Self.shares {
      let own = result.pairs.map { $0.row(.randomFrozen, share)?.adjustedP }
      #expect(own.count == 2 && own[0] == own[1])
    }
  }

  @Test("time until a method is as good as its control ends: the median over all seeds")
  func timeWorth() throws {
    // The control ends at 110, 111, 112; fine-tune gets there in epoch 3, never, and in epoch 1.
    let result = try result(shares: [.perClass(20)]) { trial in
      let seed = Self.seeds.firstIndex(of: trial.seed) ?? 0
      let end = 110 + seed
      switch trial.method {
      case "scratch": return try outcome(right: end, history: [(1, 1, 90), (8, 8, end - 1), (16, 16, end)])
      case "fine-tune":
        let reached = [[100, 109, 110, 120], [100, 110, 110, 110], [112, 90, 90, 113]][seed]
        return try outcome(
          right: reached[3], history: reached.enumerated().map { ($0 + 1, 0.5 * Double($0 + 1), $1) })
      // Never in two seeds of three.
      default: return try outcome(right: 100, history: [(0, 0.25, seed == 0 ? 130 : 3), (5, 9, 100)])
      }
    }
    let pair = result.pairs[0]
    let control = try #require(pair.row(.scratch, .perClass(20))).timeWorth
    #expect(
      control.reached.map { $0?.epoch } == [16, 16, 16] && control.medianEpoch == 16 && control.medianSeconds == 16)
    let tuned = try #require(pair.row(.fineTune, .perClass(20))).timeWorth
    #expect(tuned.reached.map { $0?.epoch } == [3, nil, 1] && tuned.count == 2)
    #expect(tuned.medianEpoch == 3 && tuned.medianSeconds == 1.5)
    let frozen = try #require(pair.row(.frozen, .perClass(20))).timeWorth
    #expect(frozen.reached.map { $0?.epoch } == [0, nil, nil] && frozen.count == 1)
    #expect(frozen.medianEpoch == nil && frozen.medianSeconds == nil)
  }

  @Test("with an even number of seeds the median is between two, and nil where either never got there")
  func evenMedian() throws {
    for (epochs, median) in [([2, 5], 3.5), ([2, nil], nil), ([nil, nil], nil)] as [([Int?], Double?)] {
      let study = try SmallStudy.study(SmallStudy.options([.fineTune], seeds: [0, 1]))
      let result = try SmallStudy.result(of: study) { trial in
        guard trial.method == "fine-tune" else { return try outcome(right: 50, history: [(1, 1, 50)]) }
        let epoch = epochs[Int(trial.seed)]
        return try outcome(right: 0, history: [(1, 1, 0)] + (epoch.map { [($0, Double($0), 50)] } ?? []) + [(9, 9, 0)])
      }
      #expect(result.pairs[0].row(.fineTune, .perClass(20))?.timeWorth.medianEpoch == median)
      #expect(result.pairs[0].row(.fineTune, .perClass(20))?.timeWorth.medianSeconds == median)
    }
  }

  @Test("what trials chose on their own images, summed and counted")
  func tuning() throws {
    let result = try result(shares: [.perClass(20)]) { trial in
      let seed = Self.seeds.firstIndex(of: trial.seed) ?? 0
      let correct = [[9, 5, 7], [4, 8, 7], [9, 0, 8]][seed]
      return try outcome(
        right: 100,
        choices: correct.indices.map { index in
          TrialOutcome.Choice(
            setting: "setting \(index)", correct: correct[index], images: 10, loss: Double(seed + index),
            isChosen: index == (seed == 1 ? 1 : 0))
        })
    }
    for pair in result.pairs {
      for tuning in pair.tunings {
        #expect(tuning.origin == .validation && tuning.timesChosen == [2, 1, 0])
        #expect(tuning.figures.map(\.setting) == ["setting 0", "setting 1", "setting 2"])
        #expect(tuning.figures.map(\.correct) == [22, 13, 22] && tuning.figures.map(\.images) == [30, 30, 30])
        #expect(mismatch(tuning.figures.map(\.loss), [1, 2, 3], within: 1e-12) == nil)
        // Most right answers, and of equals the smallest loss.
        #expect(tuning.figures.map(\.isChosen) == [true, false, false])
        #expect(mismatch([tuning.figures[1].accuracy.percent], [100 * 13 / 30.0], within: 1e-12) == nil)
      }
    }
  }

  @Test("a real study's tunings are what its trials say")
  func realTuning() throws {
    for pair in try StudyRunTests.whole().pairs {
      for (row, tuning) in zip(pair.rows, pair.tunings) {
        #expect(tuning.method == row.method && tuning.origin == .validation && tuning.figures.count == 6)
        #expect(tuning.timesChosen.reduce(0, +) == 2)
        // A fifth of twenty images of each of five classes.
        #expect(row.records.allSatisfy { $0.outcome.choices.allSatisfy { $0.images == 20 } })
      }
    }
  }

  @Test("a real trial's history rises to its end, and its answers are what it is measured by")
  func realHistory() throws {
    for row in try StudyRunTests.whole().rows {
      for record in row.records {
        let (outcome, labels) = (record.outcome, try labels())
        #expect(outcome.correct == labels.indices.count { outcome.answers[$0] == labels[$0] })
        #expect(outcome.history.last?.correct == outcome.correct && outcome.seconds == outcome.history.last?.seconds)
        let points = outcome.history
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.epoch < $1.epoch && $0.seconds <= $1.seconds })
        #expect(Set(outcome.answers).isSubset(of: [1, 3, 5, 7, 9]) && outcome.choosingSeconds > 0)
        switch row.method {
        case .frozen: #expect(points.count == 1 && points[0].trainLoss == nil)
        case .linearProbeThenFineTuning:
          #expect(points[0].epoch == 0 && points[0].trainLoss == nil && points.last?.epoch == 100)
        // A hundred images are two steps, and two hundred steps are the least.
        default: #expect(points[0].epoch == 1 && points.last?.epoch == 100 && points.count < 20)
        }
      }
    }
  }

  @Test("curves over labels: amounts that are equal count once, whatever they were called")
  func curves() throws {
    let shares: [Share] = [.perClass(40), .perClass(20), .all, .fraction(1)]
    let result = try result(shares: shares) { try outcome(right: right($0)) }
    let pair = result.pairs[0]
    let whole = Double(try SmallStudy.domain("odd").data.train.count) / 5
    let curve = try #require(pair.efficiency(of: .frozen))
    #expect(
      curve.points.map(\.labelsPerClass) == [20, 40, whole] && pair.efficiency(of: .linearProbeThenFineTuning) == nil)
    let row = try #require(pair.row(.frozen, .perClass(20)))
    #expect(curve.points[0].accuracy.values == row.accuracy.values)
    let control = try #require(pair.row(.scratch, .perClass(20)))
    #expect(pair.labelWorth(of: control) == nil && pair.signTurn(of: .scratch) == nil)
    let worth = try #require(pair.labelWorth(of: row))
    #expect(worth.needed == .moreThan(whole) && worth.labelsPerClass == 20)
    #expect(pair.signTurn(of: .frozen) != nil && pair.signTurn(of: .linearProbeThenFineTuning) == nil)
  }
}
