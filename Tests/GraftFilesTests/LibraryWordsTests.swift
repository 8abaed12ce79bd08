import Foundation
import GraftFiles
import Testing

/// Looks in the sources for flags that a library names: a program that calls it has none.
@Suite("Words of the libraries")
struct LibraryWordsTests {
  /// Modules that write for readers of the command line.
  private static let speaking = ["GraftCommand", "GraftSettings", "GraftReporting", "GraftBenchmarking"]

  /// Every line of code that names a flag, with its place. Outside comments two hyphens before a word stand only in texts.
  private static func lines(of modules: (String) -> Bool) throws -> [String] {
    let sources = URL(fileURLWithPath: #filePath).appending(path: "../../../Sources").standardized
    var found: [String] = []
    for module in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted() where modules(module) {
      let folder = sources.appending(path: module)
      guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { continue }
      for case let file as URL in files where file.pathExtension == "swift" {
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        for (index, line) in lines.enumerated() {
          let code = line.trimmingCharacters(in: .whitespaces).components(separatedBy: " // ")[0]
          if code.hasPrefix("//") || code.range(of: #"--[a-z\\]"#, options: .regularExpression) == nil { continue }
          found.append("\(module)/\(file.lastPathComponent):\(index + 1): \(code)")
        }
      }
    }
    return found
  }

  @Test("the libraries name no flag; the command does")
  func flags() throws {
    let libraries = try Self.lines(of: { !Self.speaking.contains($0) })
    #expect(libraries == [])
    let command = try Self.lines(of: { $0 == "GraftCommand" })
    #expect(command.count > 50, "the sources were not found")
  }

  @Test("a remedy goes with its error and is none of its words")
  func remedies() {
    let failure = GraftFailure(.usage, "a")
    #expect(failure.remedy == nil && failure.with(.resizing).remedy == .resizing)
    #expect(failure.with(.resizing).description == "a" && failure.with(.resizing).kind == .usage)
    let error = FormatError(problem: "b").with(.framing).at(path: "p").inside("c")
    #expect(error.remedy == .framing && error.description == "p: in c: b")
    #expect(remedy(of: failure.with(.newHead)) == .newHead && remedy(of: error) == .framing)
    #expect(remedy(of: failure) == nil && remedy(of: CancellationError()) == nil)
  }
}
