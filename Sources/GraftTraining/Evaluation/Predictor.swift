import GraftMatrices
import GraftNetworks

/// A predictor that uses a checkpoint: bytes in, probabilities out.
package struct Predictor: Sendable {
  private let checkpoint: Checkpoint

  /// A predictor that uses the model of `checkpoint`.
  package init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// The probability of each output, for each image.
  ///
  /// - Parameters:
  ///   - images: One byte a pixel, each in the model's shape.
  ///   - threads: Cores that work on them; the bits do not depend on it.
  package func answers(for images: [[UInt8]], threads: Int = 1) -> [[Float]] {
    precondition(images.allSatisfy { $0.count == checkpoint.model.inputShape.count })
    guard !images.isEmpty else { return [] }
    let logits = logits(of: images.flatMap { $0 }, threads: threads)
    return images.indices.map { logits.softmax(row: $0) }
  }

  /// The logits of each image: [images × outputs].
  ///
  /// - Parameter pixels: One byte a pixel, image after image.
  package func logits(of pixels: [UInt8], threads: Int = 1) -> Matrix {
    logits(of: PixelRows(pixels, columns: checkpoint.model.inputShape.count), threads: threads)
  }

  /// The logits of each image: [images × outputs].
  package func logits(of images: PixelRows, threads: Int = 1) -> Matrix {
    let model = checkpoint.model
    let inputs = checkpoint.normalization.rows(images)
    let examples = Examples(inputs: inputs, labels: [Int](repeating: 0, count: inputs.count))
    var evaluator = Evaluator(examples, for: model, team: threads > 1 ? Team(size: threads) : .alone)
    return evaluator.logits(of: model)
  }
}

/// A predictor for one image after another, as a service or a canvas needs. All memory is allocated at the start: an answer
/// allocates nothing.
package struct ImagePredictor: Sendable {
  private let model: Model
  private let tables: [Float]
  private var workspace: Workspace
  private var row: Matrix

  /// A predictor that uses the model of `checkpoint`; allocates all memory.
  package init(_ checkpoint: Checkpoint) {
    model = checkpoint.model
    tables = checkpoint.normalization.tables
    let width = model.inputShape.count
    // The brightest image there can be, so that no later one needs more memory.
    let brightest = [UInt8](repeating: 255, count: width)
    let isSparse = checkpoint.normalization.keepsZero && width <= SparseRows.maximumColumns
    workspace = Workspace(
      for: model, inputs: isSparse ? .sparse(SparseRows(columns: width)) : .dense(Matrix(rows: 1, columns: width)),
      capacity: 1, team: .alone, trains: false)
    row = Matrix(rows: 1, columns: model.classCount)
    model.forward(image: brightest[...], through: tables, in: &workspace)
  }

  /// Number of outputs.
  package var classCount: Int { model.classCount }

  /// Writes the probability of each output into `probabilities`, which has room for them.
  ///
  /// - Parameter image: One byte a pixel, in the model's shape.
  /// - Complexity: O(lit pixels × units of the first layer + weights behind it); no allocation.
  package mutating func predict(_ image: ArraySlice<UInt8>, into probabilities: inout [Float]) {
    precondition(image.count == model.inputShape.count && probabilities.count == classCount)
    model.forward(image: image, through: tables, in: &workspace)
    row.softmax(workspace.logits, rows: 1)
    for output in probabilities.indices { probabilities[output] = row[0, output] }
  }

  /// The output with the largest probability.
  package mutating func predict(_ image: ArraySlice<UInt8>) -> Int {
    precondition(image.count == model.inputShape.count)
    model.forward(image: image, through: tables, in: &workspace)
    return workspace.logits.argmax(row: 0)
  }
}
