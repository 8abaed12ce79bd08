import Foundation
import Testing

/// Counts what a program of somebody else's sees of the package, in the sources.
@Suite("The public face")
struct PublicFaceTests {
  private struct Declaration: CustomStringConvertible {
    let place: String
    let text: String
    let isDocumented: Bool
    var description: String { "\(place): \(text)" }
  }

  /// Every line that declares something public, with whether a `///` comment stands above it and its attributes.
  private static func declarations() throws -> [Declaration] {
    let sources = URL(fileURLWithPath: #filePath).appending(path: "../../../Sources").standardized
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var found: [Declaration] = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      for (index, line) in lines.enumerated() {
        let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
        guard words.first == "public" || words.first == "open", words.dropFirst().first != "import",
          words.dropFirst().first != "extension"
        else { continue }
        let above = lines[..<index].last { !$0.hasPrefix("@") && !$0.isEmpty } ?? ""
        found.append(
          Declaration(
            place: "\(file.lastPathComponent):\(index + 1)", text: line, isDocumented: above.hasPrefix("///")))
      }
    }
    return found
  }

  @Test("everything public is documented")
  func documented() throws {
    let all = try Self.declarations()
    #expect(all.count > 300, "the sources were not found")
    #expect(all.filter { !$0.isDocumented }.map(\.description) == [])
  }

  @Test("the public face stays small")
  func small() throws {
    #expect(try Self.declarations().count <= 450)
  }
}
