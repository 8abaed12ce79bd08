import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftRunStorage

struct RunsCleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean",
    abstract: "List the models kept beside a store, and remove those that no run names.",
    discussion: """
      Studies keep source models in STORE.models, so that more seeds or methods need not train them anew. A model that a run of the \
      store names always stays. Without --remove nothing is removed. Decoded pictures have a folder of their own: graft data cache.

      Examples:
        graft runs clean
        graft runs clean --remove
      """)

  @Flag(help: "Remove what is listed as not named by any run.")
  var remove = false

  @OptionGroup var storage: StoreOptions

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func run() throws {
    let store = storage.store
    let runs = try RunStore(path: store, access: .readOnly)
    let models = StoredModels(beside: store)
    let files: [StoredModels.File]
    if remove {
      // A running study writes a model before the trial that names it.
      let lock = try StoreLock(store: store)
      files = try models.files(in: runs)
      _ = try models.removeUnnamed(in: runs)
      lock.release()
    } else {
      files = try models.files(in: runs)
    }
    Output.write(json ? document(files, models).text(.pretty) + "\n" : text(files, models))
  }

  private func text(_ files: [StoredModels.File], _ models: StoredModels) -> String {
    let named = files.filter { $0.role == .named }
    let others = files.filter { $0.role == .orphan || $0.role == .leftover }
    let foreign = files.filter { $0.role == .foreign }
    var text = "\(singleLine(models.folder)): \(Self.amount(files))\n"
    text += "  named by runs, stay: \(Self.amount(named))\n"
    if !foreign.isEmpty { text += "  not models of studies, stay: \(Self.amount(foreign))\n" }
    text += "  named by no run\(remove ? ", removed" : ""): \(Self.amount(others))\n"
    for file in others.prefix(20) {
      text +=
        "    \(singleLine(file.name))  \(sizeText(file.size))\(file.role == .leftover ? "  (half written)" : "")\n"
    }
    if others.count > 20 { text += "    and \(grouped(others.count - 20)) more\n" }
    if let cache = DecodedCacheFolder(environment: ProcessInfo.processInfo.environment) {
      let size = cache.files.reduce(0) { $0 + $1.size }
      text += "decoded pictures: \(grouped(cache.files.count)) files, \(sizeText(size)) (graft data cache)\n"
    }
    if !others.isEmpty, !remove { text += "nothing was removed; graft runs clean --remove removes them\n" }
    return text
  }

  private static func amount(_ files: [StoredModels.File]) -> String {
    "\(files.count == 1 ? "1 file" : "\(grouped(files.count)) files"), \(sizeText(files.reduce(0) { $0 + $1.size }))"
  }

  private func document(_ files: [StoredModels.File], _ models: StoredModels) -> JSON {
    [
      "schema_version": 1, "store": .string(storage.store), "folder": .string(models.folder), "removed": .bool(remove),
      "files": .array(
        files.map { file in
          [
            "name": .string(file.name), "bytes": .integer(file.size),
            "role": .string("\(file.role)"),
          ]
        }),
    ]
  }
}
