import Files
import Networks

/// How knowledge of a source is used on a target.
public enum TransferMethod: String, Sendable, Hashable, CaseIterable {
  /// Feature extraction: the body is held, the head trains (Yosinski et al., NIPS 2014, AnB).
  case frozen
  /// Everything trains on from the source's weights (Yosinski et al., AnB+).
  case fineTune = "fine-tune"
  /// The matched control: the same network from fresh weights with the same settings.
  case scratch
}

extension TransferMethod {
  /// The model to start from: `adapted` with what the method holds, or, from scratch, fresh weights of the same kind.
  ///
  /// - Parameters:
  ///   - adapted: The source's model with a head for the target.
  ///   - layers: Hold the first so many layers instead of what the method says; nil leaves it to the method.
  public func prepare(_ adapted: Model, freezing layers: Int?, seed: UInt64) throws(GraftFailure) -> Model {
    var model = adapted
    switch self {
    case .frozen:
      guard model.linearLayerCount > 1 else {
        throw GraftFailure(.usage, "a \(model.architecture) model has no body to freeze")
      }
      model.freezeBody()
    case .fineTune: model.unfreeze()
    case .scratch:
      return Model(model.architecture, inputShape: model.inputShape, classCount: model.classCount, seed: seed)
    }
    if let layers {
      guard layers < model.linearLayerCount else {
        throw GraftFailure(
          .usage, "--freeze \(layers) would leave nothing to train: the model has \(model.linearLayerCount) layers")
      }
      model.freeze(first: layers)
    }
    return model
  }
}
