import GraftFiles
import GraftPictures

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files of a folder or of a zip archive with their folders, in the order of their paths.
///
/// Hidden files and those that systems leave in folders (`.DS_Store`, `Thumbs.db`, `__MACOSX`) are no part of it.
struct PictureTree: Sendable {
  /// A file of the tree.
  struct File: Sendable, Hashable {
    /// The names of the folders below the root, and of the file: `["train", "cat", "1.jpg"]`.
    let path: [String]
    let size: Int
    /// The time of the last change in nanoseconds since 1970; 0 in an archive.
    let changed: Int

    var name: String { path[path.count - 1] }
  }

  /// The folder or the archive.
  let root: String
  let files: [File]
  private let archive: ZIPArchive?
  private let entries: [[String]: ZIPArchive.Entry]

  /// Lists a folder, or the archive in a file.
  ///
  /// - Throws: `FileFailure` if a folder cannot be read, `FormatError` if the archive is damaged.
  init(_ root: String) throws {
    self.root = root
    if try isFolder(root) {
      archive = nil
      entries = [:]
      var found: [File] = []
      try PictureTree.list(root, path: [], into: &found)
      files = found.sorted { PictureTree.precedes($0.path, $1.path) }
      return
    }
    let bytes = try readFile(at: root)
    let archive: ZIPArchive
    do throws(FormatError) { archive = try ZIPArchive(decoding: bytes) } catch { throw error.at(path: root) }
    var (entries, found): ([[String]: ZIPArchive.Entry], [File]) = ([:], [])
    for entry in archive.entries where !entry.name.hasSuffix("/") {
      // Names are only compared: nothing is ever written under them.
      let path = entry.name.split(separator: "/").map(String.init)
      guard !path.isEmpty, !path.contains(where: PictureTree.isLeftover) else { continue }
      entries[path] = entry
      found.append(File(path: path, size: entry.size, changed: 0))
    }
    self.archive = archive
    self.entries = entries
    files = found.sorted { PictureTree.precedes($0.path, $1.path) }
  }

  /// Whether names are of files and folders that systems leave behind, or that are hidden.
  private static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".") || ["__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r"].contains(name)
  }

  /// The order of bytes, folder by folder, which no language setting changes.
  private static func precedes(_ one: [String], _ other: [String]) -> Bool {
    one.lexicographicallyPrecedes(other) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Folders below folders that are followed; a link to a parent would lead on for ever.
  private static let mostLevels = 12

  private static func list(_ folder: String, path: [String], into files: inout [File]) throws(FileFailure) {
    for name in try Folder.names(of: folder) where !isLeftover(name) {
      let full = join(folder, name)
      var status = stat()
      // A link to nowhere is no file.
      guard stat(full, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR where path.count < mostLevels: try list(full, path: path + [name], into: &files)
      case S_IFREG:
        #if canImport(Darwin)
          let time = status.st_mtimespec
        #else
          let time = status.st_mtim
        #endif
        files.append(
          File(path: path + [name], size: Int(status.st_size), changed: time.tv_sec * 1_000_000_000 + time.tv_nsec))
      default: break
      }
    }
  }

  /// The bytes of a file.
  ///
  /// - Throws: `FileFailure` if it cannot be read, `FormatError` without a path if its entry in the archive is damaged.
  func bytes(of file: File) throws -> [UInt8] {
    guard let archive else { return try readFile(at: place(of: file), limit: PictureTree.largestFile) }
    guard let entry = entries[file.path] else { throw FormatError(problem: "not in the archive") }
    guard entry.size <= PictureTree.largestFile else {
      throw FormatError.expected("at most \(byteCount(PictureTree.largestFile))", found: byteCount(entry.size))
    }
    return try archive.unpack(entry)
  }

  /// The largest file that is read as a picture, in bytes.
  private static let largestFile = 512 << 20

  /// The place of a file as errors name it: `photos/cat/1.jpg`, or `photos.zip: cat/1.jpg`.
  func place(of file: File) -> String {
    let inside = file.path.joined(separator: "/")
    return archive == nil ? join(root, inside) : "\(root): \(inside)"
  }

  // MARK: Looking

  /// Whether a folder has a picture in one of its subfolders, which is found without listing all.
  static func hasPictures(in folder: String) -> Bool {
    func search(_ folder: String, _ level: Int) -> Bool {
      let names = ((try? Folder.names(of: folder)) ?? []).filter { !isLeftover($0) }
      if level > 0, names.contains(where: { PictureName($0) == .picture }) { return true }
      return level < 4 && names.contains { PictureName($0) == .other && search(join(folder, $0), level + 1) }
    }
    return search(folder, 0)
  }
}
