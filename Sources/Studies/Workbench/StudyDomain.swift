import Datasets
import Files
import Matrices
import Networks
import Training

/// One end of a transfer: some classes of a data set, with the images to learn from and those to measure on.
public struct StudyDomain: Sendable {
  /// `mnist:even`.
  public let name: String
  /// Images of the chosen classes only; labels keep the data set's meaning.
  public let data: DatasetPair
  public let selection: ClassSelection
  /// One output per chosen class.
  package let outputs: ClassOutputs
  package let test: Examples
  /// SHA-256 of the images and labels.
  package let trainDigest: String
  package let testDigest: String

  /// - Throws: Where a chosen class has no image on one of the two sides.
  public init(_ pair: DatasetPair, selecting selection: ClassSelection) throws {
    name = "\(pair.train.name):\(selection)"
    data = pair.selecting(selection)
    self.selection = selection
    try data.train.requireImages(of: selection.classes, in: "training")
    try data.test.requireImages(of: selection.classes, in: "test")
    outputs = ClassOutputs(.compact, choosing: selection.classes, of: pair.train.classNames)
    test = try Examples(data.test, outputs: outputs, normalization: .unit)
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

  /// Labelled images per class at a share: whole for a count, a mean otherwise.
  package func labelsPerClass(_ share: Share) -> Double {
    let whole = Double(data.train.count) / Double(selection.classes.count)
    switch share {
    case .all: return whole
    case .fraction(let fraction): return whole * fraction
    case .perClass(let count): return Double(count)
    }
  }

  /// Labelled images of the class that has fewest at a share.
  func fewestPerClass(_ share: Share) -> Int {
    switch share {
    case .all: smallestClass
    case .fraction(let fraction): Int(fraction * Double(smallestClass))
    case .perClass(let count): count
    }
  }

  /// Labelled images in all at a share.
  package func images(_ share: Share) -> Int {
    Int((labelsPerClass(share) * Double(selection.classes.count)).rounded())
  }

  /// What identifies the data in a trial.
  package var identity: JSON {
    [
      "data": .string(data.train.name), "classes": .array(selection.classes.map(JSON.integer)),
      "train_sha256": .string(trainDigest), "test_sha256": .string(testDigest),
    ]
  }
}
