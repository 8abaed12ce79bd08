import Foundation
import GraftFiles
import GraftMatrices
import GraftPictures
import Testing

@testable import GraftData

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#endif

@Suite("Folders of pictures with links, pipes, empty folders and strange names")
struct StrangeFolderTests {
  /// A training and a test part with two classes.
  private func photos() throws -> Photos {
    let photos = Photos()
    for (index, name) in ["train/a/1", "train/a/2", "train/b/1", "test/a/1", "test/b/1"].enumerated() {
      try photos.write(Photos.grey(UInt8(40 + index)), to: "\(name).png")
    }
    return photos
  }

  private func link(_ place: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: target)
  }

  @Test("each folder is read once, whatever links lead to it")
  func loops() throws {
    let photos = try photos()
    try link("\(photos.root)/train/a/again", to: "..")
    try link("\(photos.root)/train/a/0", to: "../b")
    let loaded = try photos.load()
    #expect(loaded.pair.train.countsPerClass == [2, 1] && loaded.pair.test.count == 2)
    let remark = try #require(loaded.notes.first { $0.contains("passed over") })
    #expect(remark.hasPrefix("2 names are no files of their own and are passed over: train/a/"))
    #expect(remark.contains("train/a/again (a link to a folder that is read already)"))
    // A link out of the folder is a folder like any other.
    let outside = Photos()
    try outside.write(Photos.grey(99), to: "9.png")
    try link("\(photos.root)/train/c", to: outside.root)
    #expect(try photos.load().pair.train.countsPerClass == [2, 1, 1])
  }

  @Test("what is called a picture and is no file is named")
  func strangers() throws {
    let photos = try photos()
    try link("\(photos.root)/train/a/gone.png", to: "nowhere.png")
    try link("\(photos.root)/train/a/zero.jpg", to: "/dev/zero")
    try link("\(photos.root)/train/a/gone.txt", to: "nowhere.txt")
    #expect(mkfifo("\(photos.root)/train/b/pipe.png", 0o600) == 0)
    let notes = try photos.load().notes
    #expect(
      notes.contains(
        "3 names are no files of their own and are passed over: train/a/gone.png (a link to nothing), "
          + "train/a/zero.jpg (a device), train/b/pipe.png (a FIFO)"))
  }

  @Test("a folder without pictures is said to be no class")
  func emptyClasses() throws {
    let photos = try photos()
    try FileManager.default.createDirectory(atPath: "\(photos.root)/train/c", withIntermediateDirectories: true)
    #expect(try photos.load().notes.contains("the folder \"c\" has no pictures and is no class"))
    for name in ["d", "e", "f"] { try photos.write([1], to: "test/\(name)/notes.txt") }
    let loaded = try photos.load()
    #expect(loaded.notes.contains("4 folders have no pictures and are no classes: \"c\", \"d\", \"e\" and more"))
    #expect(loaded.pair.train.classNames == ["a", "b"])
  }

  @Test("a training folder without pictures is refused, and test is no class")
  func emptyTraining() throws {
    for files in [["test/1.png", "test/2.png"], ["test/a/1.png", "val/a/1.png", "docs/1.png"]] {
      let photos = Photos()
      for file in files { try photos.write(Photos.grey(3), to: file) }
      try photos.write([1], to: "train/a/notes.txt")
      #expect(
        message { _ = try photos.load() } == "\(photos.root): its folder \"train\" has no pictures to learn from")
    }
  }

  @Test("gigabytes that are called a picture are refused by their first bytes, on disk and in an archive")
  func foreignData() throws {
    let photos = try photos()
    let path = "\(photos.root)/train/a/3.png"
    try photos.write([], to: "train/a/3.png")
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 100 << 20)
    try handle.close()
    let error = "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found something else"
    #expect(message { _ = try photos.load() } == "\(path): \(error)")
    let shape = ImageShape(height: 5, width: 5)
    var inputs = try ImageInputs([path], shape: shape, fitting: .exact)
    #expect(message { _ = try inputs.nextPart() } == "\(path): \(error)")
    try FileManager.default.removeItem(atPath: path)
    var builder = NPZBuilder()
    for name in ["train/a/1.png", "test/a/1.png"] { builder.entries.append((name, Photos.grey(5), true)) }
    builder.entries.append(("train/a/2.png", [UInt8](repeating: 0, count: 4 << 20), true))
    let archive = "\(photos.scratch.path)/p.zip"
    try AtomicFile.write(builder.encoded(), to: archive)
    #expect(message { _ = try photos.load(at: archive) } == "\(archive): train/a/2.png: \(error)")
    let handle2 = try #require(FileHandle(forWritingAtPath: "\(photos.root)/train/a/1.png"))
    try handle2.truncate(atOffset: 129 << 20)
    try handle2.close()
    #expect(message { _ = try photos.load() }.hasSuffix("expected at most 134217728 bytes, found 135266304 bytes"))
  }

  #if canImport(Glibc)
    @Test("a folder or a file whose name is not UTF-8 is named, and not passed over")
    func names() throws {
      for (isFolder, kind) in [(true, "folder"), (false, "file")] {
        let photos = Photos()
        try photos.write(Photos.grey(3), to: "train/a/1.png")
        let bytes =
          Array("\(photos.root)/train/".utf8.map(CChar.init(bitPattern:))) + [0x6b, CChar(bitPattern: 0xe4), 0]
        if isFolder {
          try #require(mkdir(bytes, 0o777) == 0)
        } else {
          let descriptor = open(bytes, O_CREAT | O_WRONLY, 0o600)
          try #require(descriptor >= 0)
          close(descriptor)
        }
        let failure = try #require(throws: FileFailure.self) { try photos.load() }
        #expect(failure.kind == .badData && failure.reason == "the name is not UTF-8: rename the \(kind)")
        // Without a picture that is found first.
        try FileManager.default.removeItem(atPath: "\(photos.root)/train/a/1.png")
        #expect(message { _ = try photos.load() }.hasSuffix("the name is not UTF-8: rename the \(kind)"))
      }
    }
  #endif
}
