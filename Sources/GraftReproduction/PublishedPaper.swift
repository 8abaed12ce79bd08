import GraftData
import GraftFiles
import GraftTraining

/// The numbers that the study published, from `published.json`. Nothing here is ours.
package struct PublishedPaper: Sendable {
  /// A sentence of the study that can be checked.
  package struct Claim: Sendable, Hashable {
    /// The claim's name, by which it is judged.
    package let id: String
    /// The sentence itself.
    package let claim: String
    /// The place in the study, with a note if there is one.
    package let place: String
  }

  /// Test images of each digit.
  package let testImages: [Int]
  /// The sentences that can be checked.
  package let claims: [Claim]
  private let table: [String: Double]
  private let shares: [String: [String: Double]]
  private let matrices: [String: [String: ConfusionMatrix]]

  /// The study's two publications, each with its own confusion matrices.
  package enum Publication: String, Sendable, CaseIterable { case report, repository }

  /// Reads the file that is built into the program.
  package static func load() throws -> PublishedPaper {
    try PublishedPaper(JSON(parsing: PackageResources.published_json))
  }

  package init(_ json: JSON) throws(FormatError) {
    func fail(_ what: String) -> FormatError { FormatError(path: "published.json", problem: "no \(what)") }
    guard let counts = json["test_images"]?.object, let table = json["table"]?.object,
      let shares = json["table_by_share"]?.object, let matrices = json["matrices"]?.object,
      let claims = json["claims"]?.array
    else { throw fail("test_images, table, table_by_share, matrices or claims") }
    testImages = (0..<counts.count).compactMap { counts["\($0)"]?.int }
    self.table = PublishedPaper.numbers(table)
    self.shares = Dictionary(uniqueKeysWithValues: shares.map { ($0.key, PublishedPaper.numbers($0.value.object)) })
    self.claims = claims.compactMap { claim in
      guard let id = claim["id"]?.string, let text = claim["claim"]?.string else { return nil }
      let note = claim["note"]?.string.map { "; \($0)" } ?? ""
      return Claim(id: id, claim: text, place: (claim["where"]?.string ?? "") + note)
    }
    var read: [String: [String: ConfusionMatrix]] = [:]
    for publication in matrices {
      guard let cells = publication.value.object else { throw fail("matrices") }
      for cell in cells {
        let rows = cell.value.array?.map { $0.array?.compactMap(\.int) ?? [] } ?? []
        guard rows.count == 5, rows.allSatisfy({ $0.count == 5 }) else { throw fail("5 x 5 matrix \(cell.key)") }
        read[publication.key, default: [:]][cell.key] = ConfusionMatrix(counts: rows)
      }
    }
    self.matrices = read
  }

  private static func numbers(_ object: JSON.Object?) -> [String: Double] {
    Dictionary(
      uniqueKeysWithValues: (object ?? JSON.Object()).compactMap { member in
        member.value.double.map { (member.key, $0) }
      })
  }

  /// The accuracy in the study's headline table, in percent.
  package func accuracy(of task: PaperTask) -> Double? { table[task.publishedKey] }

  /// The accuracy in the report's second table, in percent, for a share of the training data.
  package func accuracy(of task: PaperTask, percent: Int) -> Double? { shares["\(percent)"]?[task.publishedKey] }

  /// The confusion matrix of a publication: rows and columns the half's five digits.
  package func matrix(of task: PaperTask, in publication: Publication) -> ConfusionMatrix? {
    matrices[publication.rawValue]?[task.publishedKey]
  }

  /// Test images of one half.
  package func testImages(of half: Half) -> Int { half.selection.classes.reduce(0) { $0 + testImages[$1] } }

  /// The target's own part of a pooled figure, if the source's figure is the table's.
  package struct Unpooled: Sendable, Hashable {
    /// Right answers on source and target together, as the pooled figure says.
    package let pooledCorrect: Int
    /// Right answers on the source, as its own figure says.
    package let sourceCorrect: Int
    /// Test images of the target.
    package let images: Int

    /// Right answers on the target.
    package var correct: Int { pooledCorrect - sourceCorrect }
    /// The accuracy on the target in percent.
    package var accuracy: Tally { Tally(correct: correct, images: images) }
  }

  /// Undoes the pooling of a transfer's figure. Accuracies are whole numbers of images, so the figures are first turned back
  /// into counts.
  package func unpooled(_ target: Half) -> Unpooled? {
    guard let pooled = accuracy(of: PaperTask(.transfer, target)),
      let source = accuracy(of: PaperTask(.network, target.other))
    else { return nil }
    let (own, other) = (testImages(of: target), testImages(of: target.other))
    func count(_ percent: Double, of images: Int) -> Int { Int((percent / 100 * Double(images)).rounded()) }
    return Unpooled(
      pooledCorrect: count(pooled, of: own + other), sourceCorrect: count(source, of: other), images: own)
  }
}
