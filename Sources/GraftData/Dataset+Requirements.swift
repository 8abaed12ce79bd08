import GraftFiles

extension Dataset {
  /// - Parameter part: What to call these images in the error.
  /// - Throws: Where one of `classes` has no image here: what is not there can be neither learned nor measured.
  public func requireImages(of classes: [Int], in part: String) throws(GraftFailure) {
    let counts = countsPerClass
    if let missing = classes.first(where: { counts[$0] == 0 }) {
      throw GraftFailure(.badData, "\(name) has no \(part) images of class \(classNames[missing])")
    }
  }
}
