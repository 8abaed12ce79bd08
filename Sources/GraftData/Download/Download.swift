import GraftFiles

/// A download of published files from their mirrors, each checked against the SHA-256 in the catalogue. A file for which
/// none is published is checked against its MD5, and its own SHA-256 is kept for the next time.
///
/// Every file is streamed into `.NAME.part-PID` beside its place and renamed when it is whole and right: a reader of
/// the folder finds a file complete or not at all. Two processes download once, since each takes the folder's lock.
package struct Download: Sendable {
  /// A file that is now in place.
  package struct Fetched: Sendable, Hashable {
    /// Name of the file.
    package let name: String
    /// The mirror that delivered it; nil if it was there already.
    package let mirror: String?
  }

  /// The files to fetch.
  package let files: [KnownFile]
  /// Addresses to which a file's name is appended, in the order in which they are tried.
  package let mirrors: [String]
  /// The way to get rid of a damaged file, in words: `graft data fetch mnist` replaces it.
  private let repair: String
  /// The folder for the files, created if it is missing.
  package let folder: String
  /// Timeouts and limits.
  package var policy = DownloadPolicy()
  /// Whether a damaged file is fetched again; otherwise it is an error. Nothing is replaced unasked.
  package var replacesDamaged = false
  /// A callback, called about ten times a second on a thread of the network's.
  package var progress: (@Sendable (DownloadProgress) -> Void)?
  /// A callback, called once if another process has the lock, with a text that names it.
  package var onWaiting: (@Sendable (String) -> Void)?

  /// A download of a data set into a folder.
  package init(_ dataset: KnownDataset, into folder: String) {
    self.init(
      dataset.files, from: dataset.mirrors, into: folder, repair: KnownFile.repair(dataset: dataset.name))
  }

  /// A download of some files into a folder.
  ///
  /// - Parameter repair: The way to get rid of a damaged file, in words.
  package init(
    _ files: [KnownFile], from mirrors: [String], into folder: String,
    repair: String = "it is fetched again once it is removed"
  ) {
    self.files = files
    self.mirrors = mirrors
    self.folder = folder
    self.repair = repair
  }

  /// Brings all files into place.
  /// - Returns: One element per file, in the order of the catalogue.
  /// - Throws: `GraftFailure` of kind `badData` if every mirror sent something else and `unavailable` if none
  ///   delivered, with the reason of each; `FormatError` for a damaged file that may not be replaced, and `FileFailure`
  ///   if the folder cannot be written or another process has it locked.
  package func run() throws -> [Fetched] {
    try Folder.create(at: folder)
    let lock = try DownloadLock(folder: folder, timeout: policy.lockTimeout, onWaiting: onWaiting)
    PartFile.removeStale(in: folder, names: files.map(\.name))
    var pinned = try PinnedDigests(in: folder)
    var fetched: [Fetched] = []
    for file in files {
      // The file is checked only under the lock: another process may just have put it there.
      let mirror = try isInPlace(file, pinned) ? nil : try fetch(file)
      if file.sha256 == nil, mirror != nil || pinned[file.name] == nil {
        try pinned.pin(file.name, SHA256Digest.hex(ofFileAt: join(folder, file.name)))
      }
      fetched.append(Fetched(name: file.name, mirror: mirror))
    }
    lock.release()
    return fetched
  }

  private func isInPlace(_ file: KnownFile, _ pinned: PinnedDigests) throws -> Bool {
    let path = join(folder, file.name)
    guard try isFile(path) else { return false }
    let difference: DigestDifference?
    if let expected = file.sha256 ?? pinned[file.name] {
      difference = DigestDifference("SHA-256", expected: expected, found: try SHA256Digest.hex(ofFileAt: path))
    } else if let expected = file.sha256Prefix {
      difference = DigestDifference(prefix: expected, of: try SHA256Digest.hex(ofFileAt: path))
    } else if let expected = file.md5 {
      difference = DigestDifference("MD5", expected: expected, found: try MD5Digest.hex(of: try readFile(at: path)))
    } else {
      difference = nil
    }
    guard let difference else { return true }
    if replacesDamaged { return false }
    throw KnownFile.damage(at: path, difference, repair: repair)
  }

  /// Tries the mirrors in order.
  /// - Returns: The mirror that delivered.
  private func fetch(_ file: KnownFile) throws -> String {
    var refusals: [(mirror: String, refusal: DownloadRefusal)] = []
    for mirror in mirrors {
      let part = try PartFile(for: join(folder, file.name))
      do {
        if let refusal = try fetch(file, from: mirror, into: part) {
          part.discard()
          refusals.append((mirror, refusal))
          continue
        }
        try part.commit()
        return mirror
      } catch {
        part.discard()
        throw error
      }
    }
    let reasons = refusals.map { "\($0.mirror): \($0.refusal.reason)" }.joined(separator: "; ")
    let allWrong = !refusals.isEmpty && refusals.allSatisfy(\.refusal.isWrongData)
    throw GraftFailure(
      allWrong ? .badData : .unavailable,
      refusals.isEmpty
        ? "\(file.name): no mirror is known"
        : "\(file.name): no mirror delivered it: \(reasons)")
  }
}

/// The reason to give up a mirror.
struct DownloadRefusal: Sendable, Hashable {
  /// The event, in a few words.
  let reason: String
  /// Whether the mirror delivered a file other than the published one.
  var isWrongData = false
}

/// Two digests of a file that are not equal.
struct DigestDifference {
  /// `SHA-256` or `MD5`.
  let name: String
  let expected: String
  let found: String

  /// Nil if both are equal.
  init?(_ name: String, expected: String, found: String) {
    if expected == found { return nil }
    (self.name, self.expected, self.found) = (name, expected, found)
  }

  /// Nil if `digest`, a SHA-256, begins with `prefix`.
  init?(prefix: String, of digest: String) {
    self.init("beginning of a SHA-256", expected: prefix, found: String(digest.prefix(prefix.count)))
  }

  /// `expected SHA-256 …, found …`.
  var text: String { "expected \(name) \(expected), found \(found)" }
}
