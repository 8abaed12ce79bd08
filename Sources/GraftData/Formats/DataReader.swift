import GraftFiles
import GraftMatrices

/// A reader of the data that `DataSearch` found, which compares it with the catalogue.
struct DataReader {
  let location: DataLocation
  /// The data set asked for by name; nil for a folder or file named in its place.
  let dataset: KnownDataset?
  let catalogue: [KnownDataset]

  func read() throws -> LoadedData {
    switch location.content {
    case .parts(let paths): try readParts(paths)
    case .npz(let path): try readArrays(at: path)
    }
  }

  // MARK: Four files

  private func readParts(_ paths: [String]) throws -> LoadedData {
    var files: [IDXFile] = []
    var digests: [(name: String, sha256: String)] = []
    for (part, path) in zip(DatasetPart.allCases, paths) {
      let bytes = try readFile(at: path)
      // The digest is of the very bytes that are decoded, so nothing can change in between.
      let digest = SHA256Digest.hex(of: bytes)
      try check(digest, of: part, at: path)
      digests.append((lastComponent(path), digest))
      do throws(FormatError) {
        let file = try IDXFile(decoding: bytes)
        try file.require(part == .trainImages || part == .testImages ? .images : .labels)
        files.append(file)
      } catch {
        throw error.at(path: path)
      }
    }
    let pair = try pair(files, paths: paths, digests: digests.map(\.sha256))
    return LoadedData(
      pair: pair, source: location.path + remark(on: digests), fileDigests: digests)
  }

  /// Refuses a damaged file in our own cache, and in any place the files of another data set under the same names.
  private func check(_ digest: String, of part: DatasetPart, at path: String) throws(FormatError) {
    guard let dataset else { return }
    if location.origin == .cache, let file = dataset.file(part), digest != file.sha256 {
      throw KnownFile.damage(at: path, found: digest, expected: file.sha256, dataset: dataset.name)
    }
    for other in catalogue where other.name != dataset.name {
      if other.file(part)?.matches(digest) == true {
        throw FormatError(path: path, problem: "this is a file of \(other.name), not of \(dataset.name)")
      }
    }
  }

  /// Whether one of the four files is known not to be the data set's: the published digest of its kind, packed or
  /// unpacked, is different.
  private func isOther(_ digests: [String]) -> Bool {
    guard let dataset else { return false }
    return zip(DatasetPart.allCases, digests).contains { part, digest in
      guard let file = dataset.file(part), file.unpackedSHA256 != nil else { return false }
      return !file.matches(digest)
    }
  }

  /// A remark for the record of a run, beside the place.
  private func remark(on digests: [(name: String, sha256: String)]) -> String {
    if location.origin == .cache { return " (verified)" }
    guard let dataset else { return "" }
    var different: [String] = []
    var isKnown = true
    for (part, digest) in zip(DatasetPart.allCases, digests) {
      guard let file = dataset.file(part), !file.matches(digest.sha256) else { continue }
      // Without a published digest of the unpacked file nothing can be said about one.
      if digest.name.hasSuffix(".gz") || file.unpackedSHA256 != nil {
        different.append(digest.name)
      } else {
        isKnown = false
      }
    }
    if different.isEmpty { return isKnown ? " (the published files)" : "" }
    return " (\(different.joined(separator: ", ")) \(different.count == 1 ? "differs" : "differ") from the published)"
  }

  private func pair(_ files: [IDXFile], paths: [String], digests: [String]) throws(FormatError) -> DatasetPair {
    guard files.count == 4 else { throw FormatError(path: location.path, problem: "expected four files") }
    let largest = max(files[1].bytes.max() ?? 0, files[3].bytes.max() ?? 0)
    // Other files under a data set's names are other data: they get neither its name nor its class names.
    let known =
      (isOther(digests) ? nil : dataset)
      ?? catalogue.first { known in
        zip(DatasetPart.allCases, digests).allSatisfy { known.file($0)?.matches($1) == true }
      }
    let classNames = known?.classNames ?? self.classNames(largest: largest)
    let name = known?.name ?? ownName(folderName(location.path))
    let train = try Dataset(
      name: name, images: files[0], labels: files[1], classNames: classNames, imagesPath: paths[0],
      labelsPath: paths[1])
    let test = try Dataset(
      name: name, images: files[2], labels: files[3], classNames: classNames, imagesPath: paths[2],
      labelsPath: paths[3])
    return try joined(train, test, testPath: paths[2])
  }

  // MARK: One file of arrays

  private func readArrays(at path: String) throws -> LoadedData {
    let bytes = try readFile(at: path)
    let digest = SHA256Digest.hex(of: bytes)
    let arrays: NPZFile
    do throws(FormatError) { arrays = try NPZFile(decoding: bytes) } catch { throw error.at(path: path) }
    let isOther = dataset?.kerasSHA256.map { $0 != digest } ?? false
    let known = (isOther ? nil : dataset) ?? catalogue.first { $0.kerasSHA256 == digest }
    let name = known?.name ?? ownName(String(lastComponent(path).dropLast(".npz".count)))
    let largest = max(arrays.trainLabels.bytes.max() ?? 0, arrays.testLabels.bytes.max() ?? 0)
    let classNames = known?.classNames ?? self.classNames(largest: largest)
    do throws(FormatError) {
      try arrays.check(classes: classNames.count)
    } catch {
      throw error.at(path: path)
    }
    let train = try Dataset(
      name: name, images: arrays.trainImages, labels: arrays.trainLabels, classNames: classNames,
      imagesPath: "\(path): x_train", labelsPath: "\(path): y_train")
    let test = try Dataset(
      name: name, images: arrays.testImages, labels: arrays.testLabels, classNames: classNames,
      imagesPath: "\(path): x_test", labelsPath: "\(path): y_test")
    var source = path
    if let published = dataset?.kerasSHA256 {
      source += digest == published ? " (the published file)" : " (differs from the published)"
    }
    return LoadedData(
      pair: try joined(train, test, testPath: "\(path): x_test"), source: source,
      fileDigests: [(lastComponent(path), digest)])
  }

  // MARK: Either

  private func joined(_ train: Dataset, _ test: Dataset, testPath: String) throws(FormatError) -> DatasetPair {
    guard train.shape == test.shape else {
      throw FormatError(
        path: testPath,
        problem: "expected images of \(train.shape.height) x \(train.shape.width) as for training, "
          + "found \(test.shape.height) x \(test.shape.width)")
    }
    return DatasetPair(train: train, test: test)
  }

  /// The name of a folder or file, with "own-" before it if a known data set has that name. The name is a single line
  /// from here on, because it is part of titles, labels of progress, and records.
  private func ownName(_ path: String) -> String {
    let name = singleLine(path)
    let isTaken = name == "synthetic" || KnownDataset.named(name) != nil
    return isTaken ? "own-\(name)" : name
  }

  /// Names for the classes of unknown data: their numbers. Under a known data set's name there are no more classes than
  /// it has: a label beyond them is damage.
  private func classNames(largest: UInt8) -> [String] {
    let count = dataset?.classNames.count ?? Int(largest) + 1
    return (0..<count).map(String.init)
  }
}

extension KnownFile {
  /// Whether this is the digest of the published file, packed or unpacked.
  func matches(_ digest: String) -> Bool { digest == sha256 || digest == unpackedSHA256 }

  /// The error about a file in our own cache that is not the downloaded one.
  static func damage(at path: String, found: String, expected: String, dataset: String) -> FormatError {
    FormatError(
      path: path,
      problem: "the cached file is damaged: expected SHA-256 \(expected), found \(found); "
        + "`graft data fetch \(dataset)` replaces it")
  }
}
