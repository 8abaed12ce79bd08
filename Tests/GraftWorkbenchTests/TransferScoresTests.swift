import GraftMatrices
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Transferability scores")
struct TransferScoresTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let name: String
      let features: [[Float]]
      let probabilities: [[Float]]
      let labels: [Int]
      let classes: Int
      let scores: [String: Double?]

      var view: SourceView {
        SourceView(
          features: Matrix(features), probabilities: Matrix(probabilities), labels: labels, classCount: classes)
      }
    }
    let scores: [Case]
  }
  private let golden: [Golden.Case]

  init() throws { golden = try NumericChecks.Golden.load(Golden.self, from: "transferability").scores }

  @Test("every score is that of its paper's equations in NumPy, in ill cases too", arguments: TransferScore.allCases)
  func known(score: TransferScore) throws {
    #expect(golden.count == 24)
    for known in golden {
      let found = TransferScores(known.view)[score]
      let expected = try #require(known.scores[score.rawValue])
      #expect((found == nil) == (expected == nil), "\(known.name)")
      guard let found, let expected else { continue }
      #expect(mismatch([found], [expected], within: 1e-9) == nil, "\(known.name)")
    }
  }

  private func view(
    _ images: Int, units: Int, classes: Int, strength: Float, seed: UInt64, features: ([Float]) -> [Float] = { $0 }
  ) -> SourceView {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .share))
    let middles = (0..<classes).map { _ in (0..<units).map { _ in strength * stream.normal() } }
    let labels = (0..<images).map { $0 % classes }
    let rows = labels.map { label in features(middles[label].map { $0 + stream.normal() }) }
    var probabilities = Matrix(rows: images, columns: units)
    let logits = Matrix(rows)
    for row in 0..<images { for (z, p) in logits.softmax(row: row).enumerated() { probabilities[row, z] = p } }
    return SourceView(features: Matrix(rows), probabilities: probabilities, labels: labels, classCount: classes)
  }

  private func replacing(_ view: SourceView, features: [[Float]]) -> SourceView {
    SourceView(
      features: Matrix(features), probabilities: view.probabilities, labels: view.labels, classCount: view.classCount)
  }

  private func expectClose(_ a: Double?, _ b: Double?, within tolerance: Double, _ what: String) {
    #expect(mismatch([a ?? .nan], [b ?? .nan], within: tolerance) == nil, "\(what)")
  }

  /// Quarter turns of pairs of features with signs, and a reflection along (1, …, 1): the first is exact, the second
  /// rounded to Float.
  @Test(
    "turning the features changes neither LogME nor the H-score nor the nearest mean", arguments: [(90, 8), (10, 24)])
  func rotation(images: Int, units: Int) {
    let original = view(images, units: units, classes: 3, strength: 0.8, seed: 1)
    let scores = TransferScores(original)
    let quarter = original.features.nested.map { row in
      row.indices.map { $0 % 2 == 0 ? -row[$0 + 1] : row[$0 - 1] }
    }
    let reflected = original.features.nested.map { row in
      let mean = row.reduce(0, +) / Float(units)
      return row.map { $0 - 2 * mean }
    }
    for (features, tolerance) in [(quarter, 1e-12), (reflected, 1e-5)] {
      let turned = TransferScores(replacing(original, features: features))
      for score in [TransferScore.logME, .hScore, .nearestMean] {
        expectClose(turned[score], scores[score], within: tolerance, score.name)
      }
    }
  }

  @Test(
    "neither the H-score nor LogME nor the nearest mean knows the unit of the features", arguments: [(90, 8), (10, 24)])
  func scale(images: Int, units: Int) {
    let original = view(images, units: units, classes: 3, strength: 0.8, seed: 2)
    let scores = TransferScores(original)
    for factor in [Float(0x1p-20), 64, 0x1p30] {
      let scaled = original.features.nested.map { $0.map { factor * $0 } }
      let found = TransferScores(replacing(original, features: scaled))
      expectClose(found[.hScore], scores[.hScore], within: 1e-12, "H-score")
      expectClose(found[.logME], scores[.logME], within: 1e-8, "LogME")
      expectClose(found[.nearestMean], scores[.nearestMean], within: 0, "nearest mean")
    }
  }

  @Test("with one image per class no score sees which image is of which class, with two each does")
  func hiddenLabels() {
    for (images, units) in [(5, 8), (10, 8), (5, 3), (10, 3)] {
      let original = view(images, units: units, classes: 5, strength: 1.5, seed: 9)
      // Images 0 and 6 exchange their classes, or 0 and 1 where there is one of each.
      var labels = original.labels
      labels.swapAt(0, images == 5 ? 1 : 6)
      let (before, after) = (
        TransferScores(original),
        TransferScores(
          SourceView(
            features: original.features, probabilities: original.probabilities, labels: labels, classCount: 5))
      )
      for score in TransferScore.allCases where score != .nearestMean && score != .nce {
        let (one, other) = (before[score] ?? .nan, after[score] ?? .nan)
        #expect((abs(one - other) < 1e-9 * abs(one)) == (images == 5), "\(score.name): \(one), \(other)")
      }
      if images == 5 { #expect(before[.nce] == after[.nce] && before[.nearestMean] == nil) }
    }
  }

  @Test("a common offset changes neither the H-score nor the nearest mean")
  func offset() {
    let original = view(60, units: 6, classes: 3, strength: 0.8, seed: 3) { $0.map { ($0 * 64).rounded() } }
    let scores = TransferScores(original)
    let moved = TransferScores(replacing(original, features: original.features.nested.map { $0.map { $0 + 100_000 } }))
    expectClose(moved[.hScore], scores[.hScore], within: 1e-12, "H-score")
    expectClose(moved[.nearestMean], scores[.nearestMean], within: 0, "nearest mean")
    #expect(moved[.logME] != scores[.logME])
  }

  @Test("no source has a LEEP or an NCE above 0, which one that knows the labels has")
  func upperBound() {
    let labels = (0..<40).map { $0 * $0 % 3 }
    for certainty in [Float(1), 0.999_999_9, 0.9] {
      let rows = labels.map { label in (0..<3).map { $0 == label ? certainty : (1 - certainty) / 2 } }
      let scores = TransferScores(
        SourceView(features: Matrix(rows), probabilities: Matrix(rows), labels: labels, classCount: 3))
      let leep = scores[.leep] ?? .nan
      #expect(leep <= 0 && (certainty < 1 || leep == 0))
      #expect(scores[.nce] == 0)
      #expect(scores[.nearestMean] == 1)
    }
    // Probabilities that softmax rounded upwards.
    let rows = labels.map { label in (0..<3).map { $0 == label ? Float(1).nextUp : 0 } }
    let found = TransferScores(
      SourceView(features: Matrix(rows), probabilities: Matrix(rows), labels: labels, classCount: 3))
    #expect(found[.leep] == 0)
  }

  @Test("every score prefers a source that tells the classes apart to one whose labels were shuffled")
  func order() {
    let good = view(200, units: 10, classes: 4, strength: 1.5, seed: 4)
    var labels = good.labels
    var stream = RandomStream(RandomKey(seed: 5, purpose: .shuffle))
    stream.shuffle(&labels)
    let shuffled = SourceView(
      features: good.features, probabilities: good.probabilities, labels: labels, classCount: 4)
    let (better, worse) = (TransferScores(good), TransferScores(shuffled))
    for score in TransferScore.allCases {
      #expect((better[score] ?? .nan) > (worse[score] ?? .nan) + 0.05, "\(score.name)")
    }
    let weak = TransferScores(view(200, units: 10, classes: 4, strength: 0.4, seed: 4))
    for score in TransferScore.allCases {
      #expect((better[score] ?? .nan) > (weak[score] ?? .nan), "\(score.name)")
      #expect((weak[score] ?? .nan) > (worse[score] ?? .nan), "\(score.name)")
    }
  }

  @Test("without images, units, source classes or finite features the scores that need them have no value")
  func absent() {
    let nothing = SourceView(
      features: Matrix(rows: 0, columns: 3), probabilities: Matrix(rows: 0, columns: 2), labels: [], classCount: 2)
    #expect(TransferScores(nothing).values.isEmpty)
    let noUnits = SourceView(
      features: Matrix(rows: 3, columns: 0), probabilities: Matrix(rows: 3, columns: 0), labels: [0, 1, 1],
      classCount: 2)
    #expect(TransferScores(noUnits)[.leep] == nil && TransferScores(noUnits)[.nce] == nil)
    #expect(TransferScores(noUnits)[.hScore] == 0)
    #expect(TransferScores(noUnits)[.logME]?.isFinite == true)
    for odd in [Float.nan, .infinity, -.infinity] {
      let broken = SourceView(
        features: Matrix([[1, 2], [odd, 1], [0, 0]]), probabilities: Matrix([[1, 0], [0, 1], [0.5, 0.5]]),
        labels: [0, 1, 1], classCount: 2)
      #expect(Set(TransferScores(broken).values.keys) == [.leep, .nce])
      let unsaid = SourceView(
        features: broken.probabilities, probabilities: broken.features, labels: [0, 1, 1], classCount: 2)
      #expect(Set(TransferScores(unsaid).values.keys) == [.logME, .hScore, .nearestMean])
    }
  }

  @Test("whatever the size of the features, no value is infinite or not a number")
  func extremes() {
    let original = view(12, units: 5, classes: 3, strength: 1, seed: 6)
    for factor in [Float.leastNormalMagnitude, 1e-30, 1e30, 1e37] {
      for images in [2, 3, 5, 6, 12] {
        let rows = original.features.nested.prefix(images).map { $0.map { factor * $0 } }
        let scores = TransferScores(
          SourceView(
            features: Matrix(rows), probabilities: Matrix(original.probabilities.nested.prefix(images).map { $0 }),
            labels: Array(original.labels.prefix(images)), classCount: 3))
        #expect(scores[.logME] != nil && scores[.hScore] != nil, "\(factor), \(images)")
        #expect(scores.values.values.allSatisfy { $0.isFinite })
      }
    }
  }

  @Test("every score has its own name and says what it needs")
  func names() {
    #expect(Set(TransferScore.allCases.map(\.name)).count == 5)
    #expect(TransferScore.allCases.allSatisfy { $0.need.hasPrefix("needs ") })
  }
}
