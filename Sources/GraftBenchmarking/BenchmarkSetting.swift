import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The data and the cores of the tasks: the even digits, ten outputs, batches of 64, as in the study.
package struct BenchmarkSetting: Sendable {
  package let dataName: String
  package let threads: Int
  let train: Examples
  let test: Examples
  /// The test images as bytes, for prediction.
  let testPixels: [UInt8]
  let normalization: Normalization
  let outputs: ClassOutputs
  let shape: ImageShape

  package init(_ pair: DatasetPair, threads: Int) throws {
    let selection = try ClassSelection(parsing: "even", of: pair.train.classNames.count)
    let chosen = pair.selecting(selection)
    outputs = ClassOutputs(.original, choosing: selection.classes, of: pair.train.classNames)
    normalization = .unit
    train = try Examples(chosen.train, outputs: outputs, normalization: normalization)
    test = try Examples(chosen.test, outputs: outputs, normalization: normalization)
    testPixels = pair.test.pixels
    shape = pair.train.shape
    dataName = pair.train.name
    self.threads = min(threads, Team.largestSize)
  }

  func model(_ architecture: Architecture, seed: UInt64 = 0) -> Model {
    Model(architecture, inputShape: shape, classCount: outputs.count, seed: seed)
  }

  /// Number of pixels of the training images that are not zero.
  var litPixels: Double {
    switch train.inputs {
    case .sparse(let rows): rows.density * Double(rows.rows) * Double(rows.columns)
    case .dense(let matrix): Double(matrix.rows) * Double(matrix.columns)
    case .bytes(let rows): Double(rows.rows) * Double(rows.columns)
    }
  }
}
