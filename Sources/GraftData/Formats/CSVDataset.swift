import GraftFiles

/// The format of tables in text, as Kaggle publishes MNIST: a file with a line for each image, or a folder with a
/// table for training and one for testing.
struct CSVDataset: DatasetFormat {
  let title = "a .csv file with a label and pixels in each line"

  func look(at path: String) throws(FileFailure) -> FormatMatch {
    if CSVDataset.isTable(path), try isFile(path) { return .files([path]) }
    guard try isFolder(path) else { return .none }
    let names = try Folder.names(of: path).filter { !$0.hasPrefix(".") && CSVDataset.isTable($0) }.sorted()
    let tables = names.filter { CSVDataset.stem($0).hasSuffix("train") }
    guard let train = tables.first else { return .none }
    guard tables.count == 1 else {
      return .incomplete("\(path) has several tables for training: \(tables.prefix(8).joined(separator: ", "))")
    }
    let test = CSVDataset.stem(train).dropLast("train".count) + "test"
    let tests = names.filter { CSVDataset.stem($0) == test }
    return .files(([train] + tests.prefix(1)).map { join(path, $0) })
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    let options = files.options
    let train = try table(paths[0], pixels: nil, &files)
    guard let labels = train.labels else {
      throw FormatError(
        path: paths[0],
        problem: "the table has no labels: expected a column label, class, target or y, or numbers of which the first "
          + "is the label")
    }
    var dataset = RawDataset(
      train: part(train, labels, paths[0]), remarks: train.remarks, warnings: train.warnings)
    if paths.count > 1 {
      let test = try table(paths[1], pixels: train.pixels, &files)
      if let labels = test.labels {
        guard test.pixels == train.pixels else {
          throw FormatError(
            path: paths[1],
            problem: "expected \(train.pixels) pixels in a line as for training, found \(test.pixels)")
        }
        dataset.test = part(test, labels, paths[1])
      } else {
        dataset.remarks.append("\(lastComponent(paths[1])) has no labels and is not used")
      }
    }
    return try dataset.decoded(options)
  }

  private func table(_ path: String, pixels: Int?, _ files: inout DatasetFiles) throws -> CSVTable {
    try CSVTable.checkBeginning(of: path)
    let bytes = try files.bytes(of: path)
    do throws(FormatError) {
      return try CSVTable(decoding: bytes, pixels: pixels, size: files.options.size)
    } catch {
      throw error.at(path: path)
    }
  }

  private func part(_ table: CSVTable, _ labels: [String], _ path: String) -> RawDataset.Part {
    .init(
      images: table.images, labels: RawLabels(texts: labels), imagesPath: path, labelsPath: path, misfit: table.misfit)
  }

  // MARK: Names

  private static func isTable(_ path: String) -> Bool { path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") }

  /// The name of a file without its extension, in lower case.
  private static func stem(_ name: String) -> String {
    String(name.dropLast(name.hasSuffix(".gz") ? 7 : 4)).lowercased()
  }
}
