import GraftFiles
import GraftMatrices

/// Labelled images of one shape, as unscaled bytes.
public struct Dataset: Sendable, Hashable {
  /// The usual name: `mnist`.
  public let name: String
  /// Height, width and channels of one image.
  public let shape: ImageShape
  /// The data set's own classes; a label is an index into this list.
  public let classNames: [String]
  /// One byte per pixel, 0 (background) to 255, one row per image. More images than fit in memory lie in a file.
  package let rows: PixelRows
  /// One class index per image.
  public let labels: [Int]

  /// A data set from its pixels and labels; there must be one label for every `shape.count` pixels.
  public init(name: String, shape: ImageShape, classNames: [String], pixels: [UInt8], labels: [Int]) {
    self.init(
      name: name, shape: shape, classNames: classNames, rows: PixelRows(pixels, columns: shape.count), labels: labels)
  }

  package init(name: String, shape: ImageShape, classNames: [String], rows: PixelRows, labels: [Int]) {
    precondition(rows.columns == shape.count && rows.count == labels.count)
    self.name = name
    self.shape = shape
    self.classNames = classNames
    self.rows = rows
    self.labels = labels
  }

  /// One byte per pixel, 0 (background) to 255, image after image. Images that lie in a file are all copied into memory.
  public var pixels: [UInt8] { rows.bytes }

  /// Number of images.
  public var count: Int { labels.count }

  /// Number of images of each class, by class index.
  package var countsPerClass: [Int] {
    labels.reduce(into: Array(repeating: 0, count: classNames.count)) { $0[$1] += 1 }
  }

  /// The bytes of image `index`.
  public func image(_ index: Int) -> ArraySlice<UInt8> { rows[index] }
}

extension Dataset {
  /// Joins images with their labels, after comparing the counts that both declare.
  package init(
    name: String, images: ByteTensor, labels: [Int], classNames: [String], imagesPath: String, labelsPath: String,
    labelsOffset: Int? = nil
  ) throws(FormatError) {
    let dimensions = images.dimensions
    guard (3...4).contains(dimensions.count) else {
      throw FormatError(
        path: imagesPath, problem: "expected images of two dimensions, or of channels and two dimensions")
    }
    let shape = ImageShape(
      channels: dimensions.count == 4 ? dimensions[1] : 1, height: dimensions[dimensions.count - 2],
      width: dimensions[dimensions.count - 1])
    guard dimensions[0] == labels.count else {
      throw FormatError(
        path: labelsPath, problem: "\(dimensions[0]) images in \(imagesPath) but \(labels.count) labels")
    }
    if let index = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
      throw FormatError(
        path: labelsPath, offset: labelsOffset.map { index + $0 },
        problem: "expected a label from 0 to \(classNames.count - 1), found \(labels[index])"
          + (labelsOffset == nil ? " at index \(index)" : ""))
    }
    self.init(name: name, shape: shape, classNames: classNames, rows: images.rows, labels: labels)
  }

  /// The images at `indices`, in that order.
  public func selecting(images indices: [Int]) -> Dataset {
    Dataset(
      name: name, shape: shape, classNames: classNames, rows: rows.selecting(indices),
      labels: indices.map { labels[$0] })
  }

  /// At most `most` images from all over the set, evenly spaced.
  package func spread(most: Int) -> Dataset {
    let chosen = min(most, count)
    return selecting(images: (0..<chosen).map { $0 * count / chosen })
  }

  /// The images of the chosen classes, in their order; labels keep their meaning.
  public func selecting(_ selection: ClassSelection) -> Dataset {
    selecting(images: labels.indices.filter { selection.contains(labels[$0]) })
  }

  /// SHA-256 over shape, labels and pixels; a run record names its data by it.
  package var digest: String {
    // One byte for each label, and two if there are more classes than a byte tells apart.
    let labels =
      classNames.count <= 256
      ? labels.map { UInt8(truncatingIfNeeded: $0) }
      : labels.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    var stream = SHA256Digest.Stream()
    stream.update(Array("\(shape) \(count)\n".utf8) + labels)
    rows.withRows { row in for index in 0..<count { stream.update(row(index)) } }
    return stream.hex()
  }
}

/// The two parts of a data set: one for training, one for testing.
public struct DatasetPair: Sendable {
  /// The training images.
  public let train: Dataset
  /// The test images.
  public let test: Dataset
  /// The training set before classes were chosen; a model recognises its data by the digest of it.
  package let whole: Dataset

  /// A pair whose training set is complete: no classes have been chosen.
  public init(train: Dataset, test: Dataset) { self.init(train: train, test: test, whole: train) }

  private init(train: Dataset, test: Dataset, whole: Dataset) {
    self.train = train
    self.test = test
    self.whole = whole
  }

  /// The images of the chosen classes, in their order; labels keep their meaning.
  public func selecting(_ selection: ClassSelection) -> DatasetPair {
    DatasetPair(train: train.selecting(selection), test: test.selecting(selection), whole: whole)
  }
}
