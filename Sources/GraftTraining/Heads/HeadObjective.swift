import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// The mean softmax cross-entropy of a linear classifier over fixed inputs, with its gradient, as a function of the weights: the
/// objective that `HeadSolver` minimises. If classes have weights, it is the weighted mean `Σ w[label] · loss / Σ w[label]`.
///
/// A point is [outputs × columns] weights, row-major, then the biases. The kernels work in Float, 256 rows at a time, which
/// stay in the level-2 cache from the forward product to the gradient; each part's loss and gradient are added up in Double.
struct HeadObjective: Sendable {
  private static let part = 256

  let columns: Int
  let outputs: Int
  /// The mean of each column.
  let means: [Double]
  /// The mean of the squares of each column.
  let meanSquares: [Double]

  /// Dense inputs, copied once into parts.
  private var parts: [Matrix] = []
  /// Sparse inputs, and the batch through which the kernels read them.
  private var pixels: (all: SparseRows, batch: PixelBatch)?
  private let labels: [Int]
  private let order: [Int]
  private let smoothing: Float
  /// The weight of each output's examples; empty if all have the weight 1.
  private let classWeights: [Float]
  /// The sum of the examples' weights.
  private let totalWeight: Double
  private let team: Team
  private let weight: PanelLayout
  private let bias: PanelLayout
  /// The index in a block of each component of a point.
  private let places: [Int]
  private var parameters: AlignedFloats
  private var gradientSum: AlignedFloats
  private var logits: Matrix
  private var logitGradient: Matrix
  private var losses: [Float]

  /// The objective over `rows`.
  ///
  /// - Parameters:
  ///   - labels: One output index per row.
  ///   - classWeights: The weight of each output's examples; empty if all have the weight 1.
  init(
    _ rows: InputRows, labels: [Int], outputs: Int, smoothing: Double = 0, classWeights: [Float] = [], team: Team
  ) {
    precondition(rows.count == labels.count && !labels.isEmpty)
    let columns = rows.columns
    var sums = [Double](repeating: 0, count: columns)
    var squares = sums
    switch rows {
    case .dense, .bytes:
      let matrix = rows.matrix
      for start in stride(from: 0, to: matrix.rows, by: HeadObjective.part) {
        let range = start..<min(start + HeadObjective.part, matrix.rows)
        var part = Matrix(rows: range.count, columns: columns)
        part.gather(Array(range)[...], of: matrix)
        parts.append(part)
      }
      matrix.addMoments(to: &sums, squares: &squares)
      weight = PanelLayout(rows: outputs, columns: columns)
      places = (0..<outputs).flatMap { [weight] output in (0..<columns).map { weight.index(output, $0) } }
    case .sparse(let matrix):
      pixels = (matrix, PixelBatch(imageCapacity: HeadObjective.part, columns: columns, outputs: outputs))
      for (column, value) in zip(matrix.columnIndices, matrix.values) {
        sums[Int(column)] += Double(value)
        squares[Int(column)] += Double(value) * Double(value)
      }
      weight = PanelLayout(rows: columns, columns: outputs)
      places = (0..<outputs).flatMap { [weight] output in (0..<columns).map { weight.index($0, output) } }
    }
    bias = PanelLayout(offset: weight.footprint, vectorOf: outputs)
    self.columns = columns
    self.outputs = outputs
    means = sums.map { $0 / Double(labels.count) }
    meanSquares = squares.map { $0 / Double(labels.count) }
    self.labels = labels
    order = Array(labels.indices)
    self.smoothing = Float(smoothing)
    self.classWeights = classWeights
    totalWeight = SoftmaxCrossEntropy.weight(of: labels[...], classWeights)
    self.team = team
    parameters = AlignedFloats(zeros: weight.footprint + bias.footprint)
    gradientSum = parameters
    logits = Matrix(rows: HeadObjective.part, columns: outputs)
    logitGradient = logits
    losses = [Float](repeating: 0, count: HeadObjective.part)
  }
}

extension HeadObjective {
  /// The loss at `point`; writes its gradient, with as many components, to `gradient`.
  ///
  /// - Complexity: O(rows × columns × outputs): a multiply-add forward and one backward for each; no allocation.
  mutating func callAsFunction(at point: [Double], gradient: inout [Double]) -> Double {
    precondition(point.count == places.count + outputs && gradient.count == point.count)
    parameters.withMutableFloats { [places, bias] floats in
      for (component, place) in places.enumerated() { floats[place] = Float(point[component]) }
      for output in 0..<bias.columns { floats[bias.index(0, output)] = Float(point[places.count + output]) }
    }
    for component in gradient.indices { gradient[component] = 0 }
    var loss = 0.0
    for start in stride(from: 0, to: labels.count, by: HeadObjective.part) {
      loss += add(start..<min(start + HeadObjective.part, labels.count), to: &gradient)
    }
    let share = 1 / totalWeight
    for component in gradient.indices { gradient[component] *= share }
    return loss * share
  }

  /// Adds the gradient of the summed, weighted loss of `rows` to `gradient`, and returns that loss.
  private mutating func add(_ rows: Range<Int>, to gradient: inout [Double]) -> Double {
    let input: Matrix?
    if let all = pixels?.all {
      input = nil
      pixels?.batch.fill(order[rows], of: all)
      pixels?.batch.arrange(team: team)
    } else {
      input = parts[rows.lowerBound / HeadObjective.part]
    }
    if let input {
      productWithTransposed(
        input, rows: rows.count, parameters, weight: weight, bias: bias, into: &logits, team: team)
    } else if let batch = pixels?.batch {
      pixelProduct(batch, parameters, weight: weight, bias: bias, into: &logits, team: team)
    }
    logitGradient.softmaxCrossEntropy(
      logits, labels: labels[rows], smoothing: smoothing, gradientScale: 1, losses: &losses, team: team)
    if !classWeights.isEmpty { logitGradient.scaleRows(of: labels[rows], by: classWeights) }
    gradientSum.setToZero()
    if let input {
      WeightGradient.product(left: logitGradient, right: input, rows: rows.count)
        .add(to: &gradientSum, at: weight, team: team)
    } else if let batch = pixels?.batch {
      WeightGradient.pixels(batch, outputGradient: logitGradient).add(to: &gradientSum, at: weight, team: team)
    }
    WeightGradient.columnSums(logitGradient, rows: rows.count).add(to: &gradientSum, at: bias, team: team)
    gradientSum.withFloats { floats in
      for (component, place) in places.enumerated() { gradient[component] += Double(floats[place]) }
      for output in 0..<outputs { gradient[places.count + output] += Double(floats[bias.index(0, output)]) }
    }
    return SoftmaxCrossEntropy.sum(of: losses, labels[rows], classWeights)
  }
}
