import Foundation
import GraftFiles
import GraftStatistics
import GraftTraining

extension ReproductionResult {
  /// The measured part of a reproduction, as a file keeps it. The published figures, and all that follows from both,
  /// are added anew when it is read.
  struct Record: Codable {
    static let schemaVersion = 1

    var schemaVersion = Record.schemaVersion
    let dataName: String
    let isStudysData: Bool
    let trainCounts: [Int]
    let testCounts: [Int]
    let evenDigest: String
    let oddDigest: String
    let options: Reproduction.Options
    let outcomes: [PaperTraining]
    let seconds: Double
    let shares: [PaperShareCell]
    let variant: [NumPyOutcome]
    let fewLabels: [FewLabelsOutcome]
  }

  /// The name of the file in a reproduction's folder.
  package static let recordName = "reproduction.json"

  /// The text of the record, which `init(recordAt:)` reads.
  package func recordText() throws -> String {
    let record = Record(
      dataName: dataName, isStudysData: isStudysData, trainCounts: trainCounts, testCounts: testCounts,
      evenDigest: trainDigests.even, oddDigest: trainDigests.odd, options: options, outcomes: outcomes,
      seconds: seconds, shares: shares, variant: variant, fewLabels: fewLabels)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A training that is not watched has a loss of NaN.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(record), as: UTF8.self) + "\n"
  }

  /// Reads a reproduction that `graft reproduce` has left in a folder.
  ///
  /// - Throws: A `GraftFailure` if the file is not such a record, or one of another version.
  package init(recordAt path: String) throws {
    try self.init(record: readFile(at: path), path: path)
  }

  /// Reads the bytes of such a file.
  package init(record bytes: [UInt8], path: String) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let record: Record
    do {
      record = try decoder.decode(Record.self, from: Data(bytes))
    } catch {
      throw GraftFailure(.badData, "\(path): not the record of a reproduction, or one of another version")
    }
    guard record.schemaVersion == Record.schemaVersion, record.isSound else {
      throw GraftFailure(.badData, "\(path): the record of a reproduction by another version, or a damaged one")
    }
    self.init(record, published: try PublishedPaper.load(), reference: try ReferenceRuns.load())
  }
}

extension ReproductionResult.Record {
  /// Whether counts and answers fit together, so that nothing that compares them can go wrong.
  fileprivate var isSound: Bool {
    trainCounts.count == 10 && testCounts.count == 10 && !options.seeds.isEmpty && outcomes.allSatisfy(isSound)
      && Half.allCases.allSatisfy { half in
        // Models are compared image by image.
        Set(outcomes.filter { $0.task.target == half }.map(\.labels)).count <= 1
      }
      && fewLabels.allSatisfy { outcome in
        let values = outcome.scratch.values + outcome.transfer.values
        return outcome.scratch.count == outcome.transfer.count && values.allSatisfy(\.isFinite)
      }
      && shares.allSatisfy { $0.images > 0 } && variant.allSatisfy { $0.images > 0 }
  }

  private func isSound(_ outcome: PaperTraining) -> Bool {
    let counts = outcome.confusion.counts
    return counts.count == 10 && counts.allSatisfy { $0.count == 10 && $0.allSatisfy { $0 >= 0 } }
      && outcome.labels.count == outcome.predictions.count && outcome.confusion.count == outcome.labels.count
      && (outcome.labels + outcome.predictions).allSatisfy { (0..<10).contains($0) }
  }
}
