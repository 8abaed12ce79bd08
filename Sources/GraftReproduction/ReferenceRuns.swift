import GraftFiles
import GraftStatistics
import GraftTraining

/// The runs of the study's recipes in PyTorch over many seeds, from `reference.json`: a faithful implementation should
/// give the same.
package struct ReferenceRuns: Sendable {
  /// The right answers of one system on one half, seed by seed.
  package struct Cell: Sendable, Hashable {
    /// Test images of the target.
    package let images: Int
    /// Right answers on the target, one per seed.
    package let correct: [Int]
    /// Right answers of a transfer's source network on the source's test images, same seeds; nil without a source.
    package let sourceCorrect: [Int]?
    /// Test images of the source; nil without a source.
    package let sourceImages: Int?

    /// The accuracies on the target's own test images, in percent, one per seed.
    package var accuracy: Sample { Sample(correct.map { 100 * Double($0) / Double(images) }) }

    /// The accuracies as the study counted, over source and target together, in percent, one per seed.
    package var pooled: Sample? {
      guard let sourceCorrect, let sourceImages else { return nil }
      return Sample(zip(correct, sourceCorrect).map { 100 * Double($0 + $1) / Double(images + sourceImages) })
    }
  }

  private let cells: [PaperTask: Cell]
  /// The accuracies of the older variant in NumPy, in percent, one per run.
  private let numPy: [PaperTask: [Double]]

  /// SHA-256 of the training and test images of each half that the runs saw, as `Dataset.digest` counts them; empty
  /// if the file names none.
  let dataDigests: [String: String]

  /// Reads the file that is built into the program.
  package static func load() throws -> ReferenceRuns {
    try ReferenceRuns(JSON(parsing: PackageResources.reference_json))
  }

  package init(_ json: JSON) throws(FormatError) {
    var cells: [PaperTask: Cell] = [:]
    for result in json["results"]?.array ?? [] {
      guard let system = result["system"]?.string.flatMap(PaperSystem.init(rawValue:)),
        let target = result["target"]?.string.flatMap(Half.init(rawValue:)), let images = result["images"]?.int,
        let correct = result["correct"]?.array?.compactMap(\.int)
      else { throw FormatError(path: "reference.json", problem: "a result lacks system, target, images or correct") }
      cells[PaperTask(system, target)] = Cell(
        images: images, correct: correct, sourceCorrect: result["source_correct"]?.array?.compactMap(\.int),
        sourceImages: result["source_images"]?.int)
    }
    self.cells = cells
    var numPy: [PaperTask: [Double]] = [:]
    for run in json["numpy"]?.array ?? [] {
      guard let system = run["system"]?.string.flatMap(PaperSystem.init(rawValue:)),
        let target = run["target"]?.string.flatMap(Half.init(rawValue:)), let images = run["images"]?.int,
        let correct = run["correct"]?.int
      else { throw FormatError(path: "reference.json", problem: "a NumPy run lacks system, target, images or correct") }
      numPy[PaperTask(system, target), default: []].append(100 * Double(correct) / Double(images))
    }
    self.numPy = numPy
    dataDigests = Dictionary(
      uniqueKeysWithValues: (json["data_sha256"]?.object ?? JSON.Object()).compactMap { member in
        member.value.string.map { (member.key, $0) }
      })
  }

  /// The runs of a task; nil if there are none.
  package subscript(task: PaperTask) -> Cell? { cells[task] }

  /// Accuracies of the older variant in NumPy, in percent.
  package func numPyAccuracies(of task: PaperTask) -> [Double] { numPy[task] ?? [] }

  /// The confidence with which `--check` says that a run of ours is not like the reference's: one false alarm in a
  /// thousand for each cell and counting, shared out among the runs that are asked (Bonferroni).
  package static func checkConfidence(runs: Int) -> Double { 1 - 0.001 / Double(max(runs, 1)) }
  /// The confidence of a verdict on a published figure. It is less than the check's: six figures are judged, and a
  /// range that takes in all but one run in a thousand would take in figures that no reference run comes near.
  package static let verdictConfidence = 0.99
}
