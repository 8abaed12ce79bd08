import GraftFiles
import GraftMatrices
import GraftPictures

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Decoded pictures in a file, so that a second start with the same pictures and the same wishes decodes nothing.
///
/// The file's name is the SHA-256 of all that decides the pixels: the paths, sizes and times of the files, the wishes, and the
/// version of this format. Its content is a safetensors file; digests of the pixels and of all else tell damage, and a damaged file is
/// decoded anew. Images that would fill the memory lie in a second file, image after image, which is mapped; the first file
/// then has the rows of the parts in place of their pixels. The folder is bounded: the files that were used longest ago go
/// first.
struct DecodedCache {
  let folder: String
  private let name: String
  private let options: ReadingOptions

  /// The version of what is kept and of how pixels are made: another one finds nothing of this one.
  private static let version = 1
  /// The most bytes in the folder.
  static let mostBytes = 8 << 30
  static let fileExtension = ".decoded"
  static let pixelsExtension = ".pixels"

  /// Nil if no folder for decoded pictures is known.
  init?(_ tree: PictureTree, _ options: ReadingOptions) {
    guard let folder = options.cacheFolder else { return nil }
    self.folder = folder
    self.options = options
    var lines = [
      "graft decoded \(DecodedCache.version)", tree.root, options.size?.description ?? "-",
      options.style.description,
      options.colors?.rawValue ?? "-", options.preferredShape?.description ?? "-",
      options.testFraction.map { "\($0)" } ?? "-", "\(options.seed)",
      "\(options.skipsBad)",
    ]
    var status = stat()
    if stat(tree.root, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      lines.append("\(status.st_size) \(time.tv_sec) \(time.tv_nsec)")
    }
    for file in tree.files { lines.append("\(file.path.joined(separator: "/"))\t\(file.size)\t\(file.changed)") }
    name = SHA256Digest.hex(of: Array(lines.joined(separator: "\n").utf8))
  }

  private var path: String { join(folder, name + DecodedCache.fileExtension) }
  private var pixelsPath: String { join(folder, name + DecodedCache.pixelsExtension) }

  /// The data of an earlier start; nil if there is none, or if it is damaged.
  func kept() -> (data: DecodedDataset, digest: String)? {
    // A larger file was kept where there was more memory.
    guard (try? isFile(path)) == true, let bytes = try? readFile(at: path, limit: options.mostInMemory * 2),
      let file = try? Safetensors(decoding: bytes), let text = file.metadata("about"),
      file.metadata("sha256") == DecodedCache.seal(file.tensors, text),
      let about = (try? JSON(parsing: text))?.object, let digest = about["digest"]?.string,
      let root = about["root"]?.string, let classNames = DecodedCache.strings(about["class_names"]),
      let remarks = DecodedCache.strings(about["remarks"]), let warnings = DecodedCache.strings(about["warnings"])
    else { return nil }
    let pixels = about["pixels_sha256"]?.string.map(keptPixels)
    // A file of pixels that is gone or damaged.
    if case .some(.none) = pixels { return nil }
    func part(_ name: String) -> DecodedDataset.Part? {
      guard let labels = file.tensor("\(name).labels"), labels.dtype == .u16, labels.shape.count == 1,
        let tensor = pixels.flatMap({ $0 }).map({ images(name, of: file, in: $0, about["shape"]) })
          ?? images(name, of: file, about),
        labels.shape == [tensor.dimensions[0]]
      else { return nil }
      return DecodedDataset.Part(
        images: tensor, labels: DecodedCache.integers(labels.bytes, bytesEach: 2), imagesPath: root, labelsPath: root)
    }
    guard let train = part("train"), let test = part("test") else { return nil }
    var data = DecodedDataset(train: train, test: test)
    data.classNames = classNames
    data.pictureFit = about["fit"]?.string
    data.remarks = remarks
    data.warnings = warnings
    // The time of the last use decides which files go first.
    utimensat(AT_FDCWD, path, nil, 0)
    if about["pixels_sha256"] != nil { utimensat(AT_FDCWD, pixelsPath, nil, 0) }
    return (data, digest)
  }

  /// The SHA-256 over all that is kept but pixels, whose own is in `about`: a flipped bit of a label would be learned.
  private static func seal(_ tensors: [Safetensors.Tensor], _ about: String) -> String {
    var stream = SHA256Digest.Stream()
    stream.update(Array(about.utf8))
    // Sorted by name, because the file has an order of its own.
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      stream.update(Array("\(tensor.name) \(tensor.dtype.rawValue) \(tensor.shape)\n".utf8))
      if !tensor.name.hasSuffix(".images") { stream.update(tensor.bytes) }
    }
    return stream.hex()
  }

  /// The images of a part that the file itself has.
  private func images(_ name: String, of file: Safetensors, _ about: JSON.Object) -> ByteTensor? {
    guard let images = file.tensor("\(name).images"), images.dtype == .u8, images.shape.count == 4,
      about["\(name)_sha256"]?.string == SHA256Digest.hex(of: Array(images.bytes))
    else { return nil }
    return try? ByteTensor(dimensions: images.shape, bytes: Array(images.bytes))
  }

  /// The images of a part that lie in the second file.
  private func images(_ name: String, of file: Safetensors, in pixels: MappedFile, _ shape: JSON?) -> ByteTensor? {
    guard let rows = file.tensor("\(name).rows"), rows.dtype == .u32, rows.shape.count == 1, rows.shape[0] > 0,
      let sides = shape?.array?.compactMap(\.int), sides.count == 3, sides.allSatisfy({ $0 > 0 && $0 < 1 << 20 })
    else { return nil }
    let size = sides.reduce(1, *)
    let indices = DecodedCache.integers(rows.bytes, bytesEach: 4)
    guard pixels.count.isMultiple(of: size), indices.allSatisfy({ $0 < pixels.count / size }) else { return nil }
    return ByteTensor(
      dimensions: [indices.count] + sides,
      rows: PixelRows(pixels, columns: size).selecting(indices, copying: options.mostCopied))
  }

  /// The second file; nil if it is not there or is not the one that was written.
  private func keptPixels(sha256: String) -> MappedFile? {
    guard let file = try? MappedFile(pixelsPath), DecodedCache.sha256(file) == sha256 else { return nil }
    return file
  }

  private static func sha256(_ file: MappedFile) -> String {
    var stream = SHA256Digest.Stream()
    stream.update(file.bytes.bindMemory(to: UInt8.self))
    return stream.hex()
  }

  private static func integers(_ bytes: ArraySlice<UInt8>, bytesEach width: Int) -> [Int] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
      (0..<width).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
    }
  }

  private static func bytes(_ integers: [Int], bytesEach width: Int) -> ArraySlice<UInt8> {
    integers.flatMap { value in (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }[...]
  }

  /// The free bytes where the folder lies, or will lie; nil if the system does not tell.
  var freeBytes: Int? {
    guard (try? Folder.create(at: folder)) != nil else { return nil }
    return Folder.freeBytes(at: folder)
  }

  /// Writes pixels that would fill the memory, in parts, and maps them.
  ///
  /// - Throws: `FileFailure` if they cannot be written, and whatever `body` throws.
  func keepPixels(_ body: (_ append: AtomicFile.Append) throws -> Void) throws -> MappedFile {
    try AtomicFile.write(to: pixelsPath, createFolders: true, body)
    return try MappedFile(pixelsPath)
  }

  /// Keeps decoded data. A cache that cannot be written is no reason to stop.
  func keep(_ images: PictureReading.PlacedImages, digest: String) {
    let data = images.data
    var about = JSON.Object()
    about["digest"] = .string(digest)
    about["fit"] = data.pictureFit.map(JSON.string) ?? .null
    about["root"] = .string(data.train.imagesPath)
    about["class_names"] = .array((data.classNames ?? []).map(JSON.string))
    about["remarks"] = .array(data.remarks.map(JSON.string))
    about["warnings"] = .array(data.warnings.map(JSON.string))
    var tensors: [Safetensors.Tensor] = []
    var size = 0
    if let file = images.file {
      about["pixels_sha256"] = .string(DecodedCache.sha256(file))
      about["shape"] = .array(data.train.images.dimensions.dropFirst().map(JSON.integer))
    }
    for (name, part, rows) in [("train", data.train, images.train), ("test", data.test, images.test)] {
      if images.file == nil {
        let pixels = part.images.bytes
        about["\(name)_sha256"] = .string(SHA256Digest.hex(of: pixels))
        tensors.append(
          Safetensors.Tensor(name: "\(name).images", dtype: .u8, shape: part.images.dimensions, bytes: pixels[...]))
        size += pixels.count
      } else {
        tensors.append(
          Safetensors.Tensor(
            name: "\(name).rows", dtype: .u32, shape: [rows.count],
            bytes: DecodedCache.bytes(rows, bytesEach: 4)))
      }
      let labels = DecodedCache.bytes(part.labels, bytesEach: 2)
      tensors.append(
        Safetensors.Tensor(name: "\(name).labels", dtype: .u16, shape: [part.labels.count], bytes: labels))
      size += labels.count
    }
    let text = JSON.object(about).text()
    guard size < DecodedCache.mostBytes / 2,
      let bytes = try? Safetensors(
        tensors: tensors, metadata: [("about", text), ("sha256", DecodedCache.seal(tensors, text))]
      ).encoded(),
      (try? Folder.create(at: folder)) != nil
    else { return }
    DecodedCacheFolder(folder).makeRoom(for: bytes.count, keeping: images.file == nil ? nil : pixelsPath)
    try? AtomicFile.write(bytes, to: path)
  }

  private static func strings(_ json: JSON?) -> [String]? {
    guard let values = json?.array else { return nil }
    let strings = values.compactMap(\.string)
    return strings.count == values.count ? strings : nil
  }
}
