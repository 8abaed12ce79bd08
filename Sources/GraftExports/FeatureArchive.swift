import GraftFiles
import GraftMatrices
import GraftNetworks

/// The features of images and their labels as NumPy's NPZ, for programs such as scikit-learn and FAISS: `x_train` and `x_test`
/// [images × features], `y_train` and `y_test` [images], and the member `graft.json` with the names of the classes.
package struct FeatureArchive {
  private var archive = StoredArchive()

  package init() {}

  /// Adds one part of the data.
  ///
  /// - Parameters:
  ///   - part: `train` or `test`.
  ///   - labels: Class indices of the data set, one for each row.
  /// - Throws: `GraftFailure` if the archive would be larger than 4 GB, and `FormatError` if a feature is not a finite number.
  package mutating func add(_ part: String, _ features: Matrix, labels: [Int]) throws {
    precondition(features.rows == labels.count)
    let values = (0..<features.rows).flatMap(features.row)
    guard values.allSatisfy(\.isFinite) else {
      throw FormatError(problem: "a feature of a \(part) image is not a finite number; nothing was written")
    }
    try archive.add("x_\(part).npy", NPYArray.encode(values, shape: [features.rows, features.columns]))
    try archive.add("y_\(part).npy", NPYArray.encode(labels, shape: [labels.count]))
  }

  /// The archive.
  ///
  /// - Parameter classNames: The name of each class of the data set, by its index.
  package func encoded(_ checkpoint: Checkpoint, data: String, classNames: [String]) throws -> [UInt8] {
    var archive = archive
    let facts: JSON = [
      "schema_version": 1, "model": .string(checkpoint.model.architecture.description), "data": .string(data),
      "class_names": .array(classNames.map(JSON.string)),
    ]
    try archive.add("graft.json", Array(facts.text(.pretty).utf8))
    return try archive.encoded()
  }
}
