import GraftNetworks
import GraftTraining
import GraftWorkbench

/// Explanations of methods and networks for a reader who meets them for the first time.
enum MethodWords {
  /// - Parameter control: The network of scratch if it is another one than the source's.
  static func explanation(_ method: TransferMethod, _ control: StudyControl? = nil) -> String {
    if method == .scratch, let control {
      return "the control: a small network from fresh weights on the same labelled pictures, \(control.words)"
    }
    let count = method.layerCount
    let layers = count.map { $0 == 1 ? "first layer" : "first \($0) layers" }
    let frozen = layers.map { "; its \($0) \(count == 1 ? "is" : "are") frozen" } ?? ""
    return switch method.rule {
    case .scratch: "the control: the same network from fresh weights; the source is not used"
    case .randomFrozen: "a control: a new last layer (the head) on hidden layers that were never trained and stay so"
    case .frozen where layers != nil: "the source's \(layers ?? "") frozen, everything behind them trains"
    case .frozen:
      "the source's hidden layers are frozen; only the last layer, the head, is learned. It is solved: computed to its "
        + "optimum directly, without epochs"
    case .fineTune: "everything trains on, from the source's weights\(frozen)"
    case .linearProbeThenFineTuning:
      "linear probe, then fine-tune: first the head alone is solved, then everything trains on\(frozen)"
    case .gradual: "layers begin to train one after the other, from the last one back\(frozen)"
    case .discriminative: "everything trains on, the nearer to the image the slower\(frozen)"
    case .l2SP: "everything trains on, pulled back towards the source's weights\(frozen)"
    case .biasOnly: "only the last layer and the biases train\(frozen)"
    case .untouched: "a control: the source as it stands; nothing is trained, and all its outputs compete"
    case .copy: "the \(layers ?? "hidden layers") of the source are copied and frozen, the rest is fresh"
    case .copyTuned:
      "the \(layers ?? "hidden layers") of the source are copied, the rest is fresh, and everything trains"
    }
  }

  static func explanation(_ architecture: Architecture) -> String {
    let units = architecture.body.compactMap { layer -> Int? in
      if case .linear(let units) = layer.weights { units } else { nil }
    }
    let convolutions = architecture.body.count - units.count
    let hidden =
      units.isEmpty
      ? ""
      : "\(units.count == 1 ? "a hidden layer" : "hidden layers") of \(units.map(String.init).joined(separator: " and ")) units"
    switch (convolutions, units.isEmpty) {
    case (0, true): return "the network: no hidden layer, softmax regression"
    case (0, false): return "the network: \(hidden)"
    case (_, true): return "the network: \(convolutions) convolutional layers"
    case (_, false): return "the network: \(convolutions) convolutional layers and \(hidden)"
    }
  }
}
