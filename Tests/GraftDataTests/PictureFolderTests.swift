import Foundation
import GraftFiles
import GraftMatrices
import GraftPictures
import Testing

@testable import GraftData

/// A folder of small pictures for one test.
struct Photos {
  let scratch = TemporaryFolder()
  var root: String { "\(scratch.path)/photos" }

  func write(_ bytes: [UInt8], to path: String) throws {
    try AtomicFile.write(bytes, to: "\(root)/\(path)", createFolders: true)
  }

  /// A picture of one colour, so that its pixels are known.
  static func png(_ red: UInt8, _ green: UInt8, _ blue: UInt8, width: Int = 6, height: Int = 4) -> [UInt8] {
    PNGImage(
      width: width, height: height,
      colors: [UInt8]((0..<width * height).flatMap { _ in [red, green, blue] })
    ).encoded()
  }

  static func grey(_ value: UInt8, width: Int = 5, height: Int = 5) -> [UInt8] {
    PNGImage(width: width, height: height, pixels: [UInt8](repeating: value, count: width * height)).encoded()
  }

  func load(_ change: (inout ReadingOptions) -> Void = { _ in }, at path: String? = nil) throws -> LoadedData {
    var request = DataRequest(name: path ?? root, environment: [:], isOffline: true)
    request.options.threads = 2
    change(&request.options)
    return try DatasetPair.load(request)
  }
}

@Suite("Folders of pictures")
struct PictureFolderTests {
  @Test("train/ and val/ are the sides, folders the classes, and colours lie in planes")
  func sides() throws {
    let photos = Photos()
    for index in 0..<3 {
      try photos.write(Photos.png(200, 100, UInt8(index)), to: "train/cat/\(index).png")
      try photos.write(Photos.png(10, 20, UInt8(index)), to: "train/dog/deeper/\(index).png")
    }
    var mixed = [UInt8](repeating: 90, count: 72)
    mixed[3] = 30
    try photos.write(PNGImage(width: 6, height: 4, colors: mixed).encoded(), to: "val/dog/0.png")
    try photos.write([1], to: "train/cat/.DS_Store")
    try photos.write(Array("hello".utf8), to: "train/cat/notes.txt")
    let loaded = try photos.load()
    let (train, test) = (loaded.pair.train, loaded.pair.test)
    #expect(train.shape == ImageShape(channels: 3, height: 4, width: 6) && train.classNames == ["cat", "dog"])
    #expect(train.labels == [0, 1, 0, 1, 0, 1] && test.labels == [1])
    let plane = [UInt8](repeating: 200, count: 24)
    #expect(Array(train.image(2)) == plane + plane.map { _ in 100 } + plane.map { _ in 1 })
    #expect(
      loaded.notes.contains("1 file that is no picture is passed over")
        && !loaded.remarks.contains { $0.contains("left out") })
    #expect(train.name == "photos")
  }

  @Test("a picture stays on its side when pictures are added, and both sides have each class")
  func draw() throws {
    let photos = Photos()
    for index in 0..<40 {
      try photos.write(Photos.grey(UInt8(100 + index)), to: "a/\(index).png")
      try photos.write(Photos.grey(UInt8(10 + index)), to: "b/\(index).png")
    }
    func sides() throws -> (train: Set<UInt8>, test: Set<UInt8>) {
      let pair = try photos.load().pair
      func values(_ dataset: Dataset) -> Set<UInt8> { Set((0..<dataset.count).compactMap { dataset.image($0).first }) }
      return (values(pair.train), values(pair.test))
    }
    let before = try sides()
    #expect(before.train.count + before.test.count == 80 && (6...28).contains(before.test.count))
    for index in 0..<30 { try photos.write(Photos.grey(UInt8(200 + index)), to: "a/new\(index).png") }
    let after = try sides()
    #expect(before.train.isSubset(of: after.train) && before.test.isSubset(of: after.test))
    let other = try photos.load { $0.seed = 1 }.pair
    #expect(other.test.digest != (try photos.load().pair.test.digest))
    let few = Photos()
    for (index, name) in ["a/1.png", "a/2.png", "b/1.png", "b/2.png"].enumerated() {
      try few.write(Photos.grey(UInt8(50 + index)), to: name)
    }
    let pair = try few.load { $0.testFraction = 0.01 }.pair
    #expect(pair.train.countsPerClass == [1, 1] && pair.test.countsPerClass == [1, 1])
  }

  @Test("a picture that cannot be read is refused by its path, or left out and listed")
  func badPictures() throws {
    let photos = Photos()
    for index in 0..<4 { try photos.write(Photos.grey(UInt8(index + 20)), to: "train/a/\(index).png") }
    for index in 0..<2 { try photos.write(Photos.grey(UInt8(index + 70)), to: "test/a/\(index).png") }
    try photos.write(Array("GIF89a......".utf8), to: "train/a/odd.gif")
    try photos.write(Array(Photos.grey(9).dropLast(30)), to: "train/a/zcut.png")
    let error = try #require(throws: FormatError.self) { try photos.load() }
    #expect(error.path == "\(photos.root)/train/a/odd.gif" && error.description.contains("a GIF image"))
    #expect(error.description.contains("1 more") && error.remedy == .skippingBadPictures && error.kind == .badData)
    let loaded = try photos.load { $0.skipsBad = true }
    #expect(loaded.pair.train.count == 4 && loaded.remarks.first == "2 pictures cannot be read and are left out")
    #expect(loaded.remarks.contains { $0.contains("odd.gif") } && loaded.remarks.contains { $0.contains("zcut.png") })
  }

  @Test("size, fit and colours are as asked, else as the pictures or the model are")
  func sizes() throws {
    let photos = Photos()
    try photos.write(Photos.png(255, 0, 0, width: 90, height: 60), to: "train/a/1.png")
    try photos.write(Photos.grey(80), to: "test/a/1.png")
    #expect(try photos.load().pair.train.shape == ImageShape(channels: 3, height: 64, width: 64))
    let grey = try photos.load {
      $0.size = ImageSize(height: 8, width: 10)
      $0.colors = .grey
    }.pair
    #expect(grey.train.shape == ImageShape(height: 8, width: 10))
    #expect(Array(grey.train.pixels) == [UInt8](repeating: 76, count: 80))
    let model = try photos.load { $0.preferredShape = ImageShape(channels: 1, height: 5, width: 5) }.pair
    #expect(model.train.shape == ImageShape(height: 5, width: 5))
    let padded = try photos.load {
      $0.size = ImageSize(height: 9, width: 9)
      $0.fit = .pad
    }.pair.train
    #expect(padded.pixels[0] == 0 && padded.pixels[40] == 255)
  }

  @Test("a folder in an archive is read as the folder is, below any single folder")
  func archive() throws {
    let photos = Photos()
    var builder = NPZBuilder()
    for (name, bytes) in [
      ("train/a/1.png", Photos.png(1, 2, 3)), ("train/b/1.png", Photos.png(4, 5, 6)),
      ("test/a/1.png", Photos.png(7, 8, 9)), ("test/b/2.png", Photos.png(10, 11, 12)),
    ] {
      try photos.write(bytes, to: name)
      builder.entries.append((name: "set/\(name)", bytes: bytes, deflated: true))
    }
    builder.entries.append((name: "__MACOSX/set/train/a/._1.png", bytes: [0], deflated: false))
    let path = "\(photos.scratch.path)/photos.zip"
    try AtomicFile.write(builder.encoded(), to: path)
    let (folder, archive) = try (photos.load().pair, photos.load(at: path).pair)
    #expect(folder.train.digest == archive.train.digest && folder.test.digest == archive.test.digest)
    #expect(archive.train.classNames == ["a", "b"])
  }

  @Test("a second start reads the kept pictures, and a changed picture is decoded anew")
  func cache() throws {
    let photos = Photos()
    for name in ["train/a/1.png", "test/a/1.png"] { try photos.write(Photos.grey(40), to: name) }
    let cache = "\(photos.scratch.path)/cache"
    func load() throws -> LoadedData { try photos.load { $0.cacheFolder = cache } }
    let first = try load()
    let folder = DecodedCacheFolder(cache)
    let kept = try #require(folder.files.first)
    #expect(folder.files.count == 1)
    let second = try load()
    #expect(second.pair.train.digest == first.pair.train.digest && second.notes == first.notes)
    // A damaged file is decoded anew.
    var bytes = try readFile(at: kept.path)
    bytes[bytes.count - 3] ^= 1
    try AtomicFile.write(bytes, to: kept.path)
    #expect(try load().pair.train.digest == first.pair.train.digest)
    try photos.write(Photos.grey(41, width: 5, height: 5), to: "train/a/1.png")
    #expect(try load().pair.train.pixels.first == 41)
    #expect(folder.files.count == 2)
    #expect(try folder.clear() > 0 && folder.files.isEmpty)
  }

  @Test("images that would fill the memory lie in a file, are the same, and a second start finds them")
  func file() throws {
    let photos = Photos()
    for index in 0..<6 {
      try photos.write(Photos.png(UInt8(10 * index), 50, 200), to: "train/a/\(index).png")
      try photos.write(Photos.png(9, UInt8(10 * index), 20), to: "train/b/\(index).png")
      try photos.write(Photos.png(UInt8(index), 1, 77), to: "test/b/\(index).png")
    }
    try photos.write(Array("no picture".utf8), to: "train/a/7.png")
    let cache = "\(photos.scratch.path)/cache"
    func load(inMemory most: Int = 100, cache: String?) throws -> LoadedData {
      try photos.load {
        $0.skipsBad = true
        $0.cacheFolder = cache
        $0.mostInMemory = most
      }
    }
    let usual = try load(inMemory: .max / 2, cache: nil)
    #expect(!usual.pair.train.rows.isInFile)
    for _ in 0..<2 {
      let kept = try load(cache: cache)
      #expect(kept.pair.train.rows.isInFile && kept.pair.test.rows.isInFile)
      #expect(kept.pair.train == usual.pair.train && kept.pair.test == usual.pair.test)
      #expect(kept.pair.train.digest == usual.pair.train.digest)
      #expect(kept.pair.train.channelMoments.map(\.mean) == usual.pair.train.channelMoments.map(\.mean))
      #expect(kept.notes.contains { $0.contains("read from a file in the cache") })
    }
    // Two files, of which the pixels are the larger; damaged ones are made anew.
    let folder = DecodedCacheFolder(cache)
    #expect(folder.files.count == 2)
    let pixels = try #require(folder.files.first { $0.path.hasSuffix(".pixels") })
    #expect(pixels.size == 19 * 72)
    var bytes = try readFile(at: pixels.path)
    bytes[100] ^= 1
    try AtomicFile.write(bytes, to: pixels.path)
    #expect(try load(cache: cache).pair.train == usual.pair.train)
    #expect(try SHA256Digest.hex(ofFileAt: pixels.path) != SHA256Digest.hex(of: bytes))
    unlink(pixels.path)
    #expect(try load(cache: cache).pair.train == usual.pair.train)
    #expect(try folder.clear() > 0 && folder.files.isEmpty)
  }

  @Test("images that would fill the memory are refused if no folder can keep them")
  func tooMany() throws {
    let photos = Photos()
    for name in ["train/a/1.png", "test/a/1.png"] { try photos.write(Photos.grey(40), to: name) }
    let failure = try #require(throws: GraftFailure.self) { try photos.load { $0.mostInMemory = 10 } }
    #expect(failure.kind == .badData && "\(failure)".contains("2 images of"), "\(failure)")
    #expect("\(failure)".contains("more than this machine's memory can hold"))
  }

  @Test("classes of numbers are in the order of numbers, and more than 256 keep their labels")
  func manyClasses() throws {
    let photos = Photos()
    for label in 0..<300 {
      try photos.write(Photos.grey(UInt8(label % 256), width: 1, height: 1), to: "train/\(label)/1.png")
      try photos.write(Photos.grey(UInt8(label % 256), width: 1, height: 1), to: "test/\(label)/1.png")
    }
    let pair = try photos.load().pair
    #expect(pair.train.classNames == (0..<300).map(String.init))
    #expect(pair.train.labels.sorted() == Array(0..<300) && pair.test.labels.max() == 299)
    #expect(zip(pair.train.labels, pair.train.pixels).allSatisfy { $0 % 256 == Int($1) })
  }

  @Test(
    "folders without labelled pictures say so",
    arguments: [
      (["1.png", "x/notes.txt"], "with a folder of pictures for each class"),
      (["test/a/1.png", "val/a/1.png"], "it has \"test\" and \"val\", and no folder train"),
    ] as [([String], String)])
  func noClasses(files: [String], problem: String) throws {
    let photos = Photos()
    for file in files { try photos.write(Photos.grey(3), to: file) }
    let failure = try #require(throws: (any Error).self) { try photos.load() }
    #expect("\(failure)".contains(problem), "\(failure)")
  }
}
