import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftPictures
import NumericChecks
import Testing

@Suite("Arrays and tables, read as NumPy reads them")
struct ArrayGoldenTests {
  /// One data set of `arrays.json`: its files, and what a reader gives.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct File: Decodable, Sendable {
      let name: String
      let bytes: String
    }

    struct Part: Decodable, Sendable {
      let pixels: String
      let labels: [Int]
    }

    let name: String
    /// The file that is named, or "" for the folder.
    let path: String
    let files: [File]
    let size: [Int]?
    let colors: String?
    let keys: String?
    let shape: [Int]
    let train: Part
    let test: Part
    let classNames: [String]?

    var testDescription: String { name }
  }

  private struct Cases: Decodable {
    let cases: [Case]
  }

  static let cases = (try? Golden.load(Cases.self, from: "arrays").cases) ?? []

  @Test("there are the cases of the script") func count() { #expect(Self.cases.count == 48) }

  @Test("pixels, labels and classes are those of NumPy", arguments: cases)
  func reads(_ known: Case) throws {
    let folder = TemporaryFolder()
    for file in known.files { folder.write(Array(try #require(Data(base64Encoded: file.bytes))), to: file.name) }
    var request = DataRequest(name: "\(folder.path)/\(known.path)", environment: [:], isOffline: true)
    request.options.size = known.size.map { ImageSize(height: $0[0], width: $0[1]) }
    request.options.colors = known.colors.flatMap(ColorMode.init)
    request.options.keys = try known.keys.map { try ArrayKeys(parsing: $0) }
    let pair = try DatasetPair.load(request).pair
    for (part, expected) in [(pair.train, known.train), (pair.test, known.test)] {
      #expect(part.shape == ImageShape(channels: known.shape[0], height: known.shape[1], width: known.shape[2]))
      #expect(part.labels == expected.labels)
      #expect(Data(part.pixels) == Data(base64Encoded: expected.pixels))
      let largest = (known.train.labels + known.test.labels).max() ?? 0
      #expect(part.classNames == known.classNames ?? (0...largest).map(String.init))
    }
  }
}
