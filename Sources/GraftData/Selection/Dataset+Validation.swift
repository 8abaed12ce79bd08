import GraftFiles
import GraftMatrices

extension Dataset {
  /// Holds out a share of each class for choosing settings and weights; the rest is for training.
  ///
  /// - Parameters:
  ///   - share: Greater than 0 and less than 1; rounded to whole images of each class.
  ///   - seed: Seed of the draw of the images that are held out.
  /// - Throws: If a class would have no image on one of the two sides.
  public func splittingOff(
    validation share: Double, seed: UInt64
  ) throws(GraftFailure) -> (train: Dataset, validation: Dataset) {
    var isHeldOut = [Bool](repeating: false, count: count)
    for (label, className) in classNames.enumerated() {
      var members = labels.indices.filter { labels[$0] == label }
      if members.isEmpty { continue }
      let wanted = Int((Double(members.count) * share).rounded())
      guard wanted > 0, wanted < members.count else {
        throw GraftFailure(
          .usage,
          "a validation share of \(share) of the \(members.count) images of class \(className) leaves one side empty")
      }
      var stream = RandomStream(RandomKey(seed: seed, purpose: .validationSplit, index: label))
      stream.shuffle(&members)
      for index in members.prefix(wanted) { isHeldOut[index] = true }
    }
    let sides = Dictionary(grouping: isHeldOut.indices) { isHeldOut[$0] }
    return (selecting(images: sides[false] ?? []), selecting(images: sides[true] ?? []))
  }
}
