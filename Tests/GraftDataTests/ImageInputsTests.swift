import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import NumericChecks
import Testing

@Suite("Images that paths name")
struct ImageInputsTests {
  private static let shape = ImageShape(channels: 3, height: 6, width: 6)
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func write(_ name: String, _ bytes: [UInt8]? = nil, seed: Int = 0) throws {
    let bytes = bytes ?? ImageInputTests.colorPicture(height: 8 + seed % 5, width: 7 + seed % 3, seed: seed)
    try AtomicFile.write(bytes, to: "\(folder.path)/\(name)", createFolders: true)
  }

  private func inputs(_ names: [String], threads: Int = 2, skipsBad: Bool = false) throws -> ImageInputs {
    try ImageInputs(
      names.map { $0 == "-" ? $0 : "\(folder.path)/\($0)" }, shape: Self.shape, fitting: .pictures(), threads: threads,
      skipsBad: skipsBad, standardInput: { [UInt8](repeating: 5, count: Self.shape.count) })
  }

  /// The names of all images below the folder, part by part.
  private func parts(_ inputs: ImageInputs) throws -> (names: [[String]], inputs: ImageInputs) {
    var inputs = inputs
    var names: [[String]] = []
    while let part = try inputs.nextPart() {
      names.append(part.map { $0.name.replacing("\(folder.path)/", with: "") })
    }
    return (names, inputs)
  }

  @Test("folders in the order of names, with their subfolders, without hidden files and others")
  func folders() throws {
    for name in ["p/b.png", "p/a/2.png", "p/a/10.png", "p/a/.hidden.png", "p/.dot/x.png", "q.png"] { try write(name) }
    try write("p/notes.txt", Array("no picture".utf8))
    let (names, read) = try parts(inputs(["p", "q.png", "-"]))
    #expect(names == [["p/a/10.png", "p/a/2.png", "p/b.png", "q.png", "standard input"]])
    #expect(read.passedOver == 1 && read.count == 5 && read.leftOut.isEmpty)
  }

  @Test("parts of 256 with the same images whatever the number of threads, a large file between pictures")
  func bounded() throws {
    for index in 0..<60 { try write("p/\(1000 + index).png", seed: index) }
    let rows = (0..<130).flatMap { row in [UInt8](repeating: UInt8(row), count: Self.shape.count) }
    try write("table", IDXFile(dimensions: [130, 3, 6, 6], bytes: rows).encoded())
    let five = [String](repeating: "p", count: 5)
    func images(_ threads: Int) throws -> [[ImageInput]] {
      var inputs = try inputs(five + ["table"] + five, threads: threads)
      var parts: [[ImageInput]] = []
      while let part = try inputs.nextPart() { parts.append(part) }
      return parts
    }
    let one = try images(1)
    #expect(one.map(\.count) == [256, 256, 218])
    #expect(one[1][44].name.hasSuffix("table[0]") && one[1][44].row == 0 && one[1][43].row == nil)
    #expect(Array(one.joined().prefix(300)).map(\.pixels) == Array(one.joined().suffix(300)).map(\.pixels))
    #expect(try images(3) == one)
  }

  @Test("a bad picture is refused with its path, or left out and listed")
  func bad() throws {
    for index in 0..<4 { try write("p/\(index).png", seed: index) }
    try write("p/2.jpg", Array("GIF89a".utf8))
    try write("p/x.heic", Array("?".utf8))
    let error = #expect(throws: FormatError.self) { try parts(inputs(["p"])) }
    #expect(error?.remedy == .skippingBadPictures)
    #expect(
      error?.description
        == "\(folder.path)/p/2.jpg: byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found a GIF image")
    let (names, read) = try parts(inputs(["p"], skipsBad: true))
    #expect(names == [["p/0.png", "p/1.png", "p/2.png", "p/3.png"]])
    #expect(read.leftOut.map { $0.path.map(lastName) } == ["2.jpg", "x.heic"])
    // A picture of its own has no others to go on with.
    let alone = #expect(throws: FormatError.self) { try parts(inputs(["p/2.jpg"])) }
    #expect(alone?.remedy == nil)
  }

  private func lastName(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

  @Test("what is not there, and folders without pictures, are refused before anything is read")
  func missing() throws {
    try write("p/1.png")
    try write("empty/notes.txt", [1])
    #expect(throws: FileFailure.self) { try inputs(["p", "p/2.png"]) }
    let error = #expect(throws: FormatError.self) { try inputs(["p", "empty"]) }
    #expect(error?.description.hasSuffix("empty: there is no picture in it or in any of its folders") == true)
  }

  @Test("a zip archive is read like its folder")
  func archive() throws {
    let pictures = (0..<3).map { ImageInputTests.colorPicture(height: 9, width: 9 + $0, seed: $0) }
    let entries = pictures.enumerated().map { (name: "set/\($0).png", bytes: $1, deflated: $0 == 1) }
    try write("set.zip", NPZBuilder(entries: entries).encoded())
    for (index, picture) in pictures.enumerated() { try write("set/\(index).png", picture) }
    var (zip, plain) = (try inputs(["set.zip"]), try inputs(["set"]))
    let (packed, unpacked) = (try zip.nextPart() ?? [], try plain.nextPart() ?? [])
    #expect(packed.map(\.pixels) == unpacked.map(\.pixels) && packed.count == 3)
    #expect(packed[0].name == "\(folder.path)/set.zip: set/0.png")
  }
}
