import GraftFiles

extension Dataset {
  /// Checks that every one of `classes` has an image: without one it can be neither learned nor measured.
  /// - Parameter part: A name for these images in the error.
  /// - Throws: If one of `classes` has no image here.
  package func requireImages(of classes: [Int], in part: String) throws(GraftFailure) {
    let counts = countsPerClass
    if let missing = classes.first(where: { counts[$0] == 0 }) {
      // Labels 0 and 300 are two of 301 classes.
      let used = counts.count { $0 > 0 }
      let isNumbered = classNames.indices.allSatisfy { classNames[$0] == String($0) }
      let gaps =
        isNumbered && classes.count == counts.count && used * 2 < counts.count
        ? ": its labels leave gaps, \(grouped(used)) of the numbers from 0 to \(grouped(counts.count - 1)) have images"
        : ""
      throw GraftFailure(.badData, "\(name) has no \(part) images of class \(classNames[missing])\(gaps)")
    }
  }
}
