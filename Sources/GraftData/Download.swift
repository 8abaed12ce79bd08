import GraftFiles

/// Fetches a data set's files from its mirrors, each checked against the SHA-256 in the catalogue.
///
/// Every file is streamed into `.NAME.part-PID` beside its place and renamed when it is whole and right: whoever reads
/// the folder finds a file complete or not at all. Two processes download once, since each holds the folder's lock.
public struct Download: Sendable {
  /// A file that is now in place.
  public struct Fetched: Sendable, Hashable {
    public let name: String
    /// Where it came from; nil where it was there already.
    public let mirror: String?
  }

  public let dataset: KnownDataset
  /// Where the files go; created where it is missing.
  public let folder: String
  public var policy = DownloadPolicy()
  /// Whether a file that is there and damaged is fetched again; else it is an error. Nothing is replaced unasked.
  public var replacesDamaged = false
  /// Called about ten times a second, on a thread of the network's.
  public var progress: (@Sendable (DownloadProgress) -> Void)?
  /// Called once where another process holds the lock, with what is waited for.
  public var onWaiting: (@Sendable (String) -> Void)?

  public init(_ dataset: KnownDataset, into folder: String) {
    self.dataset = dataset
    self.folder = folder
  }

  /// Brings all files into place.
  /// - Returns: one element per file, in the order of the catalogue.
  /// - Throws: `GraftFailure` of kind `badData` where every mirror sent something else and `unavailable` where none
  ///   delivered, with the reason of each; `FormatError` for a damaged file that may not be replaced; `FileFailure`
  ///   where the folder cannot be written or another process holds it.
  public func run() throws -> [Fetched] {
    try Folder.create(at: folder)
    let lock = try DownloadLock(folder: folder, timeout: policy.lockTimeout, onWaiting: onWaiting)
    PartFile.removeStale(in: folder, names: dataset.files.map(\.name))
    var fetched: [Fetched] = []
    for file in dataset.files {
      // Looked at only now that the lock is held: another process may just have put it there.
      let mirror = try isInPlace(file) ? nil : try fetch(file)
      fetched.append(Fetched(name: file.name, mirror: mirror))
    }
    lock.release()
    return fetched
  }

  private func isInPlace(_ file: KnownFile) throws -> Bool {
    let path = join(folder, file.name)
    guard try isFile(path) else { return false }
    let digest = try SHA256Digest.hex(ofFileAt: path)
    if digest == file.sha256 { return true }
    if replacesDamaged { return false }
    throw KnownFile.damage(at: path, found: digest, expected: file.sha256, dataset: dataset.name)
  }

  /// Tries the mirrors in order.
  /// - Returns: the one that delivered.
  private func fetch(_ file: KnownFile) throws -> String {
    var refusals: [(mirror: String, refusal: DownloadRefusal)] = []
    for mirror in dataset.mirrors {
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

/// Why a mirror is given up.
struct DownloadRefusal: Sendable, Hashable {
  /// What happened, in a few words.
  let reason: String
  /// Whether the mirror delivered, but something else than was published.
  var isWrongData = false
}
