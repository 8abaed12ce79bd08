import GraftFiles

/// A data set in one file: a zip archive of NumPy arrays, the images and labels for training and perhaps those for
/// testing, under one of the usual names (`ArrayKeys`).
package struct NPZFile: Sendable {
  /// [images × rows × columns], or [images × channels × rows × columns].
  package let trainImages: ByteTensor
  /// The class index of each image.
  package let trainLabels: [Int]
  package let testImages: ByteTensor
  package let testLabels: [Int]
  /// Names of the classes by label; nil if the labels are indices.
  package let classNames: [String]?

  /// - Parameters:
  ///   - bytes: The file.
  ///   - options: The person's wishes.
  ///   - limit: The most bytes that one array may have, 2 GiB by default.
  package init(
    decoding bytes: [UInt8], options: ReadingOptions = ReadingOptions(), limit: Int = 2 << 30
  ) throws(FormatError) {
    let decoded = try NPZFile.decode(bytes, options, limit: limit) { $0 }
    trainImages = decoded.train.images
    trainLabels = decoded.train.labels
    testImages = decoded.test.images
    testLabels = decoded.test.labels
    classNames = decoded.classNames
  }

  /// Reads a file.
  ///
  /// - Parameter path: The place of an array in errors, by its name.
  static func decode(
    _ bytes: [UInt8], _ options: ReadingOptions, limit: Int = 2 << 30, path: (String) -> String
  ) throws(FormatError) -> DecodedDataset {
    let arrays = NamedArrays(try ZIPArchive(decoding: bytes), limit: limit)
    return try arrays.dataset(options.keys, path: path).decoded(options)
  }
}
