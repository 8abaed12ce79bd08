import GraftFiles

/// The format of one NumPy file with the four arrays of a data set, as Keras publishes MNIST.
struct NPZDataset: DatasetFormat {
  let title = "an .npz file"

  func look(at path: String, isCache: Bool) throws(FileFailure) -> FormatMatch {
    guard !isCache, path.hasSuffix(".npz"), try isFile(path) else { return .none }
    return .files([path])
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    let path = paths[0]
    let bytes = try files.bytes(of: path)
    let arrays: NPZFile
    do throws(FormatError) { arrays = try NPZFile(decoding: bytes) } catch { throw error.at(path: path) }
    return DecodedDataset(
      train: .init(
        images: arrays.trainImages, labels: arrays.trainLabels, imagesPath: "\(path): x_train",
        labelsPath: "\(path): y_train"),
      test: .init(
        images: arrays.testImages, labels: arrays.testLabels, imagesPath: "\(path): x_test",
        labelsPath: "\(path): y_test"))
  }
}
