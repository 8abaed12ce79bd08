import GraftFiles
import GraftMatrices
import GraftPictures

/// The format of a folder with a subfolder of pictures for each class, or of a zip archive of such a folder.
struct PictureFolder: DatasetFormat {
  let title = "a folder or .zip file with a folder of pictures for each class"

  func look(at path: String) throws(FileFailure) -> FormatMatch {
    if try isFolder(path) { return try PictureTree.hasPictures(in: path) ? .files([path]) : .none }
    guard path.lowercased().hasSuffix(".zip"), try isFile(path) else { return .none }
    return .files([path])
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    let (data, digest) = try PictureFolder.read(paths[0], files.options)
    files.add(lastComponent(paths[0]), sha256: digest)
    return data
  }

  /// Reads the pictures below a folder or in an archive, or what was kept of an earlier reading.
  ///
  /// - Returns: The images, and a digest of the pictures' names and sizes.
  static func read(_ root: String, _ options: ReadingOptions) throws -> (data: DecodedDataset, digest: String) {
    let tree = try PictureTree(root)
    let layout = try PictureLayout(tree)
    let cache = DecodedCache(tree, options)
    if let kept = cache?.kept() { return kept }
    let reading = try PictureReading(tree, layout, options, keptIn: cache)
    let images = try reading.readWithPlaces()
    let digest = try reading.digest(images.bad)
    cache?.keep(images, digest: digest)
    return (images.data, digest)
  }
}

/// One reading of a folder of pictures: sizes are looked at first, then all pictures are decoded.
struct PictureReading {
  let tree: PictureTree
  let layout: PictureLayout
  let options: ReadingOptions
  /// All pictures, those for training first.
  let items: [PictureLayout.Item]
  let survey: PictureSurvey
  /// The place of images that are too many for the memory; nil refuses them.
  private let cache: DecodedCache?

  init(
    _ tree: PictureTree, _ layout: PictureLayout, _ options: ReadingOptions, keptIn cache: DecodedCache? = nil
  ) throws {
    self.tree = tree
    self.cache = cache
    self.layout = layout
    self.options = options
    items = layout.train + (layout.test ?? [])
    survey = try PictureSurvey(items, in: tree, threads: options.threads)
  }

  /// The largest side of pictures that keep their common size if nobody names one.
  private static let largestOwnSide = 64
  /// The side of images if pictures have several sizes, or a large one, and nobody names one.
  private static let usualSide = 64

  /// The images with the pictures that they come from.
  struct PlacedImages {
    let data: DecodedDataset
    /// Index into `items` of each training image.
    let train: [Int]
    /// Index into `items` of each test image.
    let test: [Int]
    /// The problem with each picture that is left out, by its index in `items`.
    let bad: [Int: FormatError]
    /// The images of all `items`, if they were too many for the memory.
    let file: MappedFile?
  }

  func readWithPlaces() throws -> PlacedImages {
    var bad = try problems(survey.headers.map { if case .failure(let error) = $0 { error } else { nil } })
    let readable = survey.readable
    guard !readable.isEmpty else {
      throw FormatError(path: tree.root, problem: "none of its \(grouped(items.count)) pictures can be read")
    }
    let size = size
    let channels =
      options.colors?.channels ?? options.preferredShape?.channels
      ?? (readable.contains { $0.channels == 3 } ? 3 : 1)
    let shape = ImageShape(channels: channels, height: size.height, width: size.width)
    let fit = PictureFit.usual(height: size.height, width: size.width, options.style)
    let decoding = PictureDecoding(tree: tree, shape: shape, fit: fit, threads: options.threads)
    let (rows, file, broken) = try decode(decoding, where: items.indices.map { bad[$0] == nil })
    for (index, error) in broken { bad[index] = error }
    let isTest = sides()
    func places(_ wantsTest: Bool) -> [Int] { items.indices.filter { isTest[$0] == wantsTest && bad[$0] == nil } }
    func part(_ wantsTest: Bool) throws -> DecodedDataset.Part {
      let chosen = places(wantsTest)
      guard !chosen.isEmpty else {
        throw FormatError(
          path: tree.root, problem: "no picture is left for \(wantsTest ? "testing" : "training")")
      }
      return DecodedDataset.Part(
        images: ByteTensor(
          dimensions: [chosen.count, channels, size.height, size.width],
          rows: rows.selecting(chosen, copying: options.mostCopied)),
        labels: chosen.map { items[$0].label }, imagesPath: tree.root, labelsPath: tree.root)
    }
    var data = try DecodedDataset(train: part(false), test: part(true))
    data.classNames = layout.classNames
    data.pictureFit = options.style.description
    data.remarks = [sizeRemark(shape, fit)] + alphaRemarks + layout.remarks
    if layout.test == nil {
      let count = data.test.labels.count
      data.remarks.append(
        "the folder has no test part: \(grouped(count)) of \(grouped(items.count - bad.count)) pictures are set aside for testing"
      )
    }
    data.warnings = badRemarks(bad)
    return PlacedImages(data: data, train: places(false), test: places(true), bad: bad, file: file)
  }

  /// The images of all pictures, in memory or, if they are too many, in a file of the cache; and the pictures that cannot be decoded.
  ///
  /// - Throws: As `problems(_:)`; `GraftFailure` if there is no room for the images.
  private func decode(
    _ decoding: PictureDecoding, where wanted: [Bool]
  ) throws -> (rows: PixelRows, file: MappedFile?, bad: [Int: FormatError]) {
    if !fillsMemory(decoding.shape) {
      let outcome = try decoding.decode(items, where: wanted)
      let bad = try problems(items.indices.map { outcome.bad[$0] })
      return (PixelRows(outcome.pixels, columns: decoding.shape.count), nil, bad)
    }
    let count = grouped(items.count)
    // Neither factor reaches 2³¹: paths fit in memory, and a side has at most 1,024 pixels.
    let bytes = items.count * decoding.shape.count
    let need = "\(tree.root): \(count) images of \(decoding.shape.inWords) need \(grouped(bytes >> 20)) MiB, "
    guard let cache else {
      throw GraftFailure(.badData, need + "more than this machine's memory can hold").with(.smallerImages)
    }
    guard let free = cache.freeBytes, bytes < free else {
      throw GraftFailure(
        .badData, need + "more than the memory can hold and than there is room for in \(cache.folder)"
      ).with(.smallerImages)
    }
    var bad: [Int: FormatError] = [:]
    let file = try cache.keepPixels { append in
      let found = try decoding.decode(items, where: wanted, write: append)
      bad = try problems(items.indices.map { found[$0] })
    }
    return (PixelRows(file, columns: decoding.shape.count), file, bad)
  }

  /// Whether the images are too many for the memory, so that they lie in a file.
  private func fillsMemory(_ shape: ImageShape) -> Bool { items.count * shape.count > options.mostInMemory }

  // MARK: Choices

  private var size: ImageSize {
    if let size = options.size { return size }
    if let shape = options.preferredShape { return ImageSize(height: shape.height, width: shape.width) }
    if let common = survey.commonSize, max(common.height, common.width) <= PictureReading.largestOwnSide {
      return common
    }
    return ImageSize(height: PictureReading.usualSide, width: PictureReading.usualSide)
  }

  /// Whether each picture is for testing.
  private func sides() -> [Bool] {
    guard layout.test == nil else { return items.indices.map { $0 >= layout.train.count } }
    return TestDraw.isTest(
      items, layout.classNames, fraction: options.testFraction ?? ReadingOptions.usualTestFraction, seed: options.seed)
  }

  // MARK: Words

  /// The problems that are left out.
  /// - Throws: The first problem, unless bad pictures are left out.
  private func problems(_ errors: [FormatError?]) throws -> [Int: FormatError] {
    let bad = errors.enumerated().compactMap { pair in pair.element.map { (pair.offset, $0) } }
    guard var first = bad.first?.1, !options.skipsBad else { return Dictionary(uniqueKeysWithValues: bad) }
    if bad.count > 1 {
      first.problem +=
        bad.count == 2 ? " (and 1 more cannot be read)" : " (and \(grouped(bad.count - 1)) more cannot be read)"
    }
    throw first.with(.skippingBadPictures)
  }

  private func sizeRemark(_ shape: ImageShape, _ fit: PictureFit) -> String {
    let count = "\(grouped(items.count)) pictures of \(survey.sizes)"
    let colors = shape.channels == 3 ? "in colour" : "in grey"
    let bytes = items.count * shape.count
    let place = fillsMemory(shape) ? ", read from a file in the cache because they would fill the memory" : ""
    let memory = bytes < 10 << 20 && place.isEmpty ? "" : ", \(grouped(bytes >> 20)) MiB\(place)"
    if let common = survey.commonSize, common == ImageSize(height: shape.height, width: shape.width) {
      return "\(count), read \(colors)\(memory)"
    }
    let way =
      switch fit.mode {
      case .crop: "cut to the middle and brought to"
      case .squash: "squashed to"
      case .pad: "padded to"
      }
    return "\(count), \(way) \(shape.height) x \(shape.width), read \(colors)\(memory)"
  }

  private var alphaRemarks: [String] {
    let count = survey.readable.count(where: \.hasAlpha)
    if count == 0 { return [] }
    return [
      count == 1
        ? "1 picture with transparent parts is laid on white"
        : "\(grouped(count)) pictures with transparent parts are laid on white"
    ]
  }

  /// The most bad pictures that are named.
  private static let mostNamed = 20

  private func badRemarks(_ bad: [Int: FormatError]) -> [String] {
    if bad.isEmpty { return [] }
    let errors = bad.sorted { $0.key < $1.key }.map(\.value)
    let named = errors.prefix(PictureReading.mostNamed).map { "left out: \($0.description)" }
    let rest = errors.count - named.count
    return [
      errors.count == 1
        ? "1 picture cannot be read and is left out"
        : "\(grouped(errors.count)) pictures cannot be read and are left out"
    ] + named + (rest > 0 ? ["left out: \(grouped(rest)) more"] : [])
  }

  /// SHA-256 over the names, sizes and pixels that were used is the data set's own digest; this one is of the files' list.
  func digest(_ bad: [Int: FormatError]) throws -> String {
    let lines = items.indices.filter { bad[$0] == nil }.map { index in
      "\(items[index].file.path.joined(separator: "/"))\t\(items[index].file.size)\n"
    }
    return SHA256Digest.hex(of: Array(lines.joined().utf8))
  }
}
