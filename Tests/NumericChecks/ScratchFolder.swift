import Foundation

/// A folder that is removed with everything in it when nobody holds it any more.
package final class ScratchFolder: Sendable {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("graft-checks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Every name in the folder, hidden ones included, sorted.
  package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// The text of the error that `body` throws, or what it returned.
package func errorText<Value>(_ body: () throws -> Value) -> String {
  do { return "no error: \(try body())" } catch { return "\(error)" }
}
