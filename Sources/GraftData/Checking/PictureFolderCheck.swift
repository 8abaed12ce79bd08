import GraftFiles
import GraftMatrices

/// A check of a folder of pictures, which knows the files' names and lists those that cannot be read.
struct PictureFolderCheck {
  let result: DatasetCheck

  /// Reads all pictures of a folder or archive.
  ///
  /// - Throws: As the reading of the folder does, but not because of pictures that cannot be read.
  init(_ location: DataLocation, _ options: ReadingOptions) throws {
    var options = options
    options.skipsBad = true
    let tree = try PictureTree(location.path)
    let cache = DecodedCache(tree, options)
    let reading = try PictureReading(tree, PictureLayout(tree), options, keptIn: cache)
    let images = try reading.readWithPlaces()
    // Images that did not fit in memory are in the cache already.
    if images.file != nil { cache?.keep(images, digest: try reading.digest(images.bad)) }
    func part(_ part: DecodedDataset.Part) throws -> Dataset {
      try Dataset(
        name: singleLine(location.dataName), images: part.images, labels: part.labels,
        classNames: reading.layout.classNames, imagesPath: tree.root, labelsPath: tree.root)
    }
    let pair = try DatasetPair(train: part(images.data.train), test: part(images.data.test))
    let items = reading.items
    func path(_ index: Int) -> String { items[index].file.path.joined(separator: "/") }
    var names = ImageNames(train: images.train.map(path), test: images.test.map(path))
    let digests = try PictureFolderCheck.digests(items, images.train + images.test, in: tree, threads: options.threads)
    names.digests = Dictionary(digests.map { (path($0.key), $0.value) }, uniquingKeysWith: { one, _ in one })
    result = DatasetCheck(
      pair, source: tree.root, notes: images.data.remarks, names: names,
      pictures: PictureFacts(reading, bad: images.bad),
      known: PictureFolderCheck.unreadable(images.bad, items), threads: options.threads)
  }

  /// SHA-256 of the files that may have the bytes of another one: those whose size occurs more than once.
  private static func digests(
    _ items: [PictureLayout.Item], _ readable: [Int], in tree: PictureTree, threads: Int
  ) throws -> [Int: String] {
    let groups = Dictionary(grouping: readable) { items[$0].file.size }
    let chosen = groups.values.filter { $0.count > 1 }.flatMap { $0 }.sorted()
    let digests = try WorkerPool(threads: threads).map(chosen.count, by: 16) { place in
      SHA256Digest.hex(of: try tree.bytes(of: items[chosen[place]].file))
    }
    return Dictionary(uniqueKeysWithValues: zip(chosen, digests))
  }

  private static func unreadable(_ bad: [Int: FormatError], _ items: [PictureLayout.Item]) -> [DatasetCheck.Finding] {
    if bad.isEmpty { return [] }
    return [
      DatasetCheck.Finding(
        .unreadable, .warning, count: bad.count,
        bad.count == 1
          ? "1 of \(grouped(items.count)) pictures cannot be read"
          : "\(grouped(bad.count)) of \(grouped(items.count)) pictures cannot be read",
        examples: bad.sorted { $0.key < $1.key }.lazy.map { index, error in
          var error = error
          error.path = items[index].file.path.joined(separator: "/")
          return error.description
        })
    ]
  }
}

/// The facts about the files of a folder of pictures.
package struct PictureFacts: Sendable {
  /// Number of files with a picture's name.
  package let count: Int
  /// Number of those that can be read.
  package let readable: Int
  /// `32 x 32`, or `60 x 80 to 2592 x 1944`: the smallest and the largest picture by its pixels, height first.
  package let sizes: String
  /// Number of readable pictures in grey.
  package let grey: Int
  /// Number of readable pictures in colour.
  package let colored: Int
  /// Number of readable pictures with opacities.
  package let transparent: Int
}

extension PictureFacts {
  fileprivate init(_ reading: PictureReading, bad: [Int: FormatError]) {
    let headers = reading.survey.readable
    self.init(
      count: reading.items.count, readable: reading.items.count - bad.count, sizes: reading.survey.sizes,
      grey: headers.count { $0.channels == 1 }, colored: headers.count { $0.channels == 3 },
      transparent: headers.count { $0.hasAlpha })
  }
}

extension DatasetCheck {
  /// Checks a folder or archive of pictures; nil if the request names data of another kind.
  ///
  /// Pictures that cannot be read are a finding here, not an error.
  ///
  /// - Throws: As `DatasetPair.load(_:)` does.
  package static func pictures(_ request: DataRequest) throws -> DatasetCheck? {
    if KnownDataset.named(request.name) != nil { return nil }
    let location = try DataLocation.named(request.name, catalogue: KnownDataset.all)
    guard location.format is PictureFolder else { return nil }
    return try PictureFolderCheck(location, request.options).result
  }
}
