import Foundation
import GraftFiles
import NumericChecks
import Synchronization
import Testing

@Suite("Locks on files")
struct FileLockTests {
  private let folder = try! ScratchFolder()

  @Test("a lock on a file that is removed leaves nothing")
  func removed() throws {
    let path = "\(folder.path)/lock"
    switch try FileLock.take(path, isRemoved: true) {
    case .taken(let lock):
      if case .taken = try FileLock.take(path, isRemoved: true) { Issue.record("two have it") }
      #expect(FileManager.default.fileExists(atPath: path))
      lock.release()
    case .held: Issue.record("nobody has it")
    }
    #expect(try folder.names().isEmpty)
  }

  @Test("of many threads that take and release it, one at a time has it")
  func oneAtATime() throws {
    let path = "\(folder.path)/lock"
    let inside = Mutex(0)
    let most = Mutex(0)
    let taken = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<500 {
        guard let attempt = try? FileLock.take(path, isRemoved: true) else { continue }
        switch consume attempt {
        case .taken(let lock):
          let now = inside.withLock {
            $0 += 1
            return $0
          }
          most.withLock { $0 = max($0, now) }
          taken.withLock { $0 += 1 }
          inside.withLock { $0 -= 1 }
          lock.release()
        case .held: break
        }
      }
    }
    #expect(most.withLock { $0 } == 1 && taken.withLock { $0 } > 8)
    #expect(try folder.names().isEmpty)
  }
}
