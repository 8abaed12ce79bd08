import GraftData
import GraftFiles
import GraftMatrices
import GraftReproduction
import GraftStatistics
import GraftWorkbench
import NumericChecks

/// The study on ten classes of tiny images, with published and reference figures of the test's own making.
enum SyntheticStudy {
  static let testImagesPerClass = 5
  /// Test images of one half.
  static let images = 5 * testImagesPerClass

  static let scratchEpochs = 12
  static let transferEpochs = 6

  /// All trainings of two seeds, computed once for all tests.
  static func trained() throws -> [Reproduction.Trained] { try shared.get() }

  private static let shared = Result { try Reproduction(options(threads: 2), on: data()).run() }

  static func data(name: String = "mnist") throws -> PaperData {
    func dataset(_ perClass: Int, seed: UInt64) -> Dataset {
      // So much noise that nothing is learned completely.
      let images = PatternImages(perClass: perClass, noise: 0.5, seed: seed)
      return Dataset(
        name: name, shape: images.shape, classNames: (0..<10).map { "\($0)" }, pixels: images.pixels,
        labels: images.labels)
    }
    return try PaperData(
      DatasetPair(train: dataset(60, seed: 1), test: dataset(testImagesPerClass, seed: 2)))
  }

  static func options(seeds: [UInt64] = [0, 1], threads: Int = 1, folder: String? = nil) -> Reproduction.Options {
    var options = Reproduction.Options()
    options.seeds = seeds
    options.threads = threads
    options.scratchEpochs = scratchEpochs
    options.transferEpochs = transferEpochs
    options.folder = folder
    options.version = "1.2.3"
    return options
  }

  /// Figures by published key (`transfer_odd`), on the synthetic test images.
  static func published(_ table: [(String, Double)], claims: [String] = []) throws -> PublishedPaper {
    let matrix = "[\((0..<5).map { _ in "[5,0,0,0,0]" }.joined(separator: ","))]"
    let entries = table.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    let counts = (0..<10).map { "\"\($0)\":\(testImagesPerClass)" }.joined(separator: ",")
    let claims = claims.map { "{\"id\":\"\($0)\",\"claim\":\"98.52 \($0)\",\"where\":\"page 1\"}" }
    return try PublishedPaper(
      JSON(
        parsing: """
          {"test_images":{\(counts)},"table":{\(entries)},"table_by_share":{},\
          "matrices":{"report":{"network_odd":\(matrix)}},"claims":[\(claims.joined(separator: ","))]}
          """))
  }

  /// Right answers by task and seed.
  static func reference(_ results: [(PaperTask, [Int])], source: [Int] = []) throws -> ReferenceRuns {
    let entries = results.map { task, correct in
      let ofSource = task.source == nil ? "" : ",\"source_correct\":\(source),\"source_images\":\(images)"
      return "{\"system\":\"\(task.system.rawValue)\",\"target\":\"\(task.target.rawValue)\",\"images\":\(images),"
        + "\"correct\":\(correct)\(ofSource)}"
    }
    return try ReferenceRuns(JSON(parsing: "{\"results\":[\(entries.joined(separator: ","))]}"))
  }

  /// The options of a full run, with which results are judged.
  static func judgingOptions(seeds: [UInt64] = [0, 1]) -> Reproduction.Options {
    var options = Reproduction.Options()
    options.seeds = seeds
    return options
  }
}
