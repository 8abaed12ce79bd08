import Foundation
import Synchronization
import Testing

@testable import GraftFiles

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func createsAndReplaces() throws {
    let path = folder.file("f.txt")
    try AtomicFile.write([1, 2, 3], to: path)
    #expect(try readFile(at: path) == [1, 2, 3])
    try AtomicFile.write(text: "é\n", to: path)
    #expect(try readFile(at: path) == [0xc3, 0xa9, 0x0a])
    try AtomicFile.write([], to: path)
    #expect(try readFile(at: path) == [])
    #expect(try folder.names() == ["f.txt"])
  }

  @Test func contentInPieces() throws {
    let path = folder.file("f")
    try AtomicFile.write(to: path) { append in for byte in UInt8(0)..<3 { try append([byte, byte]) } }
    #expect(try readFile(at: path) == [0, 0, 1, 1, 2, 2])
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: path) { append in
        try append([9])
        throw Stop()
      }
    }
    #expect(try readFile(at: path) == [0, 0, 1, 1, 2, 2])
    #expect(try folder.names() == ["f"])
  }

  @Test func mappedBytes() throws {
    let path = folder.file("f")
    try AtomicFile.write([1, 2, 3], to: path)
    let file = try MappedFile(path)
    try AtomicFile.write([4], to: path)
    #expect(Array(file.bytes) == [1, 2, 3])
    try AtomicFile.write([], to: path)
    #expect(try MappedFile(path).count == 0)
    #expect(throws: FileFailure.self) { try MappedFile(folder.file("missing")) }
  }

  @Test func memoryOfTheMachine() {
    #expect(MachineMemory.bytes > 64 << 20)
    #expect(UInt64(MachineMemory.bytes) <= ProcessInfo.processInfo.physicalMemory)
  }

  @Test func modeComesFromTheUmask() throws {
    let mask = umask(0)
    umask(mask)
    try AtomicFile.write([1], to: folder.file("f"))
    var status = stat()
    try #require(stat(folder.file("f"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }

  @Test func parentFoldersOnlyOnRequest() throws {
    let path = folder.file("a/b//c/f")
    #expect(text { try AtomicFile.write([1], to: path) } == "\(path): cannot create: No such file or directory")
    #expect(try folder.names() == [])
    try AtomicFile.write([1], to: path, createFolders: true)
    try AtomicFile.write([2], to: path, createFolders: true)
    #expect(try readFile(at: path) == [2])
    try folder.write([9], to: "file")
    #expect(
      text { try AtomicFile.write([1], to: folder.file("file/x/f"), createFolders: true) }
        == "\(folder.file("file")): cannot create the folder: Not a directory")
  }

  @Test func foldersAreCreatedOnce() throws {
    let path = folder.file("x/y/")
    try Folder.create(at: path)
    try Folder.create(at: path)
    try Folder.create(at: ".")
    #expect(try folder.names() == ["x"])
    #expect(text { try Folder.create(at: "a\0b") } == "a\\u{0}b: cannot create the folder: Invalid argument")
  }

  @Test func placesThatCannotBeReplaced() throws {
    try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: false)
    try #require(mkfifo(folder.file("fifo"), 0o600) == 0)
    let before = try folder.names()
    for (path, reason) in [
      (folder.file("d"), "Is a directory"), (folder.file("d/"), "Is a directory"),
      (folder.file("d/."), "Is a directory"),
      (folder.file("fifo"), "not a regular file but a FIFO"), ("/dev/null", "not a regular file but a device"),
      ("", "No such file or directory"), ("a\0b", "Invalid argument"),
    ] {
      let shown = path.isEmpty ? "an empty name" : path.replacingOccurrences(of: "\0", with: "\\u{0}")
      #expect(text { try AtomicFile.write([1], to: path) } == "\(shown): cannot create: \(reason)")
    }
    #expect(try folder.names() == before)
  }

  @Test func aLinkStaysALink() throws {
    try folder.write([1], to: "f")
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "f")
    try AtomicFile.write([2], to: folder.file("link"))
    #expect(try readFile(at: folder.file("f")) == [2])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "f")
  }

  @Test("a link to where nothing is yet stays a link, and the file is made there; links in a circle are refused")
  func dangling() throws {
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: folder.file("first"), withDestinationPath: "second")
    try manager.createSymbolicLink(atPath: folder.file("second"), withDestinationPath: folder.file("d/f"))
    #expect(isSameFile(folder.file("first"), folder.file("d/f")))
    try AtomicFile.checkWritable(folder.file("first"))
    try AtomicFile.write([5], to: folder.file("first"))
    #expect(try readFile(at: folder.file("d/f")) == [5])
    #expect(try manager.destinationOfSymbolicLink(atPath: folder.file("first")) == "second")
    #expect(try folder.names() == ["d", "first", "second"])
    try manager.createSymbolicLink(atPath: folder.file("round"), withDestinationPath: "round")
    #expect(text { try AtomicFile.write([1], to: folder.file("round")) }.contains("cannot create"))
    // Nothing is suggested in its own place.
    try manager.createSymbolicLink(atPath: folder.file("nowhere"), withDestinationPath: "gone")
    #expect(text { try readFile(at: folder.file("nowhere")) }.hasSuffix("cannot read: No such file or directory"))
  }

  @Test("what a killed writer left is removed by the next, but nothing that somebody may still be writing")
  func leftovers() throws {
    // The name that this process gives to what it writes tells the machine.
    var machine: Substring = ""
    try AtomicFile.write(to: folder.file("f")) { _ in
      let name = try folder.names().first { TemporaryName.isTemporary($0) } ?? ""
      machine = name.split(separator: "-")[1]
    }
    // No process has the largest number there can be.
    let old = Date(timeIntervalSinceNow: -7200)
    let dead = [".f.tmp-\(machine)-2147483647-0", ".g.tmp-\(machine)-2147483647-1", ".f.tmp-00000000-\(getpid())-0"]
    let kept = [
      ".f.tmp-\(machine)-\(getpid())-7", ".f.tmp-\(machine)-x-0", ".f.tmp-2147483647-0", ".f.tmp-00000000-2147483647-0",
      "f",
    ]
    for name in dead + kept {
      try folder.write([0], to: name)
      if name == dead[2] || name == kept[0] {
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: folder.file(name))
      }
    }
    try AtomicFile.checkWritable(folder.file("f"))
    #expect(try folder.names() == kept.sorted())
  }

  @Test func longNamesAndTemporariesLeftByAKilledProcess() throws {
    let long = String(repeating: "ü", count: 127)
    try AtomicFile.write([3], to: folder.file(long))
    #expect(try readFile(at: folder.file(long)) == [3])
    var taken = ""
    try AtomicFile.write(to: folder.file("f")) { _ in taken = try folder.names().first { $0.hasPrefix(".f.tmp-") } ?? ""
    }
    try folder.write([0], to: taken)
    try AtomicFile.write([4], to: folder.file("f"))
    #expect(try readFile(at: folder.file("f")) == [4])
    #expect(try folder.names() == [taken, "f", long])
  }

  @Test func manyWritersLeaveOneWholeFile() async throws {
    let path = folder.file("f")
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for _ in 0..<20 { try? AtomicFile.write([UInt8](repeating: UInt8(writer), count: 5000), to: path) }
        }
      }
    }
    let bytes = try readFile(at: path)
    #expect(bytes.count == 5000 && Set(bytes).count == 1)
    #expect(try folder.names() == ["f"])
  }
}

/// Fails the first system call, then the second, and so on until a write succeeds: whatever fails, the file is the
/// old one or the new one, whole, and nothing else is left.
@Suite struct AtomicFileFaultTests {
  /// Counts calls and fails the ones asked for.
  final class Faults: Sendable {
    let state: Mutex<(calls: [String], failing: Set<Int>)>
    let code: Int32

    init(failing: Set<Int>, code: Int32) {
      state = Mutex(([], failing))
      self.code = code
    }

    var calls: [String] { state.withLock { $0.calls } }

    func fails(_ name: String) -> Bool {
      state.withLock { state in
        state.calls.append(name)
        return state.failing.contains(state.calls.count - 1)
      }
    }

    /// The real calls, at most `piece` bytes written at once.
    func system(piece: Int = .max) -> FileSystemCalls {
      let real = FileSystemCalls.system
      return FileSystemCalls(
        open: { [self] in fails("open") ? -code : real.open($0, $1, $2) },
        write: { [self] descriptor, bytes in
          if fails("write") { return -Int(code) }
          return real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(piece)))
        },
        synchronize: { [self] in fails("fsync") ? -code : real.synchronize($0) },
        close: { [self] descriptor in
          let result = real.close(descriptor)
          return fails("close") ? -code : result
        },
        rename: { [self] in fails("rename") ? -code : real.rename($0, $1) },
        unlink: { real.unlink($0) },
        makeFolder: { [self] in fails("mkdir") ? -code : real.makeFolder($0, $1) })
    }
  }

  @Test func theOrderIsWriteSyncRenameSync() throws {
    let folder = try TemporaryFolder()
    let faults = Faults(failing: [], code: 0)
    try AtomicFile.write([1, 2, 3], to: folder.file("n/f"), createFolders: true, calls: faults.system(piece: 2))
    #expect(
      faults.calls == [
        "mkdir", "open", "fsync", "close",
        "open", "write", "write", "fsync", "close", "rename", "open", "fsync", "close",
      ])
  }

  @Test(arguments: [ENOSPC, EIO, EDQUOT, EACCES, EROFS, EMFILE])
  func everyCallThatFails(code: Int32) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("f")
    let old: [UInt8] = [1, 1, 1]
    let new: [UInt8] = [2, 2, 2, 2, 2]
    var failures = 0
    for failing in 0... {
      try AtomicFile.write(old, to: path)
      let faults = Faults(failing: [failing], code: code)
      do {
        try AtomicFile.write(new, to: path, createFolders: false, calls: faults.system(piece: 2))
        #expect(try readFile(at: path) == new)
        if faults.calls.count <= failing { break }
      } catch {
        failures += 1
        #expect((error as? FileFailure)?.path == path)
        let isReplaced = faults.calls.contains("rename") && failing > faults.calls.firstIndex(of: "rename") ?? 0
        #expect(try readFile(at: path) == (isReplaced ? new : old), "call \(failing), \(faults.calls)")
      }
      #expect(try folder.names() == ["f"], "call \(failing)")
    }
    // open, 3 writes, fsync, close, rename, open of the folder, fsync of the folder; its close is not looked at.
    // Where the folder may not be read, only its fsync is left out.
    #expect(failures == (code == EACCES ? 8 : 9))
  }

  @Test func interruptedCallsAreRepeated() throws {
    let folder = try TemporaryFolder()
    // open, write and close of the temporary file: EINTR is no failure of these.
    let faults = Faults(failing: [0, 2, 5], code: EINTR)
    try AtomicFile.write([5, 6], to: folder.file("f"), createFolders: false, calls: faults.system(piece: 8))
    #expect(try readFile(at: folder.file("f")) == [5, 6])
    #expect(try folder.names() == ["f"])
    #expect(faults.calls.prefix(6) == ["open", "open", "write", "write", "fsync", "close"])
  }

  @Test func aFileSystemWithoutFolderSyncIsGoodEnough() throws {
    let folder = try TemporaryFolder()
    let faults = Faults(failing: [6], code: EINVAL)
    try AtomicFile.write([5], to: folder.file("f"), createFolders: false, calls: faults.system())
    #expect(faults.calls[6] == "fsync")
  }

  @Test func aFolderFullOfTemporariesEnds() throws {
    let folder = try TemporaryFolder()
    let faults = Faults(failing: Set(0..<1000), code: EEXIST)
    let path = folder.file("f")
    #expect(
      text { try AtomicFile.write([5], to: path, createFolders: false, calls: faults.system()) }
        == "\(path): cannot create: File exists")
    #expect(faults.calls.count == 1000)
  }

  @Test func aFolderThatCannotBeOpenedIsReported() throws {
    let folder = try TemporaryFolder()
    for (code, text) in [(EIO, "Input/output error"), (ENOSPC, "No space left on device")] {
      let faults = Faults(failing: [0], code: code)
      var message = ""
      do { try Folder.create(at: folder.file("n"), calls: faults.system()) } catch { message = error.description }
      #expect(message == "\(folder.file("n")): cannot create the folder: \(text)")
    }
  }

  @Test func aWriteThatMakesNoProgressEnds() throws {
    let folder = try TemporaryFolder()
    let faults = Faults(failing: [], code: 0)
    #expect(
      text { try AtomicFile.write([5], to: folder.file("f"), createFolders: false, calls: faults.system(piece: 0)) }
        == "\(folder.file("f")): cannot write: \(String(cString: strerror(EIO)))")
    #expect(try folder.names() == [])
  }
}
