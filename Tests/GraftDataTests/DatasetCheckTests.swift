import Foundation
import GraftFiles
import GraftMatrices
import Testing

@testable import GraftData

@Suite("The health of a data set")
struct DatasetCheckTests {
  private static let shape = ImageShape(height: 4, width: 4)

  /// A bright image that no other number gives.
  private static func image(_ number: Int) -> [UInt8] {
    (0..<16).map { $0 == 15 ? 255 : UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8) &+ $0) }
  }

  private static func dataset(
    _ images: [[UInt8]], _ labels: [Int], classNames: [String] = ["a", "b"], name: String = "own",
    shape: ImageShape = shape
  ) -> Dataset {
    Dataset(name: name, shape: shape, classNames: classNames, pixels: images.flatMap { $0 }, labels: labels)
  }

  /// Images without copies, so many of each class.
  private static func part(_ counts: [Int], first: Int, classNames: [String]? = nil) -> Dataset {
    let labels = counts.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
    return dataset(
      labels.indices.map { image(first + $0) }, labels,
      classNames: classNames ?? counts.indices.map { ["a", "b", "c", "d"][$0] })
  }

  private static func check(_ pair: DatasetPair) -> DatasetCheck {
    DatasetCheck(LoadedData(pair: pair, source: "here", fileDigests: []))
  }

  @Test("nothing is found in a clean set, and its parts are described")
  func clean() {
    let pair = DatasetPair(train: Self.part([12, 20], first: 0), test: Self.part([3, 2], first: 100))
    let check = Self.check(pair)
    #expect(check.findings.isEmpty && check.warningCount == 0)
    #expect(check.train.countsPerClass == [12, 20] && check.test.countsPerClass == [3, 2])
    #expect(check.train.range == 0...255 && check.name == "own" && check.source == "here")
    let pixels = pair.test.pixels.map { Double($0) / 255 }
    let mean = pixels.reduce(0, +) / Double(pixels.count)
    let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels.count)
    #expect(abs(check.test.means[0] - mean) < 1e-12)
    #expect(abs(check.test.deviations[0] - variance.squareRoot()) < 1e-12)
    #expect(DatasetCheck.warnings(of: pair).isEmpty)
  }

  // MARK: Classes

  @Test("classes with few images, none to learn from, none to measure with, and none at all")
  func classes() {
    let check = Self.check(
      DatasetPair(train: Self.part([29, 9, 0, 0], first: 0), test: Self.part([5, 0, 2, 0], first: 100)))
    #expect(check.findings.map(\.kind) == [.unlearnable, .unmeasured, .tiny, .imbalance, .empty])
    #expect(check.findings.map(\.severity) == [.warning, .warning, .warning, .warning, .note])
    #expect(
      check.findings.map(\.sentence) == [
        "class \"c\" has test images but no training images and cannot be learned",
        "class \"b\" has no test images and cannot be measured",
        "class \"b\" has 9 training images: few to learn from",
        "class \"a\" has 3.2 times the training images of \"b\", 29 and 9", "class \"d\" has no images",
      ])
    #expect(check.findings[2].examples == ["b (9)"])
  }

  @Test(
    "the limits of few and of unequal",
    arguments: [([10, 29], []), ([9, 26], [DatasetCheck.Finding.Kind.tiny]), ([10, 30], [.imbalance])])
  func limits(counts: [Int], kinds: [DatasetCheck.Finding.Kind]) {
    let pair = DatasetPair(train: Self.part(counts, first: 0), test: Self.part([1, 1], first: 100))
    #expect(Self.check(pair).findings.map(\.kind) == kinds)
    #expect(DatasetCheck.warnings(of: pair).count == kinds.count)
  }

  @Test("names that differ in capitals only, which need not be neighbours")
  func similarNames() {
    let names = ["Cat", "Dog", "cat", "dogs"]
    let check = Self.check(
      DatasetPair(
        train: Self.part([10, 10, 10, 10], first: 0, classNames: names),
        test: Self.part([1, 1, 1, 1], first: 100, classNames: names)))
    #expect(check.findings.map(\.kind) == [.similarNames] && check.findings[0].examples == ["Cat", "cat"])
    #expect(check.findings[0].sentence == "the classes \"Cat\" and \"cat\" differ in capitals only: are they one?")
  }

  // MARK: Copies

  @Test("copies over the parts, within them, and under two labels")
  func copies() {
    let images = (0..<24).map(Self.image)
    var train = images
    // Image 3 three times, and image 5 under the other label.
    (train[10], train[11], train[20]) = (images[3], images[3], images[5])
    let labels = (0..<24).map { $0 / 12 }
    let test = [images[7], Self.image(100), Self.image(100), images[23], images[7]]
    let pair = DatasetPair(train: Self.dataset(train, labels), test: Self.dataset(test, [0, 1, 1, 0, 0]))
    let check = Self.check(pair)
    #expect(check.findings.map(\.kind) == [.sharedImages, .labelConflicts, .trainingCopies, .testCopies])
    #expect(check.findings.map(\.count) == [3, 2, 3, 2])
    #expect(check.findings[0].sentence == "3 of the 5 test images are training images too")
    #expect(
      check.findings[0].examples == [
        "test image 0 = training image 7", "test image 3 = training image 23", "test image 4 = training image 7",
      ])
    #expect(
      check.findings[1].examples == [
        "training image 5: \"a\", training image 20: \"b\"", "training image 23: \"b\", test image 3: \"a\"",
      ])
    #expect(check.findings[2].examples.first == "training image 3 = training image 10 = training image 11")
    #expect(check.findings[3].examples == ["test image 0 = test image 4", "test image 1 = test image 2"])
    #expect(pair.sharedImages == check.findings[0].count)
    #expect(
      DatasetCheck.warnings(of: pair) == [
        "3 of the 5 test images are training images too", "2 images occur under different labels",
      ])
  }

  @Test("the published data sets are what they are, and images of two shapes have no copies")
  func published() {
    let image = Self.image(1)
    let copy = { (name: String) in
      DatasetPair(train: Self.dataset([image], [0], name: name), test: Self.dataset([image], [0], name: name))
    }
    #expect(DatasetCheck.warnings(of: copy("mnist")).isEmpty && DatasetCheck.warnings(of: copy("synthetic")).isEmpty)
    #expect(DatasetCheck.warnings(of: copy("own-mnist")).contains { $0.contains("training images too") == false })
    #expect(DatasetCheck.warnings(of: copy("own-mnist")).first == "1 of the 1 test images is a training image too")
    let wide = Self.dataset([image], [0], shape: ImageShape(height: 2, width: 8))
    #expect(ImageCopies(DatasetPair(train: Self.dataset([image], [0]), test: wide)).groups.isEmpty)
  }

  // MARK: Pixels

  @Test("images of one colour, also in three channels, and those without a bright pixel")
  func pixels() {
    let shape = ImageShape(channels: 3, height: 1, width: 2)
    let plain: [UInt8] = [9, 9, 100, 100, 0, 0]
    let dark: [UInt8] = [0, 16, 0, 0, 1, 2]
    let usual: [UInt8] = [0, 17, 0, 0, 1, 2]
    func part(_ images: [[UInt8]]) -> Dataset {
      Self.dataset(images, images.map { _ in 0 }, classNames: ["a"], shape: shape)
    }
    let check = Self.check(DatasetPair(train: part([plain, usual]), test: part([dark])))
    let found = check.findings.filter { [.constant, .nearlyBlack].contains($0.kind) }
    #expect(found.map(\.examples) == [["test image 0"], ["training image 0"]])
    #expect(
      found.map(\.sentence) == [
        "1 of 3 images is nearly black: no pixel is above 16",
        "1 of 3 images is of one colour: there is nothing to see",
      ])
    let black = Self.check(DatasetPair(train: part([dark]), test: part([dark])))
    #expect(
      black.findings.contains {
        $0.sentence == "all images are nearly black: pixels must be 0 to 255, and the largest is 16"
      })
  }

  // MARK: Near copies

  /// Smooth random greys, like a photograph out of focus with some detail.
  private static func photograph(_ number: Int, side: Int = 48) -> Dataset {
    var stream = RandomStream(RandomKey(seed: UInt64(number), purpose: .syntheticDigits))
    let coarse = (0..<144).map { _ in UInt8(stream.integer(below: 256)) }
    let small = dataset([coarse], [0], shape: ImageShape(height: 12, width: 12))
    guard let large = try? small.resized(to: ImageShape(height: side, width: side)) else { return small }
    return large
  }

  @Test("a picture that is brighter, weaker in contrast, smaller or noisy is found, and no other picture")
  func nearCopies() throws {
    let shape = ImageShape(height: 48, width: 48)
    let originals = (0..<40).map { Self.photograph($0) }
    let train = Self.dataset(originals.map(\.pixels), originals.map { _ in 0 }, shape: shape)
    var stream = RandomStream(RandomKey(seed: 99, purpose: .syntheticDigits))
    let small = try originals[4].resized(to: ImageShape(height: 30, width: 30)).resized(to: shape)
    let copies: [[UInt8]] = [
      originals[1].pixels.map { UInt8(min(Int($0) * 12 / 10, 255)) },
      originals[2].pixels.map { UInt8(60 + Int($0) / 2) }, small.pixels,
      originals[5].pixels.map { UInt8(min(max(Int($0) + stream.integer(below: 13) - 6, 0), 255)) },
      originals[6].pixels,
    ]
    let others = (100..<140).map { Self.photograph($0).pixels }
    let pair = DatasetPair(
      train: train, test: Self.dataset(copies + others, (copies + others).map { _ in 0 }, shape: shape))
    let check = Self.check(pair)
    let found = check.findings.filter { [.sharedImages, .nearCopies].contains($0.kind) }
    #expect(found.map(\.count) == [1, 4] && found.map(\.severity) == [.warning, .warning])
    #expect(found[0].examples == ["test image 4 = training image 6"])
    #expect(
      found[1].examples == [
        "test image 0 ~ training image 1", "test image 1 ~ training image 2", "test image 2 ~ training image 4",
        "test image 3 ~ training image 5",
      ])
    #expect(NearCopies(pair, besides: [4], threads: 2).matches == NearCopies(pair, besides: [4], threads: 1).matches)
  }

  @Test("digits in few strokes are alike, and are no copies")
  func digits() {
    let pair = DatasetPair.syntheticDigits(train: 2000, test: 500, threads: 2)
    #expect(NearCopies(pair, besides: [], threads: 2).matches.isEmpty)
    let copied = DatasetPair(train: pair.train, test: pair.train.selecting(images: Array(0..<300)))
    let copies = NearCopies(copied, besides: [], threads: 2)
    #expect(copies.matches.map(\.train) == Array(0..<300))
    #expect(copies.findings(in: copied, names: ImageNames()).map(\.severity) == [.warning])
    // A few among many change little.
    let few = DatasetPair(train: pair.train.selecting(images: Array(299..<2000)), test: copied.test)
    let finding = NearCopies(few, besides: [], threads: 2).findings(in: few, names: ImageNames())
    #expect(finding.map(\.severity) == [.note] && finding[0].examples == ["test image 299 ~ training image 0"])
    #expect(finding[0].sentence.hasPrefix("1 of the 300 test images is nearly a training image: "))
  }

  @Test("the search through buckets finds what the comparison of all pairs finds")
  func allPairs() throws {
    let digits = DatasetPair.syntheticDigits(train: 600, test: 60, threads: 2)
    // Some copies with a little noise among the test images.
    var stream = RandomStream(RandomKey(seed: 5, purpose: .syntheticDigits))
    var pixels = digits.test.pixels
    for index in stride(from: 0, to: 60, by: 3) {
      for place in 0..<784 {
        let value = Int(digits.train.image(index * 7)[index * 7 * 784 + place])
        pixels[index * 784 + place] = UInt8(min(max(value + stream.integer(below: 3 + index) - index / 2, 0), 255))
      }
    }
    let pair = DatasetPair(
      train: digits.train,
      test: Dataset(
        name: "own", shape: digits.test.shape, classNames: digits.test.classNames, pixels: pixels,
        labels: digits.test.labels))
    func hashes(_ dataset: Dataset) throws -> [DifferenceHash] {
      let greys = try dataset.resized(to: ImageShape(height: 9, width: 9))
      return (0..<greys.count).map { DifferenceHash(DifferenceHash.differences(of: greys.image($0))) }
    }
    let (train, test) = try (hashes(pair.train), hashes(pair.test))
    var expected: [Int] = []
    for index in test.indices {
      let isNear = train.indices.contains { other in
        test[index].distance(to: train[other]) <= NearCopies.mostBits
          && Self.evidence(pair.test.image(index), pair.train.image(other)) >= Double(NearCopies.leastEvidence)
      }
      if isNear { expected.append(index) }
    }
    #expect(expected.count > 5 && expected.count < 30)
    #expect(NearCopies(pair, besides: [], threads: 1).matches.map(\.test) == expected)
  }

  /// The evidence by its definition, of images of 28 × 28.
  private static func evidence(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Double {
    func differences(_ image: ArraySlice<UInt8>) -> [Double] {
      let greys = image.map(Double.init)
      var differences: [Double] = []
      for place in 0..<784 {
        if place % 28 < 27 { differences.append(greys[place + 1] - greys[place]) }
        if place < 756 { differences.append(greys[place + 28] - greys[place]) }
      }
      return differences
    }
    func product(_ ones: [Double], _ others: [Double]) -> Double { zip(ones, others).map { $0 * $1 }.reduce(0, +) }
    func effective(_ differences: [Double]) -> Double {
      let squares = differences.map { $0 * $0 }
      return squares.reduce(0, +) * squares.reduce(0, +) / product(squares, squares)
    }
    let (ones, others) = (differences(one), differences(other))
    let r = product(ones, others) / (product(ones, ones) * product(others, others)).squareRoot()
    return atanh(min(r, 0.9999)) * min(effective(ones), effective(others)).squareRoot()
  }

  @Test("each difference has its bit, and each part sixteen of them")
  func hashBits() {
    var seen: Set<[UInt64]> = []
    var bitsOfParts = [Int](repeating: 0, count: 8)
    for place in 0..<128 {
      var differences = [Int16](repeating: 1, count: 128)
      differences[place] = 2
      let hash = DifferenceHash(differences)
      #expect(hash.low.nonzeroBitCount + hash.high.nonzeroBitCount == 1)
      seen.insert([hash.low, hash.high])
      for part in 0..<8 where hash.part(part) != 0 { bitsOfParts[part] += 1 }
    }
    #expect(seen.count == 128 && bitsOfParts == [Int](repeating: 16, count: 8))
    let greys = (0..<9).flatMap { row in (0..<9).map { column in UInt8(20 * row + 3 * column) } }
    let differences = DifferenceHash.differences(of: greys[...])
    #expect(differences.prefix(64).allSatisfy { $0 == 3 } && differences.suffix(64).allSatisfy { $0 == 20 })
  }

  // MARK: Pictures

  /// The bytes of a PNG file of 16 × 16 greys or colours.
  private static func png(_ number: Int, inColor: Bool = false) -> [UInt8] {
    var stream = RandomStream(RandomKey(seed: UInt64(number), purpose: .syntheticDigits))
    let greys = (0..<256).map { _ in UInt8(stream.integer(below: 256)) }
    return inColor
      ? PNGImage(width: 16, height: 16, colors: greys.flatMap { [$0, $0, $0] }).encoded()
      : PNGImage(width: 16, height: 16, pixels: greys).encoded()
  }

  private static func check(_ path: String, _ change: (inout ReadingOptions) -> Void = { _ in }) throws -> DatasetCheck
  {
    var request = DataRequest(name: path, environment: [:], isOffline: true)
    change(&request.options)
    return try #require(try DatasetCheck.pictures(request))
  }

  @Test("a folder of pictures is told by its paths: the same file, the same pixels, broken ones")
  func pictures() throws {
    let folder = TemporaryFolder()
    for (index, part) in ["train", "test"].enumerated() {
      for (label, name) in ["ants", "bees"].enumerated() {
        _ = folder.folder("photos/\(part)/\(name)")
        for number in 0..<(index == 0 ? 12 : 3) {
          folder.write(
            Self.png(number + 100 * label + 1000 * index, inColor: true), to: "photos/\(part)/\(name)/\(number).png")
        }
      }
    }
    let path = "\(folder.path)/photos"
    #expect(try Self.check(path).findings.isEmpty)
    // The same file, and the same pixels in another file.
    folder.write(Self.png(3, inColor: true), to: "photos/test/ants/same.png")
    folder.write(Self.png(104), to: "photos/test/ants/grey.png")
    folder.write(Array(Self.png(9).prefix(90)), to: "photos/train/bees/torn.png")
    folder.write(Array("GIF89a".utf8) + [UInt8](repeating: 0, count: 20), to: "photos/test/bees/moving.gif")
    folder.write(Array("notes".utf8), to: "photos/test/bees/read.me")
    let check = try Self.check(path)
    #expect(check.findings.map(\.kind) == [.unreadable, .sharedImages, .labelConflicts])
    #expect(check.findings[0].sentence == "2 of 34 pictures cannot be read")
    #expect(check.findings[0].examples[0].hasPrefix("train/bees/torn.png: "))
    #expect(check.findings[0].examples[1].hasPrefix("test/bees/moving.gif: byte 0: expected a JPEG"))
    #expect(
      check.findings[1].sentence == "2 of the 8 test images are training images too, 1 of them from the same file")
    #expect(
      check.findings[1].examples == [
        "test/ants/grey.png = train/bees/4.png", "test/ants/same.png = train/ants/3.png",
      ])
    #expect(check.findings[2].examples == ["train/bees/4.png: \"bees\", test/ants/grey.png: \"ants\""])
    let facts = try #require(check.pictures)
    #expect(facts.count == 34 && facts.readable == 32 && facts.sizes == "16 x 16")
    #expect(facts.colored == 31 && facts.grey == 1 && facts.transparent == 0)
    #expect(check.name == "photos" && check.train.countsPerClass == [12, 12] && check.test.countsPerClass == [5, 3])
    #expect(check.notes.contains { $0.contains("1 file that is no picture is passed over") })
    // The reading of the folder itself still refuses broken files.
    #expect(throws: FormatError.self) {
      try DatasetPair.load(DataRequest(name: path, environment: [:], isOffline: true))
    }
  }

  @Test("pictures without a test part are divided as for a training")
  func drawn() throws {
    let folder = TemporaryFolder()
    for (label, name) in ["ants", "bees"].enumerated() {
      _ = folder.folder("photos/\(name)")
      for number in 0..<40 { folder.write(Self.png(number + 100 * label), to: "photos/\(name)/\(number).png") }
    }
    let path = "\(folder.path)/photos"
    let loaded = try DatasetPair.load(DataRequest(name: path, environment: [:], isOffline: true))
    let check = try Self.check(path) { $0.threads = 2 }
    #expect(check.train.countsPerClass == loaded.pair.train.countsPerClass && check.findings.isEmpty)
    #expect(check.test.count == loaded.pair.test.count && check.shape == loaded.pair.train.shape)
    // A copy of a training picture under a name that is drawn for testing.
    let tree = try PictureTree(path)
    let images = try PictureReading(tree, PictureLayout(tree), ReadingOptions()).readWithPlaces()
    let items = try PictureReading(tree, PictureLayout(tree), ReadingOptions()).items
    let drawnItem = items[images.test[0]]
    let copied = try #require(images.train.first { items[$0].label == drawnItem.label })
    let (kept, drawn) = (items[copied].file, drawnItem.file)
    try Data(contentsOf: URL(fileURLWithPath: tree.place(of: kept))).write(
      to: URL(fileURLWithPath: tree.place(of: drawn)))
    let found = try Self.check(path).findings
    #expect(found.map(\.kind) == [.sharedImages])
    #expect(
      found[0].examples == ["\(drawn.path.joined(separator: "/")) = \(kept.path.joined(separator: "/"))"])
  }

  @Test("data of another kind is not read as pictures")
  func otherData() throws {
    let folder = TemporaryFolder()
    SmallData().write(to: "\(folder.path)/digits")
    let request = DataRequest(name: "\(folder.path)/digits", environment: [:], isOffline: true)
    #expect(try DatasetCheck.pictures(request) == nil)
    #expect(try DatasetCheck.pictures(DataRequest(name: "mnist", environment: [:], isOffline: true)) == nil)
  }
}
