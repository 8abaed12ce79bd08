import GraftFiles
import GraftWorkbench

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The models that studies keep beside a store, in `STORE.models`: each file is named after the trial that made it.
package struct StoredModels: Sendable {
  /// A file in the folder.
  package struct File: Sendable, Hashable {
    /// The reason for which a file is there.
    package enum Role: Sendable, Hashable {
      /// A trial of the store made it.
      case named
      /// No trial of the store made it: the trial is in another store, or the program was killed before it was kept.
      case orphan
      /// The rest of a write that a kill cut off.
      case leftover
      /// Nothing that Graft wrote.
      case foreign
    }

    package let name: String
    /// Bytes.
    package let size: Int
    package let role: Role
  }

  /// The folder.
  package let folder: String
  private let store: String

  /// - Parameter store: The store's path.
  package init(beside store: String) { (self.store, folder) = (store, "\(store).models") }

  /// The folder that the store itself is in.
  package var parent: String { StoreFile(path: store).folder }

  /// The files by name; none if there is no folder.
  ///
  /// - Throws: If the store or the folder cannot be read.
  package func files(in runs: RunStore) throws -> [File] {
    guard access(folder, F_OK) == 0 else { return [] }
    let names = try Folder.names(of: folder).sorted()
    let leftovers = Set(TemporaryName.leftovers(in: folder))
    let ids = names.compactMap(Self.id)
    let known = try runs.known(ids)
    return names.compactMap { name in
      var status = stat()
      guard lstat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      let role: File.Role =
        if leftovers.contains(name) { .leftover } else if let id = Self.id(name) {
          known.contains(id) ? .named : .orphan
        } else { .foreign }
      return File(name: name, size: Int(status.st_size), role: role)
    }
  }

  /// Removes the files that no trial names. The caller holds the store's lock: a running study writes a model before its trial.
  ///
  /// - Returns: The files that were removed.
  /// - Throws: `FileFailure` if one cannot be removed.
  package func removeUnnamed(in runs: RunStore) throws -> [File] {
    let files = try files(in: runs).filter { $0.role == .orphan || $0.role == .leftover }
    for file in files {
      let path = "\(folder)/\(file.name)"
      guard unlink(path) == 0 || errno == ENOENT else { throw FileFailure(path: path, action: .remove, errno: errno) }
    }
    return files
  }

  /// The trials whose model is not the one that was written: its file is gone, or has another SHA-256.
  ///
  /// - Throws: If the store cannot be read.
  package func damaged(in runs: RunStore) throws -> (missing: [String], changed: [String]) {
    var found: (missing: [String], changed: [String]) = ([], [])
    for trial in try runs.summaries() {
      // A model of `graft train` has a place of its own.
      guard trial.trial.kind != .single, let digest = trial.checkpointDigest else { continue }
      let path = "\(folder)/\(trial.trial.id).safetensors"
      guard access(path, F_OK) == 0 else {
        found.missing.append(trial.trial.id)
        continue
      }
      if try SHA256Digest.hex(ofFileAt: path) != digest { found.changed.append(trial.trial.id) }
    }
    return found
  }

  /// The id of the trial that a model's file is named after; nil for another name.
  private static func id(_ name: String) -> String? {
    guard name.hasSuffix(".safetensors") else { return nil }
    let id = String(name.dropLast(".safetensors".count))
    return id.utf8.count == 64 && id.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } ? id : nil
  }
}
