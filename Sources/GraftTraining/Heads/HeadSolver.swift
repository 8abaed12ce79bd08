import GraftMatrices
import GraftNetworks

/// A solver that computes a model's head on the features of its frozen body to the optimum, instead of training it with a
/// learning rate.
///
/// It minimises the mean cross-entropy + (λ/2) · ‖W‖², multinomial logistic regression with a penalty on the weights and none on
/// the biases (Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4), by `LBFGS`. λ is a strength times the
/// mean of ‖x‖² over the features, so that a strength means the same whatever the size of the features. For λ > 0 there is one
/// minimum only. Class weights act on the cross-entropy alone; the mean of ‖x‖² stays that of the examples.
///
/// An output without examples would be pushed away without end, its bias towards minus infinity, so it is left out: its weights
/// become zero and its bias `absentBias`, which leaves it a probability of less than 10⁻²⁶ on the examples.
///
/// Measured once on one core (AMD EPYC) with half of MNIST, 30,508 or 29,492 images, behind 500 units trained on the other
/// half: 6.1 ms for an evaluation (up to 8 while others used the machine), and for strengths of 10⁻², 10⁻³, 10⁻⁴, 10⁻⁵, 10⁻⁶
///
/// | target | evaluations | seconds | right of the test images |
/// |---|---|---|---|
/// | odd | 16, 19, 31, 40, 60 | 0.13, 0.15, 0.19, 0.25, 0.37 | 4476, 4737, 4850, 4927, 4966 of 5074 |
/// | even | 15, 15, 22, 29, 41 | 0.09, 0.09, 0.13, 0.17, 0.25 | 4539, 4657, 4755, 4806, 4833 of 4926 |
///
/// Going on to the last bit moves these by at most two images (three strengths, odd). Ten images per class take 1 ms, softmax
/// regression on the pixels 6.9 ms an evaluation and about as many of them, six strengths one after the other (`choose`)
/// 0.7 to 1.2 s.
package struct HeadSolver: Sendable {
  /// The bias of an output without examples. Weights and biases of the others have the mean zero over the outputs, so the largest
  /// logit is never below zero.
  package static let absentBias: Float = -60

  package let model: Model
  /// The mean over the examples of ‖x‖², with x the features; 1 if all of them are zero.
  package let meanSquaredLength: Double
  /// The outputs that have examples, rising.
  private let active: [Int]
  private var objective: HeadObjective
  private let variables: HeadVariables
  private let weight: ParameterSlice
  private let bias: ParameterSlice
  let team: Team

  /// A solver for the head of `model` on `examples`.
  ///
  /// - Parameters:
  ///   - model: The model whose head is replaced. Its body counts as frozen, whatever its mask of trainable parameters.
  ///   - examples: Pixels, or the output of `Examples.behindFrozenPrefix(of:)` with the body frozen. At least one.
  ///   - smoothing: Label smoothing, as `SoftmaxCrossEntropy.smoothing`, over the outputs that have examples.
  ///   - classWeights: The weights of the classes in the loss.
  package init(
    _ model: Model, on examples: Examples, smoothing: Double = 0, classWeights: ClassWeights = .none,
    team: Team = .alone
  ) {
    var held = model
    held.freezeBody()
    let features = examples.behindFrozenPrefix(of: held, team: team, largest: .max)
    precondition(features.firstLayer == model.layers.count - 1, "features that the head does not read")
    // The order is PyTorch's, in which the head's weights are written.
    let inputs: InputRows =
      if case .dense(let matrix) = features.inputs, features.firstLayer > 0 {
        .dense(model.ordered(matrix, ofLayer: features.firstLayer))
      } else {
        features.inputs
      }
    self.model = model
    self.team = team
    (weight, bias) = model.head
    let counts = features.labels.reduce(into: [Int](repeating: 0, count: model.classCount)) { $0[$1] += 1 }
    let active = counts.indices.filter { counts[$0] > 0 }
    let places = counts.indices.map { active.firstIndex(of: $0) ?? 0 }
    self.active = active
    let labels = features.labels.map { places[$0] }
    objective = HeadObjective(
      inputs, labels: labels, outputs: active.count, smoothing: smoothing,
      classWeights: classWeights.weights(of: labels, classCount: active.count), team: team)
    let length = objective.meanSquares.reduce(0, +)
    meanSquaredLength = length == 0 ? 1 : length
    variables = HeadVariables(
      means: objective.means, meanSquares: objective.meanSquares, meanSquaredLength: meanSquaredLength)
  }

  /// The method unless another is given: to a gradient of 10⁻⁴, at which the objective is within half a per cent of its minimum
  /// (measured as above). Because the parts are added up in Double, the Float kernels would allow 10⁻⁸, for five to eight times
  /// as many evaluations.
  package static let method = LBFGS(iterations: 1000, tolerance: 1e-4, noise: 1e-7)

  /// The best head for one strength of the penalty.
  ///
  /// - Parameters:
  ///   - strength: λ as a share of `meanSquaredLength`. Zero leaves the weights free; if the classes can be separated without a
  ///     mistake, they then grow until the gradient is within the tolerance.
  ///   - start: A model's parameters with a head near the solution, such as the head of another strength; without them all
  ///     weights begin at zero.
  ///   - method: The method, with a tolerance on the gradient in the variables of `HeadVariables`.
  ///   - report: Called at the start and after every step, with the model at that point.
  /// - Throws: If the features or the start are not finite numbers.
  package mutating func solve(
    strength: Double, from start: Parameters? = nil, by method: LBFGS = HeadSolver.method,
    report: ((_ iterate: LBFGS.Iterate, _ model: Model) -> Void)? = nil
  ) throws(HeadDivergence) -> HeadSolution {
    precondition(strength >= 0 && strength.isFinite)
    let penalty = strength * meanSquaredLength
    let weightCount = active.count * objective.columns
    var point = [Double](repeating: 0, count: weightCount + active.count)
    if let start { point = self.point(of: start) }
    let (last, ending) = method.minimize(from: variables.variables(of: point)) { [variables] place, gradient in
      let point = variables.point(of: place)
      let loss = objective(at: point, gradient: &gradient)
      var square = 0.0
      for component in 0..<weightCount {
        square += point[component] * point[component]
        gradient[component] += penalty * point[component]
      }
      variables.transform(gradient: &gradient)
      return loss + penalty / 2 * square
    } report: { iterate in
      report?(iterate, solved(variables.point(of: iterate.point)))
    }
    guard ending != .notFinite else { throw HeadDivergence(strength: strength, objective: last.value) }
    return HeadSolution(
      model: solved(variables.point(of: last.point)), strength: strength, objective: last.value,
      largestGradient: last.largestGradient, iterations: last.iteration, evaluations: last.evaluations,
      ending: ending)
  }

  /// The weights and biases of the active outputs, shifted to the mean zero over them, which changes no probability.
  private func point(of parameters: Parameters) -> [Double] {
    let columns = objective.columns
    let (weights, biases) = (parameters.values(of: weight), parameters.values(of: bias))
    var point = active.flatMap { weights[$0 * columns..<($0 + 1) * columns].map(Double.init) }
    for column in 0..<columns {
      let places = stride(from: column, to: point.count, by: columns)
      let mean = places.reduce(0) { $0 + point[$1] } / Double(active.count)
      for place in places { point[place] -= mean }
    }
    let mean = active.reduce(0) { $0 + Double(biases[$1]) } / Double(active.count)
    return point + active.map { Double(biases[$0]) - mean }
  }

  /// The model with the head at `point`.
  private func solved(_ point: [Double]) -> Model {
    let columns = objective.columns
    var weights = [Float](repeating: 0, count: model.classCount * columns)
    var biases = [Float](repeating: HeadSolver.absentBias, count: model.classCount)
    for (place, output) in active.enumerated() {
      for column in 0..<columns { weights[output * columns + column] = Float(point[place * columns + column]) }
      biases[output] = Float(point[active.count * columns + place])
    }
    var result = model
    result.parameters.setValues(of: weight, to: weights)
    result.parameters.setValues(of: bias, to: biases)
    return result
  }
}
