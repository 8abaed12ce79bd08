import Foundation
import GraftFiles
import GraftRunStorage
import NumericChecks
import Testing

@Suite struct StoreLockTests {
  let folder = try! ScratchFolder()

  @Test func oneAtATime() throws {
    let path = folder.file("new/runs.sqlite")
    let lock = try StoreLock(store: path)
    let found = failure { try StoreLock(store: path).release() }
    #expect(found.kind == .resumable)
    #expect(
      found.text == "\(path): another study is writing to it (process \(getpid())); try again when it has ended")
    // The lock is about studies: the store itself can be read and written.
    try RunStore(path: path, access: .readWrite).save(makeRecord())
    lock.release()
    try StoreLock(store: path).release()
  }

  @Test func theEndOfItsLifeReleasesIt() throws {
    let path = folder.file()
    for _ in 0..<3 {
      let lock = try StoreLock(store: path)
      #expect(failure { try StoreLock(store: path).release() }.kind == .resumable)
      _ = lock
    }
    #expect(try folder.names() == ["runs.sqlite.lock"])
  }

  @Test func aLinkIsTheSameStore() throws {
    let (path, link) = (folder.file(), folder.file("link"))
    try RunStore(path: path, access: .readWrite).save(makeRecord())
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    let lock = try StoreLock(store: path)
    #expect(failure { try StoreLock(store: link).release() }.kind == .resumable)
    lock.release()
    try StoreLock(store: link).release()
  }

  @Test func notCreatable() throws {
    #expect(failure { try StoreLock(store: folder.path).release() }.kind == .cannotCreate)
    try FileManager.default.createDirectory(atPath: folder.file() + ".lock", withIntermediateDirectories: true)
    #expect(failure { try StoreLock(store: folder.file()).release() }.kind == .cannotCreate)
  }

  @Test(.enabled(if: geteuid() != 0, "root may do everything"))
  func withoutPermission() throws {
    chmod(folder.path, 0o555)
    #expect(failure { try StoreLock(store: folder.file()).release() }.kind == .noPermission)
    chmod(folder.path, 0o755)
  }

  /// A number that nobody wrote, or a cut one.
  @Test func aHolderWithoutNumber() throws {
    let path = folder.file()
    let lock = try StoreLock(store: path)
    try Data("x".utf8).write(to: URL(fileURLWithPath: path + ".lock"))
    let found = failure { try StoreLock(store: path).release() }
    #expect(found.text == "\(path): another study is writing to it; try again when it has ended")
    lock.release()
  }
}
