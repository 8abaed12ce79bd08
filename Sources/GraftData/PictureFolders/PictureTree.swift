import GraftFiles
import GraftPictures

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
  /// The folders below the root, as the files' paths name them.
  let folders: Set<[String]>
  /// What is named like a picture and is no file, and links to folders that are read elsewhere, each with its kind in words.
  let strangers: [String]
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
      var listing = FolderListing()
      try listing.list(root)
      files = listing.files.sorted { PictureTree.precedes($0.path, $1.path) }
      (folders, strangers) = (listing.folders, listing.strangers)
      return
    }
    let bytes = try readFile(at: root)
    let archive: ZIPArchive
    do throws(FormatError) { archive = try ZIPArchive(decoding: bytes) } catch { throw error.at(path: root) }
    var (entries, found): ([[String]: ZIPArchive.Entry], [File]) = ([:], [])
    var folders: Set<[String]> = []
    for entry in archive.entries {
      // Names are only compared: nothing is ever written under them.
      let path = entry.name.split(separator: "/").map(String.init)
      guard !path.isEmpty, !path.contains(where: PictureTree.isLeftover) else { continue }
      guard !entry.name.hasSuffix("/") else {
        folders.insert(path)
        continue
      }
      entries[path] = entry
      found.append(File(path: path, size: entry.size, changed: 0))
    }
    self.archive = archive
    self.entries = entries
    (self.folders, strangers) = (folders, [])
    files = found.sorted { PictureTree.precedes($0.path, $1.path) }
  }

  /// Whether names are of files and folders that systems leave behind, or that are hidden.
  static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".") || ["__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r"].contains(name)
  }

  /// The order of bytes, folder by folder, which no language setting changes.
  private static func precedes(_ one: [String], _ other: [String]) -> Bool {
    one.lexicographicallyPrecedes(other) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The bytes of a file.
  ///
  /// - Throws: `FileFailure` if it cannot be read, `FormatError` without a path if its entry in the archive is damaged.
  func bytes(of file: File) throws -> [UInt8] {
    let limit = PictureReader.largestFile
    guard let archive else {
      return try readFile(at: place(of: file), limit: limit, check: PictureReader.check)
    }
    guard let entry = entries[file.path] else { throw FormatError(problem: "not in the archive") }
    guard entry.size <= limit else {
      throw FormatError.expected("at most \(byteCount(limit))", found: byteCount(entry.size))
    }
    try PictureReader.check(beginning: archive.unpackPrefix(of: entry, count: 512))
    return try archive.unpack(entry)
  }

  /// The place of a file as errors name it: `photos/cat/1.jpg`, or `photos.zip: cat/1.jpg`.
  func place(of file: File) -> String {
    let inside = file.path.joined(separator: "/")
    return archive == nil ? join(root, inside) : "\(root): \(inside)"
  }

  // MARK: Looking

  /// Whether a folder has a picture in one of its subfolders, which is found without listing all.
  ///
  /// - Throws: `FileFailure` if none is found and a folder has a name that no text expresses: there may be pictures in it.
  static func hasPictures(in folder: String) throws(FileFailure) -> Bool {
    var unnamed: FileFailure?
    func search(_ folder: String, _ level: Int) -> Bool {
      var names: [String] = []
      do throws(FileFailure) {
        names = try Folder.names(of: folder).filter { !isLeftover($0) }
      } catch {
        if error.kind == .badData { unnamed = unnamed ?? error }
      }
      if level > 0, names.contains(where: { PictureName($0) == .picture }) { return true }
      return level < 4 && names.contains { PictureName($0) == .other && search(join(folder, $0), level + 1) }
    }
    if search(folder, 0) { return true }
    if let unnamed { throw unnamed }
    return false
  }
}
