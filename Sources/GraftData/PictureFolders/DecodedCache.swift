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
/// version of this format. Its content is a safetensors file; a digest of the pixels tells damage, and a damaged file is
/// decoded anew. The folder is bounded: the files that were used longest ago go first.
struct DecodedCache {
  private let folder: String
  private let name: String

  /// The version of what is kept and of how pixels are made: another one finds nothing of this one.
  private static let version = 1
  /// The most bytes in the folder.
  static let mostBytes = 8 << 30
  static let fileExtension = ".decoded"

  /// Nil if no folder for decoded pictures is known.
  init?(_ tree: PictureTree, _ options: ReadingOptions) {
    guard let folder = options.cacheFolder else { return nil }
    self.folder = folder
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
    name = SHA256Digest.hex(of: Array(lines.joined(separator: "\n").utf8)) + DecodedCache.fileExtension
  }

  private var path: String { join(folder, name) }

  /// The data of an earlier start; nil if there is none, or if it is damaged.
  func kept() -> (data: DecodedDataset, digest: String)? {
    guard (try? isFile(path)) == true, let bytes = try? readFile(at: path, limit: .max),
      let file = try? Safetensors(decoding: bytes), let text = file.metadata("about"),
      let about = (try? JSON(parsing: text))?.object, let digest = about["digest"]?.string,
      let root = about["root"]?.string, let classNames = DecodedCache.strings(about["class_names"]),
      let remarks = DecodedCache.strings(about["remarks"]), let warnings = DecodedCache.strings(about["warnings"])
    else { return nil }
    func part(_ name: String) -> DecodedDataset.Part? {
      guard let images = file.tensor("\(name).images"), let labels = file.tensor("\(name).labels"),
        images.dtype == .u8, labels.dtype == .u16, images.shape.count == 4, labels.shape == [images.shape[0]],
        about["\(name)_sha256"]?.string == SHA256Digest.hex(of: Array(images.bytes)),
        let tensor = try? ByteTensor(dimensions: images.shape, bytes: Array(images.bytes))
      else { return nil }
      let bytes = Array(labels.bytes)
      return DecodedDataset.Part(
        images: tensor,
        labels: stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8 },
        imagesPath: root, labelsPath: root)
    }
    guard let train = part("train"), let test = part("test") else { return nil }
    var data = DecodedDataset(train: train, test: test)
    data.classNames = classNames
    data.pictureFit = about["fit"]?.string
    data.remarks = remarks
    data.warnings = warnings
    // The time of the last use decides which files go first.
    utimensat(AT_FDCWD, path, nil, 0)
    return (data, digest)
  }

  /// Keeps decoded data. A cache that cannot be written is no reason to stop.
  func keep(_ data: DecodedDataset, digest: String) {
    var about = JSON.Object()
    about["digest"] = .string(digest)
    about["fit"] = data.pictureFit.map(JSON.string) ?? .null
    about["root"] = .string(data.train.imagesPath)
    about["class_names"] = .array((data.classNames ?? []).map(JSON.string))
    about["remarks"] = .array(data.remarks.map(JSON.string))
    about["warnings"] = .array(data.warnings.map(JSON.string))
    var tensors: [Safetensors.Tensor] = []
    var size = 0
    for (name, part) in [("train", data.train), ("test", data.test)] {
      about["\(name)_sha256"] = .string(SHA256Digest.hex(of: part.images.bytes))
      tensors.append(
        Safetensors.Tensor(
          name: "\(name).images", dtype: .u8, shape: part.images.dimensions, bytes: part.images.bytes[...]))
      let labels = part.labels.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
      tensors.append(
        Safetensors.Tensor(name: "\(name).labels", dtype: .u16, shape: [part.labels.count], bytes: labels[...]))
      size += part.images.bytes.count + labels.count
    }
    guard size < DecodedCache.mostBytes / 2,
      let bytes = try? Safetensors(tensors: tensors, metadata: [("about", JSON.object(about).text())]).encoded(),
      (try? Folder.create(at: folder)) != nil
    else { return }
    DecodedCacheFolder(folder).makeRoom(for: bytes.count)
    try? AtomicFile.write(bytes, to: path)
  }

  private static func strings(_ json: JSON?) -> [String]? {
    guard let values = json?.array else { return nil }
    let strings = values.compactMap(\.string)
    return strings.count == values.count ? strings : nil
  }
}

/// The folder of decoded pictures, which is bounded and can be emptied.
package struct DecodedCacheFolder {
  /// A file of decoded pictures.
  package struct File: Sendable {
    package let path: String
    package let size: Int
    /// Seconds since 1970.
    package let used: Int
  }

  /// The ending of files of features that frozen bodies make of pictures.
  package static let featuresExtension = ".features"

  private static let fileExtensions = [DecodedCache.fileExtension, featuresExtension]

  /// The most bytes in the folder.
  package static var mostBytes: Int { DecodedCache.mostBytes }

  package let path: String

  package init(_ path: String) { self.path = path }

  /// The folder that the environment names; nil if it names no home.
  package init?(environment: [String: String]) {
    guard let path = UserFolders(environment).graftCache("decoded") else { return nil }
    self.init(path)
  }

  /// The files, the one that was used longest ago first.
  package var files: [File] {
    let names = ((try? Folder.names(of: path)) ?? []).filter { name in
      DecodedCacheFolder.fileExtensions.contains { name.hasSuffix($0) }
    }
    return names.compactMap { name in
      var status = stat()
      guard stat(join(path, name), &status) == 0 else { return nil }
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      return File(path: join(path, name), size: Int(status.st_size), used: time.tv_sec)
    }.sorted { ($0.used, $0.path) < ($1.used, $1.path) }
  }

  /// Removes the files that were used longest ago until there is room for `bytes` more.
  package func makeRoom(for bytes: Int) {
    var all = files
    while !all.isEmpty, all.reduce(0, { $0 + $1.size }) + bytes > DecodedCache.mostBytes {
      unlink(all.removeFirst().path)
    }
  }

  /// Removes all files and returns the bytes that they had.
  package func clear() throws(FileFailure) -> Int {
    var freed = 0
    for file in files {
      guard unlink(file.path) == 0 || errno == ENOENT else {
        throw FileFailure(path: file.path, action: .remove, errno: errno)
      }
      freed += file.size
    }
    return freed
  }
}
