#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Whether two paths name one file, however they are written: by links, `./x` and `x`. Files that do not exist yet are
/// compared by their folders and names, or by those that a link names.
package func isSameFile(_ one: String, _ other: String) -> Bool { resolvedPath(one) == resolvedPath(other) }

/// The absolute path of the file that is meant, with all links resolved.
package func resolvedPath(_ path: String) -> String {
  func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
  if let path = real(path) { return path }
  let path = followingLinks(path) ?? path
  guard let slash = path.lastIndex(of: "/") else { return (real(".") ?? ".") + "/" + path }
  let folder = path[..<slash].isEmpty ? "/" : String(path[..<slash])
  return (real(folder) ?? folder) + "/" + path[path.index(after: slash)...]
}
