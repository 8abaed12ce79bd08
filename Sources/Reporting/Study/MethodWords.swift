import Training

/// What the methods do, for a reader who meets them for the first time.
enum MethodWords {
  static func explanation(_ method: TransferMethod) -> String {
    let count = method.layerCount
    let layers = count.map { $0 == 1 ? "first layer" : "first \($0) layers" }
    let held = layers.map { "; its \($0) \(count == 1 ? "is" : "are") held" } ?? ""
    return switch method.rule {
    case .scratch: "the control: the same network from fresh weights; the source is not used"
    case .randomFrozen: "a control: a new last layer on hidden layers that were never trained and stay so"
    case .frozen where layers != nil: "the source's \(layers ?? "") held as they are, everything behind them trains"
    case .frozen: "the source's hidden layers are held as they are; only the last layer trains"
    case .fineTune: "everything trains on, from the source's weights\(held)"
    case .lpFT: "linear probe, then fine-tune: first only the last layer, to its optimum, then everything\(held)"
    case .gradual: "layers begin to train one after the other, from the last one back\(held)"
    case .discriminative: "everything trains on, the nearer to the image the slower\(held)"
    case .l2SP: "everything trains on, pulled back towards the source's weights\(held)"
    case .biasOnly: "only the last layer and the biases train\(held)"
    case .copy: "the \(layers ?? "hidden layers") of the source are copied and held, the rest is fresh"
    case .copyTuned:
      "the \(layers ?? "hidden layers") of the source are copied, the rest is fresh, and everything trains"
    }
  }
}
