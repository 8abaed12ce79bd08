import GraftFiles

/// The format of a folder with four IDX files, as MNIST is published; packed with gzip or not.
package struct IDXDataset: DatasetFormat {
  package let title = "a folder with four IDX files"

  package init() {}

  package func look(at folder: String) throws(FileFailure) -> FormatMatch {
    try IDXDataset.look(for: DatasetPart.allCases.map(\.rawValue), in: folder)
  }

  package func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    var decoded: [ByteTensor] = []
    for (path, content) in zip(paths, IDXDataset.contents) {
      decoded.append(try IDXDataset.tensor(try files.bytes(of: path), content, at: path))
    }
    return IDXDataset.dataset(decoded, labels: [decoded[1], decoded[3]].map { $0.bytes.map(Int.init) }, paths: paths)
  }
}

// MARK: - Parts, for formats that keep IDX files in other ways

extension IDXDataset {
  /// The contents of the four files in their order.
  static let contents: [IDXFile.Content] = [.images, .labels, .images, .labels]

  /// The names under which an IDX file is found: as published, packed, and with the dot that some unpackers leave.
  static func spellings(of name: String) -> [String] {
    let dotted = name.replacing("-idx", with: ".idx")
    return [name, name + ".gz", dotted, dotted + ".gz"]
  }

  /// Looks for files in a folder.
  ///
  /// - Parameter names: The names of the unpacked files.
  static func look(for names: [String], in folder: String) throws(FileFailure) -> FormatMatch {
    var (paths, missing): ([String], [String]) = ([], [])
    for name in names {
      var found: String?
      for spelling in spellings(of: name) where found == nil {
        let path = join(folder, spelling)
        if try isFile(path) { found = path }
      }
      if let found { paths.append(found) } else { missing.append(name + ".gz") }
    }
    if missing.isEmpty { return .files(paths) }
    return paths.isEmpty ? .none : .incomplete("\(folder) lacks \(missing.joined(separator: ", "))")
  }

  /// The images or labels in the bytes of an IDX file.
  static func tensor(
    _ bytes: [UInt8], _ content: IDXFile.Content, at path: String
  ) throws(FormatError) -> ByteTensor {
    do throws(FormatError) {
      let file = try IDXFile(decoding: bytes)
      try file.require(content)
      return file.tensor
    } catch {
      throw error.at(path: path)
    }
  }

  /// A data set of four tensors in the order of their files; labels of one byte begin at the eighth.
  static func dataset(_ parts: [ByteTensor], labels: [[Int]], paths: [String]) -> DecodedDataset {
    func part(_ index: Int) -> DecodedDataset.Part {
      .init(
        images: parts[2 * index], labels: labels[index], imagesPath: paths[2 * index],
        labelsPath: paths[2 * index + 1], labelsOffset: 8)
    }
    return DecodedDataset(train: part(0), test: part(1))
  }
}
