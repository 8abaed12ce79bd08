import ArgumentParser
import Foundation
import GraftDocuments
import GraftFiles
import GraftRunStorage
import GraftWorkbench

struct RunsMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the runs of several stores into one, such as of the parts of a study.",
    discussion: """
      Models that studies keep beside a store are copied too. A store of another version is refused, and so is one in which a trial ended \
      otherwise than in another store. Stores before it stay merged.

      Examples:
        graft runs merge part-*.sqlite
        graft runs merge node-1.sqlite node-2.sqlite --store all.sqlite
      """)

  @Argument(help: ArgumentHelp("The stores to take runs from; they stay as they are.", valueName: "store"))
  var stores: [String]

  @OptionGroup var storage: StoreOptions

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func run() throws {
    let target = storage.store
    for store in stores where resolvedPath(store) == resolvedPath(target) {
      throw GraftFailure(.usage, "\(store) is the store that the others go to: leave it out, or name another --store")
    }
    let others = try stores.map { try RunStore(path: $0, access: .readOnly) }
    try RunStore.checkUsable(target)
    for other in others { try checkModels(of: other) }
    let isNew = !FileManager.default.fileExists(atPath: target)
    let lock = try StoreLock(store: target)
    var sum = RunStore.Merged()
    do {
      let store = try RunStore(path: target, access: .readWrite)
      for other in others {
        let merged = try store.merge(other)
        sum.added += merged.added
        sum.known += merged.known
      }
    } catch {
      // Nobody waits for a store that is made here, so that it goes with its lock. A store that was there keeps what came from the
      // stores before the one that is refused.
      if isNew { for path in [target, "\(target).lock"] { try? FileManager.default.removeItem(atPath: path) } }
      throw error
    }
    // After all stores: a part that is refused leaves no models.
    for other in others { try copyModels(beside: other.path, to: target) }
    lock.release()
    let result: JSON = [
      "schema_version": 1, "store": .string(target), "stores": .integer(stores.count), "added": .integer(sum.added),
      "known": .integer(sum.known),
    ]
    Output.write(
      json
        ? result.text(.pretty) + "\n"
        : "\(sum.added) runs added to \(target) from \(stores.count) stores; \(sum.known) were there\n")
  }

  /// Compares the models beside a store with the digests that their trials tell.
  private func checkModels(of store: RunStore) throws {
    let folder = "\(store.path).models"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() where name.hasSuffix(".safetensors") {
      let id = String(name.dropLast(".safetensors".count))
      guard let digest = try store.records(of: [id])[id]?.outcome.checkpointDigest else { continue }
      let path = "\(folder)/\(name)"
      let found = try SHA256Digest.hex(ofFileAt: path)
      guard found == digest else {
        throw GraftFailure(
          .badData, "\(path): expected the model with SHA-256 \(digest) that its trial made, found \(found)")
      }
    }
  }

  /// Copies the models that a study kept beside a store. Their names are the ids of the trials that made them, so a model that is there is
  /// the same.
  private func copyModels(beside store: String, to target: String) throws {
    let (from, to) = ("\(store).models", "\(target).models")
    guard FileManager.default.fileExists(atPath: from) else { return }
    let names = try Folder.names(of: from)
    TemporaryName.removeLeftovers(in: to)
    for name in names.sorted() where name.hasSuffix(".safetensors") {
      if FileManager.default.fileExists(atPath: "\(to)/\(name)") { continue }
      try AtomicFile.write(readFile(at: "\(from)/\(name)"), to: "\(to)/\(name)", createFolders: true)
    }
  }
}
