import Foundation
import GraftFiles
import GraftPictures
import NumericChecks
import Testing

/// A file that another program wrote, with its pixels (`Scripts/golden/pictures.py`).
struct GoldenPicture: Decodable, CustomTestStringConvertible {
  struct Shrunk: Decodable {
    let factor: Int
    let width: Int
    let height: Int
    let pixels: Data
  }

  let name: String
  let width: Int
  let height: Int
  let channels: Int
  let hasAlpha: Bool
  /// The largest difference that is allowed.
  let within: Int
  let file: Data
  let pixels: Data
  let greys: Data
  let shrunk: [Shrunk]

  var bytes: [UInt8] { Array(file) }
  var testDescription: String { name }

  static let all: [GoldenPicture] = {
    struct Cases: Decodable { let cases: [GoldenPicture] }
    return (try? Golden.load(Cases.self, from: "pictures").cases) ?? []
  }()

  static func named(_ name: String) throws -> GoldenPicture { try #require(all.first { $0.name == name }) }
}

/// The largest difference of two lists of samples; 256 if they are not of the same length.
func largestDifference(_ found: [UInt8], _ expected: Data) -> Int {
  guard found.count == expected.count else { return 256 }
  return zip(found, expected).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

/// The error's text, or the size of the picture.
func outcome(_ bytes: [UInt8]) -> String {
  do {
    let picture = try PictureReader(bytes).decoded()
    return "read: \(picture.width) x \(picture.height)"
  } catch {
    return error.description
  }
}

/// Whether a text is what an error should be: one line that is not the text of a success.
func isRefusal(_ text: String) -> Bool { !text.hasPrefix("read: ") && !text.contains("\n") && !text.isEmpty }
