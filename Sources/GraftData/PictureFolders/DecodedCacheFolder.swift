import GraftFiles

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The folder of decoded pictures, which is bounded and can be emptied.
package struct DecodedCacheFolder {
  /// A file of decoded pictures.
  package struct File: Sendable {
    package let path: String
    package let size: Int
    /// Seconds since 1970.
    package let used: Int
  }

  /// The ending of files of features that frozen bodies make of pictures.
  package static let featuresExtension = ".features"

  private static let fileExtensions = [DecodedCache.fileExtension, DecodedCache.pixelsExtension, featuresExtension]

  /// The most bytes in the folder.
  package static var mostBytes: Int { DecodedCache.mostBytes }

  package let path: String

  package init(_ path: String) { self.path = path }

  /// The folder that the environment names; nil if it names no home.
  package init?(environment: [String: String]) {
    guard let path = UserFolders(environment).graftCache("decoded") else { return nil }
    self.init(path)
  }

  /// The files, the one that was used longest ago first; none if the folder cannot be read.
  package var files: [File] { (try? list()) ?? [] }

  /// Lists the files, the one that was used longest ago first; none if there is no folder.
  ///
  /// - Throws: If the folder cannot be read.
  package func list() throws(FileFailure) -> [File] {
    guard access(path, F_OK) == 0 || errno != ENOENT else { return [] }
    let names = try Folder.names(of: path).filter { name in
      DecodedCacheFolder.fileExtensions.contains { name.hasSuffix($0) }
    }
    return names.compactMap { name -> File? in
      var status = stat()
      guard stat(join(path, name), &status) == 0 else { return nil }
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      return File(path: join(path, name), size: Int(status.st_size), used: time.tv_sec)
    }.sorted { ($0.used, $0.path) < ($1.used, $1.path) }
  }

  /// Removes the files that were used longest ago until there is room for `bytes` more.
  ///
  /// - Parameter kept: A file that stays, however large it is: the one that is in use.
  package func makeRoom(for bytes: Int, keeping kept: String? = nil) {
    TemporaryName.removeLeftovers(in: path)
    var all = files
    var total = all.reduce(bytes) { $0 + $1.size }
    all.removeAll { $0.path == kept }
    while !all.isEmpty, total > DecodedCache.mostBytes {
      let oldest = all.removeFirst()
      unlink(oldest.path)
      total -= oldest.size
    }
  }

  /// Removes all files and returns the bytes that they had.
  ///
  /// - Throws: If the folder cannot be read, or a file cannot be removed.
  package func clear() throws(FileFailure) -> Int {
    var freed = 0
    for file in try list() {
      guard unlink(file.path) == 0 || errno == ENOENT else {
        throw FileFailure(path: file.path, action: .remove, errno: errno)
      }
      freed += file.size
    }
    return freed
  }
}
