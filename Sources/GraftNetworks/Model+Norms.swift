import GraftMatrices

extension Model {
  /// The model with running statistics that were measured on images instead of learnt.
  ///
  /// The maps of a deep network that was never trained shrink from layer to layer until nothing is left of them. With the mean and the
  /// variance of some images in its normalisations it computes features all the same, which is what makes it a control.
  ///
  /// - Parameter inputs: Some images, all measured at once.
  package func measuringNorms(on inputs: InputRows) -> Model {
    guard inputs.count > 0, layers.contains(where: { $0.norm != nil }) else { return self }
    var training = self
    training.unfreeze()
    var workspace = Workspace(for: training, inputs: inputs, capacity: inputs.count, team: .alone, trains: false)
    let labels = [Int](repeating: 0, count: inputs.count)
    let batch = Batch(inputs: inputs, rows: Array(0..<inputs.count)[...], labels: labels[...])
    training.forward(batch, mode: .training(RandomKey(seed: 0, purpose: .dropout), .none), in: &workspace)
    var result = self
    for (index, layer) in layers.enumerated() {
      guard let norm = layer.norm, let moments = workspace.maps[index]?.moments else { continue }
      let channels = 0..<norm.runningMean.count
      result.parameters.setValues(of: norm.runningMean, to: channels.map { moments.mean[$0] })
      result.parameters.setValues(of: norm.runningVariance, to: channels.map { moments.unbiasedVariance[$0] })
    }
    return result
  }
}
