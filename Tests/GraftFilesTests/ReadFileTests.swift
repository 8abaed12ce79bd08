import Foundation
import Testing

@testable import GraftFiles

@Suite struct ReadFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 4096, 100_001])
  func readsWhole(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try folder.write(bytes, to: "f")
    #expect(try readFile(at: folder.file("f")) == bytes)
    #expect(try SHA256Digest.hex(ofFileAt: folder.file("f")) == SHA256Digest.hex(of: bytes))
  }

  @Test func limitIsTheLastSizeAllowed() throws {
    try folder.write([1, 2, 3], to: "f")
    let path = folder.file("f")
    #expect(try readFile(at: path, limit: 3) == [1, 2, 3])
    #expect(text { try readFile(at: path, limit: 2) } == "\(path): expected at most 2 bytes, found 3 bytes")
  }

  @Test func whatIsNoRegularFileIsRefusedAtOnce() throws {
    let fifo = folder.file("fifo")
    try #require(mkfifo(fifo, 0o600) == 0)
    #expect(text { try readFile(at: fifo) } == "\(fifo): cannot read: not a regular file but a FIFO")
    #expect(text { try readFile(at: folder.path) } == "\(folder.path): cannot read: Is a directory")
    #expect(text { try readFile(at: "/dev/zero") } == "/dev/zero: cannot read: not a regular file but a device")
    #expect(text { try SHA256Digest.hex(ofFileAt: fifo) } == "\(fifo): cannot read: not a regular file but a FIFO")
    let missing = folder.file("missing")
    #expect(text { try readFile(at: missing) } == "\(missing): cannot read: No such file or directory")
    #expect(text { try readFile(at: "") } == "an empty name: cannot read: No such file or directory")
    #expect(text { try readFile(at: "a\0b") } == "a\\u{0}b: cannot read: Invalid argument")
    for path in [fifo, folder.path, "/dev/zero", missing, "", "a\0b"] {
      #expect(throws: FileFailure.self) { try readFile(at: path) }
      do { _ = try readFile(at: path) } catch let error as FileFailure { #expect(error.kind == .missingInput) }
    }
  }

  @Test func symbolicLinksAreFollowedAndLoopsRefused() throws {
    try folder.write([7], to: "f")
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "f")
    try FileManager.default.createSymbolicLink(atPath: folder.file("loop"), withDestinationPath: "loop")
    #expect(try readFile(at: folder.file("link")) == [7])
    do {
      _ = try readFile(at: folder.file("loop"))
      Issue.record("a loop was read")
    } catch let error as FileFailure { #expect(error.kind == .missingInput) }
  }

  @Test func aFileThatChangesWhileOpenIsNoticed() throws {
    try folder.write([1, 2, 3], to: "f")
    let path = folder.file("f")
    let file = try RegularFile(opening: path)
    #expect(try file.read(upTo: 2) == [1, 2])
    try #require(truncate(path, 1) == 0)
    var message = ""
    do { try file.checkUnchanged() } catch { message = error.description }
    #expect(message == "\(path): cannot read: the file changed while being read: from 3 bytes to 1")
  }

  #if os(Linux)
    @Test func aFileWithoutTrueSizeIsRefused() {
      // /proc files say "0 bytes" and then have content; reading them "whole" would give an empty file.
      #expect(
        text { try readFile(at: "/proc/self/mem") } == "/proc/self/mem: cannot read: Input/output error")
      #expect(
        text { try readFile(at: "/proc/self/stat") }
          == "/proc/self/stat: cannot read: the file changed while being read, or is not stored on a disk")
    }
  #endif
}

@Suite struct SHA256DigestTests {
  /// FIPS 180-4 examples, and pieces against the whole.
  @Test func knownDigests() {
    #expect(SHA256Digest.hex(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256Digest.hex(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    var stream = SHA256Digest.Stream()
    for piece in ["a", "", "bc"] { stream.update(Array(piece.utf8)) }
    #expect(stream.hex() == SHA256Digest.hex(of: Array("abc".utf8)))
    stream.update([0, 0x64, 0][1..<2])
    #expect(stream.hex() == SHA256Digest.hex(of: Array("abcd".utf8)))
  }
}
