import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The study's data: one set of ten digits, cut into halves, as examples for models with ten outputs.
package struct PaperData: Sendable {
  /// The name of the data set.
  package let name: String
  /// Images per class, for the table of counts.
  package let trainCounts: [Int]
  /// Test images per class, for the table of counts.
  package let testCounts: [Int]
  /// The even digits.
  package let even: HalfData
  /// The odd digits.
  package let odd: HalfData

  /// Cuts a data set of ten digits into halves.
  package init(_ pair: DatasetPair) throws {
    name = pair.train.name
    trainCounts = pair.train.countsPerClass
    testCounts = pair.test.countsPerClass
    even = try HalfData(.even, of: pair)
    odd = try HalfData(.odd, of: pair)
  }

  /// Whether this is the data of the study and of the reference's runs.
  func isStudys(_ published: PublishedPaper, _ reference: ReferenceRuns) -> Bool {
    guard name == "mnist", testCounts == published.testImages else { return false }
    let digests = reference.dataDigests
    return digests.isEmpty
      || digests == [
        "train_even": even.trainDigest, "train_odd": odd.trainDigest, "test_even": even.testDigest,
        "test_odd": odd.testDigest,
      ]
  }

  /// The data of one half.
  package subscript(half: Half) -> HalfData { half == .even ? even : odd }
}

/// The data of one half of the digits.
package struct HalfData: Sendable {
  /// The images of the half's digits.
  package let pair: DatasetPair
  /// All ten outputs, which the study keeps for the five digits of a half.
  let outputs: ClassOutputs
  let train: Examples
  let test: Examples
  /// SHA-256 of the training images and labels.
  let trainDigest: String
  let testDigest: String

  init(_ half: Half, of whole: DatasetPair) throws {
    pair = whole.selecting(half.selection)
    outputs = ClassOutputs(.original, choosing: half.selection.classes, of: whole.train.classNames)
    train = try Examples(pair.train, outputs: outputs, normalization: .unit)
    test = try Examples(pair.test, outputs: outputs, normalization: .unit)
    trainDigest = pair.train.digest
    testDigest = pair.test.digest
    for (part, dataset) in [("training", pair.train), ("test", pair.test)] {
      try dataset.requireImages(of: half.selection.classes, in: part)
    }
  }

  var shape: ImageShape { pair.train.shape }

  /// A stratified share of the training images.
  func share(_ share: Share, seed: UInt64) throws -> Examples {
    try Examples(pair.train.share(share, seed: seed), outputs: outputs, normalization: .unit)
  }
}
