import GraftFiles

/// Arrays by name: the entries of an NPZ file, or files that lie in one folder.
struct NamedArrays {
  private enum Source {
    case entry(ZIPArchive.Entry, ZIPArchive)
    case file([UInt8])
  }

  /// The names in their order.
  private(set) var names: [String] = []
  private var sources: [String: Source] = [:]
  /// The most bytes that one array may have.
  private let limit: Int

  init(limit: Int = 2 << 30) {
    self.limit = limit
  }

  /// The arrays of an NPZ file; entries that are no arrays do not count.
  init(_ archive: ZIPArchive, limit: Int) {
    self.init(limit: limit)
    for entry in archive.entries where entry.name.hasSuffix(".npy") {
      add(String(entry.name.dropLast(4)), .entry(entry, archive))
    }
  }

  /// Adds the array of a file: an NPY file, or an NPZ file with a single array.
  mutating func add(_ name: String, file bytes: [UInt8]) throws(FormatError) {
    guard bytes.starts(with: [0x50, 0x4b]) else { return add(name, .file(bytes)) }
    let archive = try ZIPArchive(decoding: bytes)
    let entries = archive.entries.filter { $0.name.hasSuffix(".npy") }
    guard let entry = entries.first, entries.count == 1 else {
      let found = entries.prefix(8).map { quoted($0.name) }.joined(separator: ", ")
      throw .expected("a file with one array", found: entries.isEmpty ? "none" : found)
    }
    add(name, .entry(entry, archive))
  }

  private mutating func add(_ name: String, _ source: Source) {
    names.append(name)
    sources[name] = source
  }

  /// Reads an array.
  ///
  /// - Throws: `FormatError` inside the name.
  func array(_ name: String) throws(FormatError) -> NPYArray {
    do throws(FormatError) {
      switch sources[name] {
      case .entry(let entry, let archive):
        // The header tells the number of elements before any of them is unpacked.
        _ = try header(of: entry, in: archive)
        return try NPYArray(decoding: archive.unpack(entry))
      case .file(let bytes): return try NPYArray(decoding: bytes)
      case nil: throw .expected("an array \(quoted(name))", found: found)
      }
    } catch {
      throw error.inside(name)
    }
  }

  /// The header of an array, from which no element is unpacked.
  private func header(_ name: String) throws(FormatError) -> NPYArray.Header? {
    do throws(FormatError) {
      switch sources[name] {
      case .entry(let entry, let archive): return try header(of: entry, in: archive)
      case .file(let bytes): return try NPYArray.Header(decoding: Array(bytes.prefix(prefixSize)))
      case nil: return nil
      }
    } catch {
      throw error.inside(name)
    }
  }

  private func header(of entry: ZIPArchive.Entry, in archive: ZIPArchive) throws(FormatError) -> NPYArray.Header {
    guard entry.size <= limit else { throw .expected("at most \(limit) bytes", found: byteCount(entry.size)) }
    let header = try NPYArray.Header(decoding: archive.unpackPrefix(of: entry, count: prefixSize))
    try header.check(found: entry.size - header.size)
    return header
  }

  private var prefixSize: Int { NPYArray.Header.sizeLimit + 12 }

  /// The keys of the arrays that are the data set.
  ///
  /// - Parameter given: The keys that the person gave; nil if the names themselves must tell.
  /// - Throws: `FormatError` that lists the arrays if the names do not tell, or are not there.
  func keys(_ given: ArrayKeys?) throws(FormatError) -> ArrayKeys {
    if let given {
      let wanted = [given.train.images, given.train.labels] + (given.test.map { [$0.images, $0.labels] } ?? [])
      for name in wanted where sources[name] == nil { throw .expected("an array \(quoted(name))", found: found) }
      return given
    }
    guard let keys = ArrayKeys(among: names) else {
      let wanted = "arrays under a usual name, such as x_train, y_train, x_test and y_test, or images and labels"
      throw FormatError.expected(wanted, found: found).with(.namingArrays)
    }
    return keys
  }

  /// The arrays with their shapes and types, in a list for an error: `imgs (100, 28, 28) uint8`.
  private var found: String {
    guard !names.isEmpty else { return "no arrays" }
    let most = 12
    let listed = names.prefix(most).map { name in
      let text = quoted(name)
      let bytes: [UInt8]
      switch sources[name] {
      case .entry(let entry, let archive):
        bytes = (try? archive.unpackPrefix(of: entry, count: prefixSize)) ?? []
      case .file(let content): bytes = Array(content.prefix(prefixSize))
      case nil: bytes = []
      }
      guard let header = try? NPYArray.Header(decoding: bytes) else { return text }
      return "\(text) \(header.shapeText) \(header.type.name)"
    }
    return listed.joined(separator: ", ") + (names.count > most ? " and \(names.count - most) more" : "")
  }
}

// MARK: - Data set

extension NamedArrays {
  /// The data set that the arrays are.
  ///
  /// - Parameters:
  ///   - given: The keys that the person gave; nil if the names themselves must tell.
  ///   - path: The place of an array in errors.
  /// - Throws: `FormatError` with the name of the array that is no images or no labels.
  func dataset(_ given: ArrayKeys?, path: (String) -> String) throws(FormatError) -> RawDataset {
    let keys = try keys(given)
    var dataset = RawDataset(train: try part(keys.train, path))
    if let test = keys.test { dataset.test = try part(test, path) }
    if keys.testsOnValidation {
      dataset.remarks.append("there is no test part: the validation part takes its place")
    }
    if let name = keys.unusedValidation {
      let count = try array(name).header.dimensions.first ?? 0
      dataset.remarks.append("the validation part (\(grouped(count)) images) is not used")
    }
    return dataset
  }

  private func part(_ pair: ArrayKeys.Pair, _ path: (String) -> String) throws(FormatError) -> RawDataset.Part {
    let images: RawImages
    let labels: RawLabels
    // Before any element is unpacked: a small file may claim a gigabyte of images.
    if let dimensions = try header(pair.images)?.dimensions, dimensions.count > 1, let imageCount = dimensions.first,
      let labelCount = try header(pair.labels)?.dimensions.first, imageCount > 0, labelCount > 0,
      imageCount != labelCount
    {
      throw FormatError(
        path: path(pair.labels), problem: "\(imageCount) images in \(path(pair.images)) but \(labelCount) labels")
    }
    let imageArray = try array(pair.images)
    do throws(FormatError) { images = try RawImages(imageArray) } catch { throw error.inside(pair.images) }
    let labelArray = try array(pair.labels)
    do throws(FormatError) { labels = try labelArray.labels() } catch { throw error.inside(pair.labels) }
    return .init(
      images: images, labels: labels, imagesPath: path(pair.images), labelsPath: path(pair.labels))
  }
}
