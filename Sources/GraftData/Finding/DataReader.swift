import GraftFiles
import GraftMatrices

/// A reader of the data that was found, in whatever format, which compares it with the catalogue.
struct DataReader {
  let location: DataLocation
  /// The data set asked for by name; nil for a folder or file named in its place.
  let dataset: KnownDataset?
  let catalogue: [KnownDataset]
  var options = ReadingOptions()

  func read() throws -> LoadedData {
    let pinned = location.origin == .cache ? try PinnedDigests(in: location.path) : nil
    var files = DatasetFiles(options: options) { name, digest, path throws(FormatError) in
      try check(name, digest, at: path, pinned: pinned)
    }
    let decoded = try location.format.read(location.files, with: &files)
    let pair = try pair(decoded, files.digests)
    return LoadedData(
      pair: pair, source: location.path + remark(on: files.digests), fileDigests: files.digests,
      remarks: decoded.warnings, notes: decoded.remarks, pictureFit: decoded.pictureFit)
  }

  // MARK: The catalogue

  /// Refuses a damaged file in our own cache, and in any place the files of another data set under the same names.
  private func check(
    _ name: String, _ digest: String, at path: String, pinned: PinnedDigests?
  ) throws(FormatError) {
    guard let dataset else { return }
    if location.origin == .cache {
      if let expected = dataset.file(named: name)?.sha256 ?? pinned?[name],
        let difference = DigestDifference("SHA-256", expected: expected, found: digest)
      {
        throw KnownFile.damage(at: path, difference, repair: KnownFile.repair(dataset: dataset.name))
      }
    }
    // Selections of one archive have its files in common.
    for other in catalogue where other.cacheName != dataset.cacheName {
      if other.published(name).contains(digest) {
        throw FormatError(path: path, problem: "this is a file of \(other.name), not of \(dataset.name)")
      }
    }
  }

  /// Whether one of the files is known not to be the data set's: the published digests of its kind, packed and unpacked, are
  /// different.
  private func isOther(_ digests: [(name: String, sha256: String)]) -> Bool {
    guard let dataset else { return false }
    return digests.contains { dataset.isComplete($0.name) && !dataset.published($0.name).contains($0.sha256) }
  }

  /// A remark for the record of a run, beside the place.
  private func remark(on digests: [(name: String, sha256: String)]) -> String {
    guard let dataset else { return "" }
    if location.origin == .cache { return " (\(dataset.verification))" }
    let answers = digests.map { (name: $0.name, comparison: dataset.compare($0.name, $0.sha256)) }
    let different = answers.filter { $0.comparison == .differs }.map(\.name)
    guard different.isEmpty else {
      let names = digests.count == 1 ? "" : different.joined(separator: ", ") + " "
      return " (\(names)\(different.count == 1 ? "differs" : "differ") from the published)"
    }
    guard !answers.isEmpty, answers.allSatisfy({ $0.comparison == .published }) else { return "" }
    return digests.count == 1 ? " (the published file)" : " (the published files)"
  }

  // MARK: The images

  private func pair(
    _ decoded: DecodedDataset, _ digests: [(name: String, sha256: String)]
  ) throws(FormatError) -> DatasetPair {
    // Other files under a data set's names are other data: they get neither its name nor its class names.
    let known =
      (isOther(digests) ? nil : dataset)
      ?? catalogue.first { known in
        !digests.isEmpty && digests.allSatisfy { known.published($0.name).contains($0.sha256) }
      }
    let largest = max(decoded.train.labels.max() ?? 0, decoded.test.labels.max() ?? 0)
    let classNames = decoded.classNames ?? known?.classNames ?? self.classNames(largest: largest)
    let name = known?.name ?? ownName(location.dataName)
    func images(_ part: DecodedDataset.Part) throws(FormatError) -> Dataset {
      try Dataset(
        name: name, images: part.images, labels: part.labels, classNames: classNames, imagesPath: part.imagesPath,
        labelsPath: part.labelsPath, labelsOffset: part.labelsOffset)
    }
    return try joined(images(decoded.train), images(decoded.test), testPath: decoded.test.imagesPath)
  }

  private func joined(_ train: Dataset, _ test: Dataset, testPath: String) throws(FormatError) -> DatasetPair {
    guard train.shape == test.shape else {
      throw FormatError(
        path: testPath,
        problem: "expected images of \(train.shape.inWords) as for training, found \(test.shape.inWords)")
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
  private func classNames(largest: Int) -> [String] {
    let count = dataset?.classNames.count ?? largest + 1
    return (0..<count).map(String.init)
  }
}

extension KnownFile {
  /// The error about a file in our own cache that is not the downloaded one.
  static func damage(at path: String, _ difference: DigestDifference, repair: String) -> FormatError {
    FormatError(path: path, problem: "the cached file is damaged: \(difference.text); \(repair)")
  }

  /// The way to get rid of a damaged file of a data set, in words.
  static func repair(dataset: String) -> String { "`graft data fetch \(dataset)` replaces it" }
}
