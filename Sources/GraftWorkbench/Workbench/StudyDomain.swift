import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// One end of a transfer: some classes of a data set, with the images to learn from and the images to measure on.
public struct StudyDomain: Sendable {
  /// The data set and its classes: `mnist:even`.
  package let name: String
  /// Images of the chosen classes only; labels keep the data set's meaning.
  package let data: DatasetPair
  /// The chosen classes.
  package let selection: ClassSelection
  /// One output per chosen class.
  package let outputs: ClassOutputs
  /// The first step of the models, from bytes to numbers.
  package let normalization: Normalization
  package let test: Examples
  /// SHA-256 of the whole training set, of all classes: the meaning of a class's number depends on it.
  package let setDigest: String
  /// SHA-256 of the images and labels of the chosen classes.
  package let trainDigest: String
  package let testDigest: String

  /// Selects classes of a data set.
  ///
  /// - Throws: If fewer than two classes are chosen, or a chosen class has no image on one of the two sides.
  public init(_ pair: DatasetPair, selecting selection: ClassSelection) throws {
    guard selection.classes.count > 1 else {
      throw GraftFailure(.usage, "\(pair.train.name):\(selection) is one class, which is nothing to tell apart")
    }
    name = "\(pair.train.name):\(selection)"
    setDigest = pair.train.digest
    data = pair.selecting(selection)
    self.selection = selection
    try data.train.requireImages(of: selection.classes, in: "training")
    try data.test.requireImages(of: selection.classes, in: "test")
    outputs = ClassOutputs(.compact, choosing: selection.classes, of: pair.train.classNames)
    normalization = .usual(for: pair.train)
    test = try Examples(data.test, outputs: outputs, normalization: normalization)
    trainDigest = data.train.digest
    testDigest = data.test.digest
  }

  private init(_ domain: StudyDomain, reading normalization: Normalization) throws(GraftFailure) {
    name = domain.name
    data = domain.data
    selection = domain.selection
    outputs = domain.outputs
    self.normalization = normalization
    test = try Examples(data.test, outputs: outputs, normalization: normalization)
    setDigest = domain.setDigest
    trainDigest = domain.trainDigest
    testDigest = domain.testDigest
  }

  /// The same images for models with another first step.
  func reading(_ normalization: Normalization) throws(GraftFailure) -> StudyDomain {
    normalization == self.normalization ? self : try StudyDomain(self, reading: normalization)
  }

  /// The same classes of the same images in another size, read in the usual way for such images.
  func resized(to shape: ImageShape) throws(GraftFailure) -> StudyDomain {
    try StudyDomain(self, try data.resized(to: shape))
  }

  private init(_ domain: StudyDomain, _ data: DatasetPair) throws(GraftFailure) {
    name = domain.name
    self.data = data
    selection = domain.selection
    outputs = domain.outputs
    setDigest = domain.setDigest
    normalization = .usual(for: data.train)
    test = try Examples(data.test, outputs: outputs, normalization: normalization)
    trainDigest = data.train.digest
    testDigest = data.test.digest
  }

  package var shape: ImageShape { data.train.shape }
  /// Images of the smallest class: no more can be drawn per class.
  package var smallestClass: Int { selection.classes.map { data.train.countsPerClass[$0] }.min() ?? 0 }

  /// The labels that outcomes are compared by.
  package var testSet: TestSet {
    TestSet(digest: testDigest, labels: data.test.labels, classNames: data.test.classNames)
  }

  /// Labelled images of each chosen class at a share, as they are drawn.
  private func drawn(_ share: Share) -> [Int] {
    let counts = data.train.counts(of: share)
    return selection.classes.map { counts[$0] }
  }

  /// Labelled images per class at a share: whole for a count, a mean otherwise.
  package func labelsPerClass(_ share: Share) -> Double { Double(images(share)) / Double(selection.classes.count) }

  /// Labelled images of the class that has fewest at a share.
  func fewestPerClass(_ share: Share) -> Int { drawn(share).min() ?? 0 }

  /// Labelled images in all at a share.
  package func images(_ share: Share) -> Int { drawn(share).reduce(0, +) }

  /// Whether it is the same classes of the same images, whatever they are called.
  package func isSame(as other: StudyDomain) -> Bool {
    (selection.classes, trainDigest, testDigest) == (other.selection.classes, other.trainDigest, other.testDigest)
  }

  /// The identity of the data in a trial.
  package var identity: JSON {
    let data: JSON = [
      "data": .string(self.data.train.name), "classes": .array(selection.classes.map(JSON.integer)),
      // A head is kept, shared or begun anew by the names of its classes.
      "class_names": .array(outputs.names.map(JSON.string)),
      "train_sha256": .string(trainDigest), "test_sha256": .string(testDigest),
    ]
    guard normalization != .unit, var identity = data.object else { return data }
    identity["normalization"] = .object(normalization.json)
    return .object(identity)
  }
}
