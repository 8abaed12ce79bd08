import GraftFiles

/// The format of CIFAR-10 and CIFAR-100 in their binary versions: rows of labels and 3 × 32 × 32 bytes, in a `.tar.gz` or
/// in an unpacked folder (https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version").
package struct CIFARDataset: DatasetFormat {
  /// One of the two data sets.
  package enum Kind: Sendable, CaseIterable {
    case ten
    case hundred
  }

  package let title = "CIFAR's binary version"

  /// The most bytes of an unpacked archive: both unpack to 184 MB.
  private static let mostBytes = 192 << 20

  /// The data set that is meant; nil for either.
  let kind: Kind?

  package init(kind: Kind? = nil) {
    self.kind = kind
  }

  package func look(at path: String) throws(FileFailure) -> FormatMatch {
    for kind in kind.map({ [$0] }) ?? Kind.allCases {
      if lastComponent(path) == kind.archive, try isFile(path) { return .files([path]) }
      guard try isFolder(path) else { continue }
      let archive = join(path, kind.archive)
      if try isFile(archive) { return .files([archive]) }
      let names = kind.trainFiles + [kind.testFile]
      var paths: [String] = []
      for name in names where try isFile(join(path, name)) { paths.append(join(path, name)) }
      if paths.count == names.count { return .files(paths) }
      // Only batches are CIFAR's beyond doubt: other data has a train.bin too.
      if kind == .ten, !paths.isEmpty {
        let missing = names.filter { !paths.contains(join(path, $0)) }
        return .incomplete("\(path) lacks \(missing.joined(separator: ", "))")
      }
    }
    return .none
  }

  package func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    guard paths.count == 1 else {
      let kind = Kind.allCases.first { $0.testFile == lastComponent(paths[paths.count - 1]) } ?? .ten
      var parts: [(path: String, bytes: ArraySlice<UInt8>)] = []
      for path in paths { parts.append((path, try files.bytes(of: path)[...])) }
      let folder = paths[0].dropLast(lastComponent(paths[0]).count)
      let names = try? readFile(at: folder + kind.namesFile, limit: 64 << 10)
      return try dataset(kind, parts, names: names.map { $0[...] })
    }
    let path = paths[0]
    let kind = Kind.allCases.first { $0.archive == lastComponent(path) } ?? .ten
    let packed = try files.bytes(of: path)
    let archive: TarArchive
    do throws(FormatError) {
      var isFirst = true
      let unpacked = try Gzip.decompress(packed, limit: CIFARDataset.mostBytes) {
        (piece: ArraySlice<UInt8>) throws(FormatError) in
        if isFirst { try TarArchive.check(beginning: piece, limit: CIFARDataset.mostBytes) }
        isFirst = false
      }
      archive = try TarArchive(decoding: unpacked)
    } catch {
      throw error.at(path: path)
    }
    func member(_ name: String) -> ArraySlice<UInt8>? {
      archive.entries.first { $0.lastName == name }.map { archive[$0] }
    }
    var parts: [(path: String, bytes: ArraySlice<UInt8>)] = []
    for name in kind.trainFiles + [kind.testFile] {
      guard let bytes = member(name) else { throw FormatError(path: path, problem: "it has no \(name)") }
      parts.append(("\(path): \(name)", bytes))
    }
    return try dataset(kind, parts, names: member(kind.namesFile))
  }

  private func dataset(
    _ kind: Kind, _ files: [(path: String, bytes: ArraySlice<UInt8>)], names: ArraySlice<UInt8>?
  ) throws(FormatError) -> DecodedDataset {
    var (pixels, labels): ([UInt8], [Int]) = ([], [])
    for file in files.dropLast() {
      let part = try rows(kind, file.bytes, at: file.path)
      pixels += part.pixels
      labels += part.labels
    }
    let test = files[files.count - 1]
    let last = try rows(kind, test.bytes, at: test.path)
    func part(_ pixels: [UInt8], _ labels: [Int], _ path: String) -> DecodedDataset.Part {
      .init(
        images: ByteTensor(dimensions: [labels.count, 3, 32, 32], checked: pixels), labels: labels, imagesPath: path,
        labelsPath: path)
    }
    var decoded = DecodedDataset(
      train: part(pixels, labels, files[0].path), test: part(last.pixels, last.labels, test.path))
    let words = names.map {
      String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isNewline).map { singleLine(String($0)) }
    }
    decoded.classNames = words.flatMap { $0.count == kind.classes ? $0 : nil }
    return decoded
  }

  /// The images and labels of one file.
  private func rows(
    _ kind: Kind, _ bytes: ArraySlice<UInt8>, at path: String
  ) throws(FormatError) -> (pixels: [UInt8], labels: [Int]) {
    let length = kind.labelBytes + 3072
    guard !bytes.isEmpty, bytes.count.isMultiple(of: length) else {
      throw FormatError(path: path, problem: "expected rows of \(length) bytes, found \(byteCount(bytes.count))")
    }
    var (pixels, labels): ([UInt8], [Int]) = ([], [])
    pixels.reserveCapacity(bytes.count)
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: length) {
      let place = start + kind.labelBytes - 1
      let label = Int(bytes[place])
      guard label < kind.classes else {
        throw FormatError.expected(
          "labels from 0 to \(kind.classes - 1)", found: "\(label)", offset: place - bytes.startIndex
        ).at(path: path)
      }
      labels.append(label)
      pixels += bytes[start + kind.labelBytes..<start + length]
    }
    return (pixels, labels)
  }
}

extension CIFARDataset.Kind {
  fileprivate var archive: String { self == .ten ? "cifar-10-binary.tar.gz" : "cifar-100-binary.tar.gz" }
  fileprivate var trainFiles: [String] {
    self == .ten ? (1...5).map { "data_batch_\($0).bin" } : ["train.bin"]
  }
  fileprivate var testFile: String { self == .ten ? "test_batch.bin" : "test.bin" }
  fileprivate var namesFile: String { self == .ten ? "batches.meta.txt" : "fine_label_names.txt" }
  /// CIFAR-100's rows begin with a coarse label, which is not used, and a fine one.
  fileprivate var labelBytes: Int { self == .ten ? 1 : 2 }
  fileprivate var classes: Int { self == .ten ? 10 : 100 }
}
