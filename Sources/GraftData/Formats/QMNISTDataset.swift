import GraftFiles

/// The format of QMNIST: IDX images, and labels as rows of eight 32-bit numbers, of which the first is the digit.
struct QMNISTDataset: DatasetFormat {
  let title = "QMNIST's four files"

  /// The first test image that is used: MNIST kept the 10,000 before the others.
  let firstTestImage: Int

  private static let names = [
    "qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int", "qmnist-test-images-idx3-ubyte",
    "qmnist-test-labels-idx2-int",
  ]

  func look(at folder: String) throws(FileFailure) -> FormatMatch {
    try IDXDataset.look(for: QMNISTDataset.names, in: folder)
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    var parts: [DecodedDataset.Part] = []
    for (first, index) in zip([0, firstTestImage], [0, 2]) {
      let images = try IDXDataset.tensor(try files.bytes(of: paths[index]), .images, at: paths[index])
      let bytes = try files.bytes(of: paths[index + 1])
      let labels: [Int]
      do throws(FormatError) {
        labels = try QMNISTDataset.labels(bytes)
        guard labels.count == images.dimensions[0] else {
          throw .expected("\(images.dimensions[0]) labels", found: "\(labels.count)")
        }
        guard first < labels.count else { throw .expected("more than \(first) labels", found: "\(labels.count)") }
      } catch {
        throw error.at(path: paths[index + 1])
      }
      parts.append(
        .init(
          images: first == 0 ? images : images.selecting(Array(first..<labels.count)), labels: Array(labels[first...]),
          imagesPath: paths[index], labelsPath: paths[index + 1]))
    }
    return DecodedDataset(train: parts[0], test: parts[1])
  }

  /// The digits in a labels file, packed with gzip or not: IDX of type 0x0c (32-bit, big-endian) and two dimensions.
  private static func labels(_ bytes: [UInt8]) throws(FormatError) -> [Int] {
    let bytes = Gzip.isGzip(bytes) ? try Gzip.decompress(bytes, limit: 64 << 20) : bytes
    var reader = ByteReader(bytes)
    let magic = try reader.readBigEndianUInt32(as: "the IDX magic number")
    guard magic == 0x0c02 else {
      throw .expected("IDX of 32-bit integers in two dimensions (0x00000c02)", found: hexadecimal(magic), offset: 0)
    }
    let count = Int(try reader.readBigEndianUInt32(as: "the number of labels"))
    let width = Int(try reader.readBigEndianUInt32(as: "the numbers of a label"))
    guard count > 0, width > 0, width <= 64 else {
      throw .expected("labels of 1 to 64 numbers", found: "\(count) of \(width)", offset: 4)
    }
    guard reader.remaining == count * width * 4 else {
      throw .expected("\(byteCount(count * width * 4)) of labels", found: byteCount(reader.remaining), offset: 12)
    }
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for _ in 0..<count {
      let label = try reader.readBigEndianUInt32(as: "a label")
      guard label < 10 else { throw .expected("digits from 0 to 9", found: "\(label)", offset: reader.offset - 4) }
      labels.append(Int(label))
      try reader.skip(4 * (width - 1), as: "the rest of a label")
    }
    return labels
  }
}
