import GraftFiles

/// The format of EMNIST: IDX files in one zip archive, or four of them unpacked as torchvision leaves them.
///
/// Its images are published with rows and columns exchanged and are turned upright here. The labels of the letters begin
/// at 1.
struct EMNISTDataset: DatasetFormat {
  /// One of the six selections; the raw value is the word in its files' names.
  enum Split: String, CaseIterable {
    case byClass = "byclass"
    case byMerge = "bymerge"
    case balanced, letters, digits, mnist
  }

  let split: Split

  var title: String { "EMNIST's gzip.zip" }

  private static let archive = "gzip.zip"

  /// The names of the four unpacked files.
  private var names: [String] {
    ["train-images-idx3", "train-labels-idx1", "test-images-idx3", "test-labels-idx1"].map {
      "emnist-\(split.rawValue)-\($0)-ubyte"
    }
  }

  func look(at folder: String) throws(FileFailure) -> FormatMatch {
    let archive = join(folder, EMNISTDataset.archive)
    if try isFile(archive) { return .files([archive]) }
    return try IDXDataset.look(for: names, in: folder)
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    var parts: [ByteTensor] = []
    var places = paths
    if paths.count == 1 {
      places = names.map { "\(paths[0]): \($0).gz" }
      let archive: ZIPArchive
      let bytes = try files.bytes(of: paths[0])
      do throws(FormatError) { archive = try ZIPArchive(decoding: bytes) } catch { throw error.at(path: paths[0]) }
      for ((name, content), place) in zip(zip(names, IDXDataset.contents), places) {
        guard let entry = archive.entries.first(where: { $0.name.split(separator: "/").last ?? "" == "\(name).gz" })
        else { throw FormatError(path: paths[0], problem: "it has no \(name).gz") }
        let packed: [UInt8]
        do throws(FormatError) { packed = try archive.unpack(entry) } catch { throw error.at(path: paths[0]) }
        parts.append(try IDXDataset.tensor(packed, content, at: place))
      }
    } else {
      for (path, content) in zip(paths, IDXDataset.contents) {
        parts.append(try IDXDataset.tensor(try files.bytes(of: path), content, at: path))
      }
    }
    for index in [0, 2] { parts[index] = parts[index].transposingImages() }
    let first = split == .letters ? 1 : 0
    var labels: [[Int]] = []
    for index in [1, 3] {
      guard let least = parts[index].bytes.min(), least >= first else {
        throw FormatError(path: places[index], problem: "expected labels from \(first) on, found 0")
      }
      labels.append(parts[index].bytes.map { Int($0) - first })
    }
    var decoded = IDXDataset.dataset(parts, labels: labels, paths: places)
    decoded.remarks = ["EMNIST's images are published with rows and columns exchanged: they were turned upright"]
    return decoded
  }
}

extension ByteTensor {
  /// Images [count × rows × columns] with rows and columns exchanged.
  func transposingImages() -> ByteTensor {
    let (rows, columns) = (dimensions[1], dimensions[2])
    let turned = [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
      bytes.withUnsafeBufferPointer { input in
        for start in stride(from: 0, to: input.count, by: rows * columns) {
          for row in 0..<rows {
            for column in 0..<columns { output[start + column * rows + row] = input[start + row * columns + column] }
          }
        }
      }
      count = bytes.count
    }
    return ByteTensor(dimensions: [dimensions[0], columns, rows], checked: turned)
  }
}
