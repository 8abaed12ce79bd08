import Foundation
import GRDB
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

/// What a kill in the middle of a write leaves: pages of the new state in the file, those of the old one in the
/// journal.
@Suite struct InterruptedWriteTests {
  let folder = try! ScratchFolder()

  /// Copies store and journal while a transaction has written some of its pages.
  func tear(_ records: [TrialRecord]) throws -> String {
    let (path, torn) = (folder.file(), folder.file("torn.sqlite"))
    let store = try RunStore(path: path, access: .readWrite)
    for record in records { try store.save(record) }
    let queue = try DatabaseQueue(path: path)
    try queue.inDatabase { database in
      // A cache of a few pages spills into the file before the transaction ends.
      try database.execute(sql: "PRAGMA cache_size = 4; BEGIN IMMEDIATE; UPDATE trial SET answers = zeroblob(50000)")
      for suffix in ["", "-journal"] {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: torn + suffix)
      }
      try database.execute(sql: "ROLLBACK")
    }
    return torn
  }

  @Test(arguments: [RunStore.Access.readOnly, .readWrite])
  func theNextOpeningUndoesIt(access: RunStore.Access) throws {
    let records = (0..<20).map { makeRecord($0) }
    let torn = try tear(records)
    #expect(try readFile(at: torn) != readFile(at: folder.file()), "nothing was torn, so nothing is tested")
    let store = try RunStore(path: torn, access: access)
    let found = try store.records(of: records.map(\.id))
    #expect(records.allSatisfy { found[$0.id] == $0 })
    #expect(try store.integrityCheck() == "ok")
    #expect(try readFile(at: torn) == readFile(at: folder.file()))
    #expect(try !folder.names().contains("torn.sqlite-journal"))
  }

  @Test(.enabled(if: geteuid() != 0, "root may do everything"))
  func withoutPermissionItSaysSo() throws {
    let torn = try tear((0..<20).map { makeRecord($0) })
    chmod(torn, 0o444)
    let found = failure { try RunStore(path: torn, access: .readOnly).count() }
    #expect(found.kind == .noPermission)
    #expect(
      found.text == "\(torn): a write was interrupted, and undoing it needs permission to write the file")
  }
}
