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
    // The place of a byte that is wrong, which the decoder does not tell.
    let document: JSON
    do throws(FormatError) {
      document = try JSON(parsing: bytes, valueLimit: max(bytes.count, 1))
      guard document.object != nil else { throw FormatError(problem: "expected a JSON object") }
    } catch {
      throw GraftFailure(.badData, error.at(path: path).description)
    }
    if let number = document["schemaVersion"]?.int, number != Record.schemaVersion {
      throw GraftFailure(
        .badData,
        "\(path): the record of a reproduction of version \(number), this Graft reads \(Record.schemaVersion)")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let record: Record
    do {
      record = try decoder.decode(Record.self, from: Data(bytes))
    } catch {
      throw GraftFailure(.badData, "\(path): not the record of a reproduction: \(Record.words(error))")
    }
    if let problem = record.problem {
      throw GraftFailure(.badData, "\(path): a damaged record of a reproduction: \(problem)")
    }
    self.init(record, published: try PublishedPaper.load(), reference: try ReferenceRuns.load())
  }
}

extension ReproductionResult.Record {
  /// The field of a record that counts and answers do not fit; nil if they all fit, so that nothing that compares them can go wrong.
  fileprivate var problem: String? {
    if trainCounts.count != 10 { return "trainCounts: expected 10 numbers, found \(trainCounts.count)" }
    if testCounts.count != 10 { return "testCounts: expected 10 numbers, found \(testCounts.count)" }
    if options.seeds.isEmpty { return "options.seeds: expected at least one" }
    for (index, outcome) in outcomes.enumerated() {
      if let defect = defect(of: outcome) { return "outcomes.\(index).\(defect)" }
    }
    // Models are compared image by image.
    for half in Half.allCases where Set(outcomes.filter { $0.task.target == half }.map(\.labels)).count > 1 {
      return "outcomes: the labels of the \(half.rawValue) half differ from one to another"
    }
    for (index, outcome) in fewLabels.enumerated() {
      let values = outcome.scratch.values + outcome.transfer.values
      guard outcome.scratch.count == outcome.transfer.count && values.allSatisfy(\.isFinite) else {
        return "fewLabels.\(index): expected as many finite values of both"
      }
    }
    if !shares.allSatisfy({ $0.images > 0 }) { return "shares: expected images in each" }
    if !variant.allSatisfy({ $0.images > 0 }) { return "variant: expected images in each" }
    return nil
  }

  private func defect(of outcome: PaperTraining) -> String? {
    let counts = outcome.confusion.counts
    guard counts.count == 10 && counts.allSatisfy({ $0.count == 10 && $0.allSatisfy { $0 >= 0 } }) else {
      return "confusion: expected 10 x 10 numbers from 0 on"
    }
    guard outcome.labels.count == outcome.predictions.count else {
      return "labels: expected as many as predictions, \(outcome.predictions.count), found \(outcome.labels.count)"
    }
    guard outcome.confusion.count == outcome.labels.count else {
      return "confusion: expected \(outcome.labels.count) images as there are labels, found \(outcome.confusion.count)"
    }
    if let label = outcome.labels.first(where: { !(0..<10).contains($0) }) {
      return "labels: expected digits, found \(label)"
    }
    if let answer = outcome.predictions.first(where: { !(0..<10).contains($0) }) {
      return "predictions: expected digits, found \(answer)"
    }
    return nil
  }

  /// The place and the problem of a field that cannot be read.
  fileprivate static func words(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "damaged" }
    guard case .keyNotFound(let key, let context) = error else { return error.words }
    let place = (context.codingPath + [key]).map { $0.intValue.map(String.init) ?? $0.stringValue }
    return "\(place.joined(separator: ".")) is missing"
  }
}
