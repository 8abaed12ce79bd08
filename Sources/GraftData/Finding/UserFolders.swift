/// The folders of the person who runs the program, as the environment names them.
package struct UserFolders: Sendable {
  private let environment: [String: String]

  package init(_ environment: [String: String]) { self.environment = environment }

  /// The folder in which all programs keep their caches; nil if the environment names no home.
  package var caches: String? {
    // The XDG base directory specification demands that relative paths are ignored.
    if let base = variable("XDG_CACHE_HOME"), base.utf8.first == UInt8(ascii: "/") { return base }
    return variable("HOME").map { join($0, ".cache") }
  }

  /// A folder in Graft's own cache; nil if the environment names no home.
  package func graftCache(_ name: String) -> String? { caches.map { join($0, "graft/\(name)") } }

  /// The value of a variable; nil if it is not set or empty.
  package func variable(_ name: String) -> String? {
    guard let value = environment[name], !value.isEmpty else { return nil }
    return value
  }
}
