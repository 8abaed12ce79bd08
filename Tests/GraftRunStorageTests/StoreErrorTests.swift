import Foundation
import GRDB
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct StoreErrorTests {
  let folder = try! ScratchFolder()
  var path: String { folder.file() }

  func open(_ access: RunStore.Access) throws -> RunStore {
    try RunStore(path: path, access: access, busyTimeout: 0.05)
  }

  /// That opening fails with this line, whatever it is opened for, and changes nothing.
  func expectRefusal(_ kind: FailureKind, _ text: String) throws {
    let digest = try SHA256Digest.hex(ofFileAt: path)
    for access in [RunStore.Access.readOnly, .readWrite] {
      let found = failure { try open(access) }
      #expect(found.kind == kind)
      #expect(found.text == "\(path): \(text)")
    }
    #expect(try SHA256Digest.hex(ofFileAt: path) == digest)
    #expect(try folder.names() == ["runs.sqlite"])
  }

  // MARK: The file

  @Test func missing() throws {
    let found = failure { try open(.readOnly) }
    #expect(found.kind == .missingInput)
    #expect(found.text == "\(path): cannot read: No such file or directory")
    #expect(try folder.names() == [])
  }

  @Test func noFile() throws {
    let folderFailure = failure { try RunStore(path: folder.path, access: .readOnly) }
    #expect(folderFailure.kind == .missingInput)
    #expect(failure { try RunStore(path: folder.path, access: .readWrite) }.kind == .cannotCreate)
    #expect(failure { try RunStore(path: folder.path + "/", access: .readWrite) }.kind == .cannotCreate)
    #expect(failure { try RunStore(path: "/dev/null", access: .readWrite) }.kind == .cannotCreate)
    #expect(failure { try RunStore(path: "a\u{0}b", access: .readWrite) }.kind == .cannotCreate)
    try AtomicFile.write([1], to: path)
    #expect(failure { try RunStore(path: path + "/runs.sqlite", access: .readWrite) }.kind == .cannotCreate)
  }

  @Test(.enabled(if: geteuid() != 0, "root may do everything"))
  func permissions() throws {
    try open(.readWrite).save(makeRecord())
    chmod(folder.path, 0o555)
    #expect(failure { try open(.readWrite) }.kind == .noPermission)
    #expect(failure { try RunStore(path: folder.file("new"), access: .readWrite) }.kind == .noPermission)
    #expect(failure { try RunStore(path: folder.file("new/runs"), access: .readWrite) }.kind == .noPermission)
    #expect(try open(.readOnly).count() == 1)
    chmod(folder.path, 0o755)
    chmod(path, 0o444)
    #expect(failure { try open(.readWrite) }.text == "\(path): cannot write: Permission denied")
    #expect(try open(.readOnly).count() == 1)
    chmod(path, 0)
    #expect(failure { try open(.readOnly) }.text == "\(path): cannot read: Permission denied")
    #expect(failure { try open(.readWrite) }.kind == .noPermission)
  }

  // MARK: What is in it

  @Test func garbage() throws {
    try AtomicFile.write(text: String(repeating: "no database ", count: 100), to: path)
    try expectRefusal(.badData, "expected an SQLite database, found something else")
  }

  @Test func foreign() throws {
    try withDatabase(at: path, "CREATE TABLE trial (id)")
    try expectRefusal(.badData, "expected a store of trials, found an SQLite database of another program")
    try withDatabase(at: path, "PRAGMA application_id = 252006673")
    try expectRefusal(.badData, "expected a store of trials, found an SQLite database of another program")
  }

  @Test func newer() throws {
    try open(.readWrite).save(makeRecord())
    try withDatabase(at: path, "PRAGMA user_version = 7")
    try expectRefusal(.badData, "written by a newer Graft (store version 7, this one reads 3)")
    try withDatabase(at: path, "PRAGMA user_version = 3", "INSERT INTO grdb_migrations VALUES ('4: more')")
    try expectRefusal(.badData, "written by a newer Graft (store version 4, this one reads 3)")
  }

  /// A kill between the creation of the file, its name and its tables.
  @Test func halfCreated() throws {
    try AtomicFile.write([], to: path)
    #expect(failure { try open(.readOnly) }.text == "\(path): expected a store of trials, found an empty file")
    try withDatabase(at: path, "PRAGMA application_id = \(0x4752_4654)")
    #expect(failure { try open(.readOnly) }.text == "\(path): expected a store of version 3, found version 0")
    try withDatabase(at: path, "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    #expect(failure { try open(.readOnly) }.kind == .badData)
    try open(.readWrite).save(makeRecord())
    #expect(try open(.readOnly).count() == 1)
  }

  @Test func tablesThatAreGone() throws {
    try open(.readWrite).save(makeRecord())
    try withDatabase(at: path, "DROP TABLE trial")
    let found = failure { try open(.readOnly).count() }
    #expect(found.kind == .badData)
    #expect(found.text == "\(path): not the tables of a store of trials: no such table: trial")
  }

  @Test func damage() throws {
    let store = try open(.readWrite)
    for number in 0..<40 { try store.save(makeRecord(number)) }
    var bytes = try readFile(at: path)
    // Everything behind the first page, which has the schema.
    for index in 4096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    try AtomicFile.write(bytes, to: folder.file("damaged"))
    let damaged = folder.file("damaged")
    let found = failure { try RunStore(path: damaged, access: .readOnly).summaries() }
    #expect(found.kind == .badData)
    #expect(found.text == "\(damaged): the database is damaged: database disk image is malformed")
    #expect((try? RunStore(path: damaged, access: .readOnly).integrityCheck()) != "ok")
  }

  /// A file cut in the middle, as an interrupted copy leaves it.
  @Test func brokenOff() throws {
    let store = try open(.readWrite)
    for number in 0..<40 { try store.save(makeRecord(number)) }
    let bytes = try readFile(at: path)
    for size in stride(from: 1, to: bytes.count, by: 1021) {
      let broken = folder.file("broken")
      try AtomicFile.write(Array(bytes[..<size]), to: broken)
      let found = failure {
        try RunStore(path: broken, access: .readOnly).records(of: (0..<40).map { makeRecord($0).id })
      }
      #expect(found.kind == .badData, "\(size) bytes: \(found.text)")
      #expect(found.text.hasPrefix("\(broken): "))
    }
  }

  @Test(arguments: [
    ("identity = '{\"number\":1}'", "its settings belong to another id; the store was changed or damaged"),
    ("identity = '[]'", "column identity: expected a JSON object"),
    ("identity = '{'", "column identity: byte 1: expected a key in quotation marks, found the end of the JSON text"),
    ("kind = 'source'", "its settings belong to another id; the store was changed or damaged"),
    ("kind = 'other'", "no kind is called \"other\""),
    ("seed = '-1'", "\"-1\" is no seed"),
    ("seed = x'00'", "column seed: expected text"),
    ("correct = 6", "6 right answers of 5"),
    ("correct = -1", "-1 right answers of 5"),
    ("correct = 'many'", "column correct: expected an integer"),
    ("images = 6", "5 answers for 6 images"),
    ("fraction = 0.5", "both labels per class and a fraction"),
    ("loss = 'low'", "column loss: expected a floating-point number"),
    ("answers = 'text'", "column answers: expected bytes"),
    ("history = '{}'", "column history: expected a JSON array"),
    ("history = '[{\"epoch\":1}]'", "column history: element 0 lacks something"),
    ("choices = '[1]'", "column choices: element 0 lacks something"),
  ])
  func changedByHand(change: String, problem: String) throws {
    let record = makeRecord()
    try open(.readWrite).save(record)
    try withDatabase(at: path, "UPDATE trial SET \(change)")
    let found = failure { try open(.readOnly).records(of: [record.id]) }
    #expect(found.kind == .badData)
    #expect(found.text == "\(path): trial \(record.id): \(problem)")
  }

  @Test(arguments: [
    "class_names = '[]'", "class_names = '[1]'", "class_names = '{}'", "labels = x'0003'", "labels = 'text'",
  ])
  func changedTestSet(change: String) throws {
    try open(.readWrite).save(TestSet(digest: "abc", labels: [0, 1], classNames: ["a", "b"]))
    try withDatabase(at: path, "UPDATE test_set SET \(change)")
    let found = failure { try open(.readOnly).testSet("abc") }
    #expect(found.kind == .badData)
    #expect(found.text.hasPrefix("\(path): test set abc: "))
  }

  // MARK: What others do

  @Test func locked() throws {
    let store = try open(.readWrite)
    try store.save(makeRecord())
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try other.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    let line = "\(path): locked by another program; try again later"
    for found in [
      failure { try store.save(makeRecord(1)) }, failure { try store.count() }, failure { try open(.readOnly) },
      failure { try open(.readWrite) },
    ] {
      #expect(found.kind == .resumable)
      #expect(found.text == line)
    }
    try other.inDatabase { try $0.execute(sql: "COMMIT") }
    try store.save(makeRecord(1))
    #expect(try store.count() == 2)
  }

  /// SQLite's own limit stands for a full disk: the code is the same.
  @Test func full() throws {
    let queue = try DatabaseQueue(path: path)
    let found = failure {
      try StoreFailure.translating("runs.sqlite") {
        try queue.write { database in
          try database.execute(
            sql: "PRAGMA max_page_count = 4; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(99999))")
        }
      }
    }
    #expect(found.kind == .inputOutput)
    #expect(found.text == "runs.sqlite: cannot write: database or disk is full")
  }

  @Test func translation() {
    let kinds: [(ResultCode, FailureKind)] = [
      (.SQLITE_IOERR_WRITE, .inputOutput), (.SQLITE_IOERR_FSYNC, .inputOutput), (.SQLITE_READONLY, .noPermission),
      (.SQLITE_READONLY_ROLLBACK, .noPermission), (.SQLITE_CANTOPEN, .cannotCreate), (.SQLITE_NOMEM, .internalError),
      (.SQLITE_BUSY_RECOVERY, .resumable), (.SQLITE_CORRUPT_VTAB, .badData),
    ]
    for (code, kind) in kinds {
      let found = failure { try StoreFailure.translating("p") { throw DatabaseError(resultCode: code) } }
      #expect(found.kind == kind)
      #expect(found.text.hasPrefix("p: "))
    }
    #expect(failure { try StoreFailure.translating("p") { throw GraftFailure(.usage, "as it is") } }.text == "as it is")
  }
}
