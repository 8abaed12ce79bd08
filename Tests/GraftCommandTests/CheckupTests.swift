import Foundation
import GraftFiles
import Testing

@Suite("graft doctor and graft runs clean")
struct CheckupTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path)
  }

  private var store: String { folder.file("runs.sqlite") }
  private var models: String { store + ".models" }
  private var environment: [String: String] { ["XDG_CACHE_HOME": folder.file("cache"), "HOME": folder.path] }

  private func graft(_ arguments: String...) throws -> Program.Result {
    try Program.run(arguments, environment: environment, in: folder.path)
  }

  private func study() throws {
    let result = try graft(
      "study", "--data", folder.path, "--model", "mlp:12", "--methods", "fine-tune", "--per-class", "20", "--seeds",
      "2",
      "--store", store, "--out", folder.file("out"), "--quiet")
    try #require(result.code == 0, "\(result.errors)")
  }

  private var modelNames: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: models).filter { $0.hasSuffix(".safetensors") } }
  }

  @Test("nothing is wrong where nothing is wrong; nothing is written")
  func healthy() throws {
    defer { folder.remove() }
    let before = try folder.names
    let first = try graft("doctor", "--store", store)
    #expect(first.code == 0 && first.errors.isEmpty && first.output.contains("is not there yet"), "\(first)")
    #expect(!first.output.contains("WRONG") && first.output.contains("kernels run"))
    #expect(try folder.names == before)
    try study()
    let document = try JSON(parsing: try graft("doctor", "--store", store, "--json").output)
    #expect(document["ok"]?.bool == true)
    let states = document["findings"]?.array?.compactMap { $0["state"]?.string } ?? []
    #expect(states.contains { $0.contains("version 3, 8 runs, all readable") }, "\(states)")
  }

  @Test(
    "a model that is another one, a file that is no store, and a folder that cannot be written are told, with exit code 2"
  )
  func wrong() throws {
    defer { folder.remove() }
    try study()
    let model = "\(models)/\(try #require(modelNames.first))"
    var bytes = try readFile(at: model)
    bytes[bytes.count - 1] ^= 1
    try AtomicFile.write(bytes, to: model)
    let changed = try graft("doctor", "--store", store)
    #expect(changed.code == 2 && changed.errorLines == ["graft: error: 1 thing is wrong"], "\(changed)")
    #expect(changed.output.contains("1 of 2 differ from what was written"))
    try AtomicFile.write(text: "not a store", to: folder.file("text.sqlite"))
    let text = try graft("doctor", "--store", folder.file("text.sqlite"))
    #expect(text.code == 2 && text.output.contains("expected an SQLite database"), "\(text)")
    // A byte in the middle of the store.
    var damaged = try readFile(at: store)
    for place in 4096..<min(12_288, damaged.count) { damaged[place] = 0xFF }
    try AtomicFile.write(damaged, to: folder.file("damaged.sqlite"))
    let found = try graft("doctor", "--store", folder.file("damaged.sqlite"))
    #expect(found.code == 2 && found.output.contains("WRONG  store"), "\(found)")
  }

  @Test("a data set in the cache that is not the published one is told")
  func data() throws {
    defer { folder.remove() }
    let cache = folder.file("cache/graft/mnist")
    for name in [
      "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ] {
      try AtomicFile.write([1, 2, 3], to: "\(cache)/\(name).gz", createFolders: true)
    }
    let found = try graft("doctor", "--store", store)
    #expect(found.code == 2 && found.output.contains("graft data fetch mnist replaces them"), "\(found)")
  }

  @Test("clean lists first; it removes what no run names, and never what a run names or what is not ours")
  func clean() throws {
    defer { folder.remove() }
    try study()
    let named = try modelNames.sorted()
    let orphan = String(repeating: "0a", count: 32) + ".safetensors"
    // No process has the largest number there can be; the file is old, as of another machine.
    let leftover = ".x.safetensors.tmp-00000000-2147483647-0"
    for name in [orphan, leftover, "notes.txt"] { try AtomicFile.write([1], to: "\(models)/\(name)") }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: "\(models)/\(leftover)")
    let listed = try graft("runs", "clean", "--store", store)
    #expect(listed.code == 0 && listed.output.contains("named by no run: 2 files"), "\(listed)")
    #expect(listed.output.contains("nothing was removed") && listed.output.contains("half written"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: models).count == named.count + 3)
    let document = try JSON(parsing: try graft("runs", "clean", "--store", store, "--json").output)
    #expect(
      document["files"]?.array?.compactMap { $0["role"]?.string }.sorted() == [
        "foreign", "leftover", "named", "named", "orphan",
      ])
    let removed = try graft("runs", "clean", "--store", store, "--remove")
    #expect(removed.code == 0 && removed.output.contains("named by no run, removed: 2 files"), "\(removed)")
    #expect(try modelNames.sorted() == named && folder.exists("runs.sqlite.models/notes.txt"))
    let missing = try graft("runs", "clean", "--store", folder.file("none.sqlite"))
    #expect(missing.code == 66 && missing.errorLines.count == 1)
  }

  @Test("clean does not remove under a study that is running")
  func locked() throws {
    defer { folder.remove() }
    try study()
    try AtomicFile.write([1], to: "\(models)/\(String(repeating: "0b", count: 32)).safetensors")
    switch try FileLock.take(store + ".lock") {
    case .held: Issue.record("the lock is free")
    case .taken(let lock):
      let refused = try graft("runs", "clean", "--store", store, "--remove")
      #expect(refused.code == 75 && refused.errorLines.count == 1, "\(refused)")
      lock.release()
    }
  }
}
