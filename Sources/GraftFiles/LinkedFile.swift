#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The end of a chain of symbolic links, whether or not a file is there; `path` itself if it is no link. The folders on
/// the way are left as they are written.
///
/// - Returns: nil if the links form a circle.
func followingLinks(_ path: String) -> String? {
  var current = path
  for _ in 0..<40 {
    var status = stat()
    guard lstat(current, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return current }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(current, &buffer, buffer.count)
    guard count > 0, count < buffer.count else { return nil }
    let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    if target.hasPrefix("/") {
      current = target
    } else if let slash = current.utf8.lastIndex(of: UInt8(ascii: "/")) {
      current = current[...slash] + target
    } else {
      current = target
    }
  }
  return nil
}
