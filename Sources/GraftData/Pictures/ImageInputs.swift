import GraftFiles
import GraftMatrices
import GraftPictures

/// The images that some paths name, in their order: files, folders with all pictures below them, and zip archives of such
/// folders. They are read a part at a time and decoded on several cores, so that memory stays bounded.
package struct ImageInputs: Sendable {
  private enum Source: Sendable {
    case file(String)
    case bytes([UInt8], name: String)
    /// A picture of the tree with this index.
    case picture(PictureTree.File, of: Int)
  }

  private let shape: ImageShape
  private let fitting: ImageFitting
  private let threads: Int
  private let skipsBad: Bool
  private var trees: [PictureTree] = []
  private var sources: [Source] = []
  /// The first source that is not read.
  private var next = 0
  /// Images that are read and not handed out.
  private var waiting: ArraySlice<ImageInput> = []
  /// Problems with the files that were left out so far.
  package private(set) var leftOut: [FormatError] = []
  /// The number of files in the folders that are no pictures by their names, which are passed over.
  package private(set) var passedOver = 0

  /// The most images of a part.
  package static let partSize = 256

  /// Lists what the paths name, and reads no image.
  ///
  /// - Parameters:
  ///   - paths: Files, folders and zip archives; `-` is standard input.
  ///   - shape: The shape that the model reads.
  ///   - fitting: The way of a picture to this shape.
  ///   - threads: Cores that decode; no image depends on it.
  ///   - skipsBad: Whether files that hold no image for the model are left out, instead of refused.
  ///   - standardInput: Reads standard input.
  /// - Throws: `FileFailure` if a path names nothing, `FormatError` if a folder has no pictures or an archive is damaged.
  package init(
    _ paths: [String], shape: ImageShape, fitting: ImageFitting, threads: Int = 1, skipsBad: Bool = false,
    standardInput: () throws -> [UInt8] = { [] }
  ) throws {
    (self.shape, self.fitting, self.threads, self.skipsBad) = (shape, fitting, threads, skipsBad)
    for path in paths {
      if path == "-" {
        sources.append(.bytes(try standardInput(), name: "standard input"))
      } else if try isFolder(path) || path.lowercased().hasSuffix(".zip") && isFile(path) {
        try add(PictureTree(path))
      } else {
        // A name that was mistyped is told before any answer is given.
        _ = try RegularFile(opening: path)
        sources.append(.file(path))
      }
    }
  }

  private mutating func add(_ tree: PictureTree) throws(FormatError) {
    let pictures = tree.files.filter { PictureName($0.name) != .other }
    guard !pictures.isEmpty else {
      throw FormatError(path: tree.root, problem: "there is no picture in it or in any of its folders")
    }
    passedOver += tree.files.count - pictures.count
    sources += pictures.map { .picture($0, of: trees.count) }
    trees.append(tree)
  }

  /// The number of files and pictures in the list.
  package var count: Int { sources.count }

  /// Reads the next images, at most `partSize`; nil if there are no more.
  ///
  /// - Throws: `FileFailure` if a file cannot be read. `FormatError` for the first file that holds no image for the model,
  ///   unless such files are left out.
  package mutating func nextPart() throws -> [ImageInput]? {
    while waiting.count < ImageInputs.partSize, next < sources.count {
      let end = end(room: ImageInputs.partSize - waiting.count)
      for result in try read(next..<end) {
        switch result {
        case .success(let images): waiting += images
        case .failure(let error): try leaveOut(error)
        }
      }
      next = end
    }
    guard !waiting.isEmpty else { return nil }
    defer { waiting = waiting.dropFirst(ImageInputs.partSize) }
    return Array(waiting.prefix(ImageInputs.partSize))
  }

  private mutating func leaveOut(_ error: FormatError) throws(FormatError) {
    guard !skipsBad else { return leftOut.append(error) }
    throw sources.count > 1 && error.remedy == nil ? error.with(.skippingBadPictures) : error
  }

  // MARK: Reading

  /// The end of the run of pictures that are read together. Another file may hold any number of images and is read alone.
  private func end(room: Int) -> Int {
    let most = min(next + room, sources.count)
    return (next..<most).first { !isPicture(sources[$0]) }.map { max($0, next + 1) } ?? most
  }

  private func isPicture(_ source: Source) -> Bool {
    switch source {
    case .file(let path): PictureName(path) == .picture
    case .bytes: false
    case .picture: true
    }
  }

  /// The most pictures that one job decodes, one after the other.
  private static let jobLength = 8

  private func read(_ range: Range<Int>) throws -> [Result<[ImageInput], FormatError>] {
    let length = min(ImageInputs.jobLength, max(1, (range.count + threads - 1) / max(threads, 1)))
    let starts = Array(stride(from: range.lowerBound, to: range.upperBound, by: length))
    let results = try WorkerPool(threads: threads).map(starts.count, by: 1) { job in
      var reader = ImageInputReader(shape, fitting)
      return try (starts[job]..<min(starts[job] + length, range.upperBound)).map { place in
        try result(of: sources[place], by: &reader)
      }
    }
    return results.flatMap { $0 }
  }

  private func result(
    of source: Source, by reader: inout ImageInputReader
  ) throws -> Result<[ImageInput], FormatError> {
    do {
      switch source {
      case .file(let path):
        if ImageTable.isText(name: path) { try CSVTable.checkBeginning(of: path) }
        guard PictureName(path) == .other else {
          let bytes = try readFile(at: path, limit: PictureReader.largestFile, check: PictureReader.check)
          return .success([try reader.readPicture(bytes, name: path)])
        }
        return .success(try reader.read(readFile(at: path), name: path))
      case .bytes(let bytes, let name): return .success(try reader.read(bytes, name: name))
      case .picture(let file, let tree):
        let bytes = try trees[tree].bytes(of: file)
        return .success([try reader.readPicture(bytes, name: trees[tree].place(of: file))])
      }
    } catch let error as FormatError {
      // An entry of an archive that cannot be unpacked has no path of its own.
      guard case .picture(let file, let tree) = source else { return .failure(error) }
      return .failure(error.at(path: trees[tree].place(of: file)))
    }
  }
}
