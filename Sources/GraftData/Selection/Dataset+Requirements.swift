import GraftFiles

extension Dataset {
  /// Checks that every one of `classes` has an image: without one it can be neither learned nor measured.
  /// - Parameter part: A name for these images in the error.
  /// - Throws: If one of `classes` has no image here.
  package func requireImages(of classes: [Int], in part: String) throws(GraftFailure) {
    let counts = countsPerClass
    if let missing = classes.first(where: { counts[$0] == 0 }) {
      throw GraftFailure(.badData, "\(name) has no \(part) images of class \(classNames[missing])")
    }
  }
}
