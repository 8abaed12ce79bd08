import Foundation
import GraftFiles

extension DatasetPair {
  /// Loads a known data set (`mnist`, `fashion-mnist`, …), the built-in `synthetic` digits, a folder with four IDX files or an NPZ file.
  ///
  /// - Throws: As ``load(_:)-(DataRequest)``.
  public static func load(_ name: String) throws -> DatasetPair {
    if name == "synthetic" { return syntheticDigits(threads: ProcessInfo.processInfo.activeProcessorCount) }
    return try load(DataRequest(name: name)).pair
  }

  /// Reads a data set from the bytes of an NPZ file with arrays under usual names, such as `x_train`, `y_train`, `x_test` and
  /// `y_test`.
  ///
  /// - Parameters:
  ///   - bytes: The whole NPZ file.
  ///   - name: The name of the data.
  ///   - classNames: Names of the classes by label; nil names them by their numbers.
  /// - Throws: `FormatError` if the bytes are no such file, or if a label has no name.
  public init(decodingNPZ bytes: [UInt8], name: String, classNames: [String]? = nil) throws(FormatError) {
    let arrays = try NPZFile(decoding: bytes)
    let largest = max(arrays.trainLabels.max() ?? 0, arrays.testLabels.max() ?? 0)
    let names = classNames ?? arrays.classNames ?? (0...largest).map(String.init)
    self.init(
      train: try Dataset(
        name: name, images: arrays.trainImages, labels: arrays.trainLabels, classNames: names, imagesPath: "x_train",
        labelsPath: "y_train"),
      test: try Dataset(
        name: name, images: arrays.testImages, labels: arrays.testLabels, classNames: names, imagesPath: "x_test",
        labelsPath: "y_test"))
  }

  /// Finds a data set, downloads it if it is in no known place of this machine, and reads it.
  ///
  /// Order: the request's folder (and only that), `$GRAFT_DATA` (and only that), the cache (`$XDG_CACHE_HOME/graft` or
  /// `~/.cache/graft`), torchvision's `data/MNIST/raw`, Keras' `~/.keras/datasets`, the mirrors.
  /// - Throws: `GraftFailure` of kind `missingInput` if a given folder lacks the data and `unavailable` if no mirror
  ///   delivers or none may be asked; `FormatError` for damaged or wrong files, and `FileFailure`.
  public static func load(_ request: DataRequest) throws -> LoadedData {
    try DataLoader(request).load()
  }
}
