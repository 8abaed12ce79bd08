import GraftFiles

/// The files that a command is about to write. None may replace a file that it reads, its store, or another output,
/// however the two are spelt: the old content would be lost.
struct OutputFiles {
  private var taken: [(name: String, path: String)] = []

  /// - Parameter path: Nil if the command was given none.
  mutating func reads(_ name: String, _ path: String?) {
    if let path { taken.append((name, path)) }
  }

  /// - Throws: If the file is in use already.
  mutating func writes(_ flag: String, _ path: String?) throws(GraftFailure) {
    guard let path else { return }
    if let other = taken.first(where: { isSameFile($0.path, path) }) {
      throw GraftFailure(.usage, "\(flag) is the file of \(other.name), which would be lost: \(path)")
    }
    taken.append((flag, path))
  }
}
