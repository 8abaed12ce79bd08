/// The model for use, without anything that only training needs.
extension Model {
  /// The same function of an image without batch normalisation. In evaluation a normalisation multiplies each channel by a factor
  /// and adds a number, which weights and biases can do themselves (Ioffe and Szegedy, "Batch Normalization", 2015, section 3.1).
  /// With running mean m, running variance v, gain g and shift s the weight becomes weight · g/√(v + ε), and the bias s + (bias −
  /// m) · g/√(v + ε).
  package func foldingNorms() -> Model {
    guard layers.contains(where: { $0.norm != nil }) else { return self }
    let plain = Architecture(
      body: architecture.body.map {
        Architecture.Block(
          $0.weights, adding: $0.adding, function: $0.function, pooling: $0.pooling, input: $0.input, name: $0.name)
      }, headName: architecture.headName)
    var folded = Model(blank: plain, inputShape: inputShape, classCount: classCount)
    for (layer, target) in zip(layers, folded.layers) {
      var weights = parameters.values(of: layer.weight)
      let outputs = layer.weight.shape[0]
      var biases = layer.bias.map(parameters.values) ?? [Float](repeating: 0, count: outputs)
      if let norm = layer.norm {
        let gains = parameters.values(of: norm.gain)
        let shifts = parameters.values(of: norm.shift)
        let means = parameters.values(of: norm.runningMean)
        let variances = parameters.values(of: norm.runningVariance)
        let inputs = weights.count / outputs
        for output in 0..<outputs {
          let factor = gains[output] / (variances[output] + Float(norm.epsilon)).squareRoot()
          for place in output * inputs..<(output + 1) * inputs { weights[place] *= factor }
          biases[output] = shifts[output] + (biases[output] - means[output]) * factor
        }
      }
      folded.parameters.setValues(of: target.weight, to: weights)
      if let bias = target.bias { folded.parameters.setValues(of: bias, to: biases) }
    }
    return folded
  }

  /// Replaces every value of a slice.
  package mutating func setValues(of slice: ParameterSlice, _ value: (Float) -> Float) {
    parameters.setValues(of: slice, to: parameters.values(of: slice).map(value))
  }
}
