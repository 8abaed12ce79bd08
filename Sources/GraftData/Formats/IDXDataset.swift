import GraftFiles

/// The format of a folder with four IDX files, as MNIST is published; packed with gzip or not.
struct IDXDataset: DatasetFormat {
  let title = "a folder with four IDX files"

  func look(at folder: String, isCache: Bool) throws(FileFailure) -> FormatMatch {
    var paths: [String] = []
    var missing: [String] = []
    for part in DatasetPart.allCases {
      let names = isCache ? [part.rawValue + ".gz"] : part.fileNames
      var found: String?
      for name in names where found == nil {
        let path = join(folder, name)
        if try isFile(path) { found = path }
      }
      if let found { paths.append(found) } else { missing.append(part.rawValue + ".gz") }
    }
    if missing.isEmpty { return .files(paths) }
    return paths.isEmpty ? .none : .incomplete("\(folder) lacks \(missing.joined(separator: ", "))")
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    var tensors: [ByteTensor] = []
    for (part, path) in zip(DatasetPart.allCases, paths) {
      let bytes = try files.bytes(of: path)
      do throws(FormatError) {
        let file = try IDXFile(decoding: bytes)
        try file.require(part == .trainImages || part == .testImages ? .images : .labels)
        tensors.append(file.tensor)
      } catch {
        throw error.at(path: path)
      }
    }
    return DecodedDataset(
      train: .init(
        images: tensors[0], labels: tensors[1].bytes.map(Int.init), imagesPath: paths[0], labelsPath: paths[1],
        labelsOffset: 8),
      test: .init(
        images: tensors[2], labels: tensors[3].bytes.map(Int.init), imagesPath: paths[2], labelsPath: paths[3],
        labelsOffset: 8))
  }
}
