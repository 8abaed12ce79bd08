import GraftFiles

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A listing of all files below a folder. Each folder is visited once, by its device and number: links that lead in circles
/// would repeat its pictures, and a link to another class would give it their labels.
struct FolderListing {
  private(set) var files: [PictureTree.File] = []
  private(set) var folders: Set<[String]> = []
  /// What is named like a picture and is no file, and links to folders that were visited, each with its kind in words.
  private(set) var strangers: [String] = []
  private var visited: Set<[UInt64]> = []
  /// Links to folders, which are followed when all true folders were visited.
  private var links: [(place: String, path: [String])] = []

  /// The most folders one below the other.
  private static let mostLevels = 12

  /// - Throws: `FileFailure` if a folder cannot be read.
  mutating func list(_ root: String) throws(FileFailure) {
    try visit(root, path: [])
    var next = 0
    while next < links.count {
      let link = links[next]
      next += 1
      try visit(link.place, path: link.path)
    }
  }

  private mutating func visit(_ folder: String, path: [String]) throws(FileFailure) {
    var status = stat()
    guard stat(folder, &status) == 0 else { throw FileFailure(path: folder, action: .read, errno: errno) }
    guard visited.insert([UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino)]).inserted else {
      strangers.append("\(path.joined(separator: "/")) (a link to a folder that is read already)")
      return
    }
    if !path.isEmpty { folders.insert(path) }
    for name in try Folder.names(of: folder).sorted() where !PictureTree.isLeftover(name) {
      let full = join(folder, name)
      guard lstat(full, &status) == 0 else { continue }
      let isLink = status.st_mode & S_IFMT == S_IFLNK
      if isLink, stat(full, &status) != 0 {
        add(stranger: path + [name], "a link to nothing")
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR where path.count < FolderListing.mostLevels:
        if isLink { links.append((full, path + [name])) } else { try visit(full, path: path + [name]) }
      case S_IFDIR: break
      case S_IFREG: files.append(file(path + [name], status))
      default: add(stranger: path + [name], kindName(status.st_mode))
      }
    }
  }

  private func file(_ path: [String], _ status: stat) -> PictureTree.File {
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return PictureTree.File(
      path: path, size: Int(status.st_size), changed: time.tv_sec * 1_000_000_000 + time.tv_nsec)
  }

  private mutating func add(stranger path: [String], _ kind: String) {
    guard let name = path.last, PictureName(name) != .other else { return }
    strangers.append("\(path.joined(separator: "/")) (\(kind))")
  }
}
