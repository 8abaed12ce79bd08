import Foundation
import GraftFiles
import GraftMatrices
import Testing

@testable import GraftData

/// The formats in which data sets of the catalogue are published, from small files of the same layouts.
@Suite struct PublishedFormatsTests {
  let home = TemporaryFolder()

  /// Loads a data set of the catalogue from the folder, under its own name and places.
  private func load(_ name: String) throws -> LoadedData {
    let environment = ["HOME": home.path + "/home"]
    return try DataLoader(
      DataRequest(name: name, dataFolder: home.path, environment: environment, isOffline: true)
    ).load()
  }

  // MARK: EMNIST

  /// Two images of 28 x 28 with an ink spot in row 3, column 20 as published.
  private var images: IDXFile {
    var pixels = [UInt8](repeating: 0, count: 2 * 784)
    pixels[3 * 28 + 20] = 200
    pixels[784 + 3 * 28 + 20] = 100
    return try! IDXFile(dimensions: [2, 28, 28], bytes: pixels)
  }

  @Test func emnistIsTurnedUpright() throws {
    for (name, bytes) in [
      ("train-images-idx3", images.encoded()), ("test-images-idx3", images.encoded()),
      ("train-labels-idx1", try IDXFile(dimensions: [2], bytes: [1, 26]).encoded()),
      ("test-labels-idx1", try IDXFile(dimensions: [2], bytes: [2, 3]).encoded()),
    ] {
      home.write(Gzip.compress(bytes), to: "emnist-letters-\(name)-ubyte.gz")
    }
    let loaded = try load("emnist-letters")
    let train = loaded.pair.train
    #expect(train.name == "emnist-letters" && train.labels == [0, 25] && loaded.pair.test.labels == [1, 2])
    #expect(train.classNames[0] == "A" && train.classNames[25] == "Z")
    #expect(train.pixels[20 * 28 + 3] == 200 && train.pixels[3 * 28 + 20] == 0)
    #expect(loaded.notes == ["EMNIST's images are published with rows and columns exchanged: they were turned upright"])
    home.write(
      Gzip.compress(try IDXFile(dimensions: [2], bytes: [0, 3]).encoded()),
      to: "emnist-letters-test-labels-idx1-ubyte.gz")
    #expect(message { _ = try load("emnist-letters") }.hasSuffix("expected labels from 1 on, found 0"))
  }

  @Test func emnistIsReadFromItsArchive() throws {
    let names = ["train-images-idx3", "train-labels-idx1", "test-images-idx3", "test-labels-idx1"]
    let labels = try IDXFile(dimensions: [2], bytes: [9, 0]).encoded()
    let files = zip(names, [images.encoded(), labels, images.encoded(), labels])
    let archive = NPZBuilder(
      entries: files.map { ("gzip/emnist-digits-\($0)-ubyte.gz", Gzip.compress($1), true) })
    home.write(archive.encoded(), to: "gzip.zip")
    let loaded = try load("emnist-digits")
    #expect(loaded.pair.train.labels == [9, 0] && loaded.pair.train.pixels[20 * 28 + 3] == 200)
    // The archive has other bytes than NIST's.
    #expect(loaded.source.hasSuffix(" (differs from the published)"))
    #expect(
      message { _ = try load("emnist-balanced") }.hasSuffix("it has no emnist-balanced-train-images-idx3-ubyte.gz"))
  }

  // MARK: QMNIST

  @Test func labelsOfQMNISTAreTheFirstOfEightNumbers() throws {
    let folder = home.folder("QMNIST/raw") + "/"
    try Data(Gzip.compress(images.encoded())).write(
      to: URL(fileURLWithPath: folder + "qmnist-train-images-idx3-ubyte.gz"))
    try Data(images.encoded()).write(to: URL(fileURLWithPath: folder + "qmnist-test-images-idx3-ubyte"))
    func labels(_ part: String, _ labels: [Int], width: Int = 8) throws {
      try Data(ArchiveBuilder.wideLabels(labels, width: width)).write(
        to: URL(fileURLWithPath: folder + "qmnist-\(part)-labels-idx2-int.gz"))
    }
    try labels("train", [5, 0])
    try labels("test", [7, 3])
    let loaded = try load("qmnist")
    #expect(loaded.pair.train.labels == [5, 0] && loaded.pair.test.labels == [7, 3])
    #expect(loaded.pair.test.pixels == images.bytes)
    #expect(message { _ = try load("qmnist-50k") }.hasSuffix("expected more than 10000 labels, found 2"))
    try labels("test", [7, 30])
    #expect(message { _ = try load("qmnist") }.hasSuffix("byte 44: expected digits from 0 to 9, found 30"))
    try labels("test", [7])
    #expect(message { _ = try load("qmnist") }.hasSuffix("expected 2 labels, found 1"))
    try labels("test", [7, 3], width: 100)
    #expect(message { _ = try load("qmnist") }.contains("expected labels of 1 to 64 numbers"))
  }

  // MARK: USPS

  @Test func uspsIsReadFromBzip2() throws {
    home.write(Array(try #require(Data(base64Encoded: Self.packedTrain))), to: "usps.bz2")
    #expect(message { _ = try load("usps") }.contains("lacks usps.t.bz2"))
    home.write(Array(try #require(Data(base64Encoded: Self.packedTest))), to: "usps.t.bz2")
    let pair = try load("usps").pair
    #expect(pair.train.shape == ImageShape(channels: 1, height: 16, width: 16))
    #expect(pair.train.labels == [0, 9] && pair.test.labels == [7])
    #expect(pair.train.pixels[..<4] == [0, 255, 128, 0] && pair.train.pixels[256...].allSatisfy { $0 == 255 })
    // -0.25 is 95.6 of 255; a value that is left out is 0.
    #expect(pair.test.pixels[0] == 191 && pair.test.pixels[1] == 128 && pair.test.pixels[255] == 96)
    home.write([1, 2, 3], to: "usps.t.bz2")
    #expect(message { _ = try load("usps") }.hasSuffix("usps.t.bz2: byte 0: this is other data, not a bzip2 file"))
    home.write(Array(try #require(Data(base64Encoded: Self.packedTest)).dropLast(9)), to: "usps.t.bz2")
    #expect(message { _ = try load("usps") }.contains("expected more bzip2 data, found the end of the file"))
  }

  @Test(arguments: [
    ("11 1:0", "line 1: expected a label from 1 to 10"), ("1 1:0\nx", "line 2: expected a label from 1 to 10"),
    ("1 257:0", "line 1: expected index:value"), ("1 1:nan", "line 1: expected index:value"), ("", "it has no lines"),
    ("1 1:1.5", "line 1: expected index:value"), ("1 0:1", "line 1: expected index:value"),
  ]) func wrongLinesOfUSPSAreNamed(text: String, problem: String) {
    #expect(message { _ = try USPSDataset.images(Array(text.utf8)) }.hasPrefix(problem))
  }

  /// `1 1:-1 2:1 3:0 4:-1 … 256:-1` and `10 1:1 … 256:1`, by Python's bz2.
  private static let packedTrain = """
    QlpoOTFBWSZTWZsl0RgAB65YAEAQQAN/8FAFneAAnpXqrqquAApgAJog/8VMo/8qqAKqf4gf6pUeqAyfqpUbU/aqNAap/6pKQ3+lU9J6nzJJJJMl\
    tsvolklk/pbbbySSyXmW9dTpJJJJGZJJJJJ+SSSSTnsAAAAAA5ky7+9/P7y2y25mW22y22222y25mW2/O/IAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAOgAACAAAAAAAAAAAAAAAAAAGeSdTt3mZkljAySxgZJYwMksYGSWMDJLGBkljAySxgZJYwPdTHve973nW\
    BdVV3d3dwAdYF1VXd75JZ3OjJLALLALLALLALaAAAABvOa3d3d751BUyASA4QVeKq7uzszMzMzIAAAAAAAG8y5VToFNqAKq5VToFNnKve+AAAAAA\
    AAtttttdlfFU4AbbKqqr4AHDve85zm7u73voAAAAAYttkkkkkkblXip4AbbCqqq8tt9W285zl3d2+gAAAAJJJJOuV4vVMBbQFeKrxegYLmZbd3bw\
    AAAAAAaqq+koFtAFVVV9BQLaALcAAAAAANzd3d3d9kAtoAKqqr7IBbQASSSSSAAAAEGZvN3d3d33VtzJBd3d3d3d9QJmQkBwYAHUAHCQGxQGgyDI\
    NBQGxIDhAB1gAGAB1ABwkBsUBoMkQOEgAAADINBQGxIDhAB1jVBo4MADqADhIDYoDQZBkGgoDYkBwgA6wADAA6gA4SA2KA0GSIHCQG8CgNBkGQaC\
    gNiQHCADrH+LuSKcKEhNkuiMA==
    """
  /// `8 1:0.5 256:-0.25`.
  private static let packedTest =
    "QlpoOTFBWSZTWcVy93sAAAfYAAAQQANzUCAAIhpGynlCAaaaExFRwoPAfSfF3JFOFCQxXL3ewA=="

  // MARK: CIFAR

  private func row(_ labels: [UInt8], _ color: [UInt8]) -> [UInt8] {
    labels + color.flatMap { [UInt8](repeating: $0, count: 1024) }
  }

  @Test func cifarIsReadFromItsArchiveAndFromItsFolder() throws {
    let folder = "cifar-10-batches-bin/"
    let batches = (1...5).map { (name: "data_batch_\($0).bin", bytes: row([UInt8($0)], [10, 20, UInt8($0)])) }
    let names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", ""]
    let files =
      batches + [
        ("test_batch.bin", row([9], [1, 2, 3])), ("batches.meta.txt", Array(names.joined(separator: "\n").utf8)),
      ]
    home.write(
      Gzip.compress(ArchiveBuilder.tar(files.map { (folder + $0.name, $0.bytes) })), to: "cifar-10-binary.tar.gz")
    _ = home.folder("own")
    for file in files { home.write(file.bytes, to: "own/" + file.name) }
    for name in ["cifar-10", home.path + "/cifar-10-binary.tar.gz", home.path + "/own"] {
      let pair = try load(name).pair
      #expect(pair.train.shape == ImageShape(channels: 3, height: 32, width: 32))
      #expect(pair.train.labels == [1, 2, 3, 4, 5] && pair.test.labels == [9])
      #expect(pair.train.classNames == names.dropLast())
      #expect(pair.train.pixels[0] == 10 && pair.train.pixels[2048] == 1 && pair.test.pixels[3071] == 3)
    }
    try FileManager.default.removeItem(atPath: home.path + "/own/data_batch_3.bin")
    #expect(message { _ = try load(home.path + "/own") }.contains("lacks data_batch_3.bin"))
    home.write(row([10], [1, 2, 3]), to: "own/data_batch_3.bin")
    #expect(
      message { _ = try load(home.path + "/own") }.hasSuffix(
        "data_batch_3.bin: byte 0: expected labels from 0 to 9, found 10"))
    home.write([1, 2], to: "own/data_batch_3.bin")
    #expect(message { _ = try load(home.path + "/own") }.hasSuffix("expected rows of 3073 bytes, found 2 bytes"))
  }

  @Test func fineLabelsOfCIFAR100AreUsed() throws {
    let names = (0..<100).map { "class \($0)" }.joined(separator: "\n")
    let tar = ArchiveBuilder.tar([
      ("cifar-100-binary/train.bin", row([19, 99], [1, 2, 3]) + row([0, 7], [4, 5, 6])),
      ("cifar-100-binary/test.bin", row([3, 0], [7, 8, 9])),
      ("cifar-100-binary/fine_label_names.txt", Array(names.utf8)),
    ])
    home.write(Gzip.compress(tar), to: "cifar-100-binary.tar.gz")
    let pair = try load("cifar-100").pair
    #expect(pair.train.labels == [99, 7] && pair.train.classNames[99] == "class 99")
    // One byte of a header changed, and an archive that is cut off.
    var damaged = tar
    damaged[3] ^= 1
    home.write(Gzip.compress(damaged), to: "cifar-100-binary.tar.gz")
    #expect(message { _ = try load("cifar-100") }.contains("expected a tar header with checksum"))
    home.write(Gzip.compress(Array(tar[..<2000])), to: "cifar-100-binary.tar.gz")
    #expect(message { _ = try load("cifar-100") }.contains("expected 6148 bytes of a file"))
  }

  // MARK: Kuzushiji-49 and photographs

  @Test func arraysInFilesOfTheirOwnAreReadByName() throws {
    for (part, labels) in [("train", [0, 48, 3]), ("test", [1, 2, 3])] as [(String, [UInt8])] {
      let pixels = [UInt8](repeating: 9, count: 3 * 784)
      home.write(NPZBuilder(["arr_0": ("|u1", "(3, 28, 28)", pixels)]).encoded(), to: "k49-\(part)-imgs.npz")
      home.write(NPZBuilder(["arr_0": ("|u1", "(3,)", labels)]).encoded(), to: "k49-\(part)-labels.npz")
    }
    let pair = try load("k49").pair
    #expect(pair.train.labels == [0, 48, 3] && pair.train.name == "k49")
    #expect(pair.train.classNames[5] == "ka" && pair.train.classNames[48] == "mark")
  }

  @Test func photographsAreReadFromTheirArchiveAndFromTheirFolder() throws {
    func picture(_ shade: UInt8) -> [UInt8] {
      PNGImage(width: 6, height: 4, pixels: (0..<24).map { shade &+ UInt8($0) }).encoded()
    }
    let files: [(String, [UInt8])] = [
      ("train/ants/1.png", picture(0)), ("train/ants/imageNotFound.gif", Array("GIF89a".utf8)),
      ("train/bees/1.png", picture(100)), ("val/ants/2.png", picture(50)), ("val/bees/2.png", picture(150)),
    ]
    for (name, bytes) in files {
      _ = home.folder("hymenoptera_data/" + name.split(separator: "/").dropLast().joined(separator: "/"))
      home.write(bytes, to: "hymenoptera_data/" + name)
    }
    let unpacked = try load("hymenoptera")
    try FileManager.default.removeItem(atPath: home.path + "/hymenoptera_data")
    let archive = NPZBuilder(entries: files.map { ("hymenoptera_data/" + $0, $1, true) })
    home.write(archive.encoded(), to: "hymenoptera_data.zip")
    let packed = try load("hymenoptera")
    #expect(packed.source.hasSuffix(" (differs from the published)") && unpacked.source == home.path)
    for loaded in [packed, unpacked] {
      #expect(loaded.pair.train.name == "hymenoptera" && loaded.pair.train.classNames == ["ants", "bees"])
      #expect(loaded.pair.train.count == 2 && loaded.pair.test.labels == [0, 1])
      // Published with a file that is no picture: left out and said, and no reason to stop.
      #expect(loaded.remarks.first == "1 picture cannot be read and is left out")
    }
  }
}
