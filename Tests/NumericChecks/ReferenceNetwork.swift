import Foundation
import GraftNetworks

/// A model's arithmetic in Double, written so that nobody can doubt it: what logits, loss and gradients should be.
package struct ReferenceNetwork: Sendable {
  /// One fully connected layer; between two of them negative numbers become zero.
  package struct Layer: Sendable {
    /// [outputs][inputs], flat and row-major.
    package var weight: [Double]
    package var bias: [Double]

    func callAsFunction(_ input: [Double]) -> [Double] {
      bias.indices.map { output in
        input.indices.reduce(bias[output]) { $0 + weight[output * input.count + $1] * input[$1] }
      }
    }
  }

  package var layers: [Layer]
  /// What every hidden unit is multiplied by, [hidden layer][example][unit]; empty for 1.
  package var factors: [[[Double]]] = []

  /// The weights of `model`, taken by name.
  package init(_ model: Model) {
    func values(_ name: String) -> [Double] {
      model.parameters.slice(named: name).map { model.parameters.values(of: $0).map(Double.init) } ?? []
    }
    layers = (1...model.layers.count).map { Layer(weight: values("fc\($0).weight"), bias: values("fc\($0).bias")) }
  }

  /// The output of every layer before it is rectified; the last one is the logits.
  package func outputs(_ input: [Float], example: Int = 0) -> [[Double]] {
    var current = input.map(Double.init)
    return layers.enumerated().map { index, layer in
      let output = layer(current)
      current = output.map { max($0, 0) }
      if index < factors.count { current = zip(current, factors[index][example]).map { $0 * $1 } }
      return output
    }
  }

  package func logits(_ input: [Float], example: Int = 0) -> [Double] { outputs(input, example: example).last ?? [] }

  /// The mean over the examples of -log softmax(logits)[label].
  package func loss(_ inputs: [[Float]], _ labels: [Int]) -> Double {
    let losses = zip(inputs, labels).enumerated().map { example, pair in
      let (input, label) = pair
      let logits = logits(input, example: example)
      let largest = logits.max() ?? 0
      return log(logits.reduce(0) { $0 + exp($1 - largest) }) - (logits[label] - largest)
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  /// The smallest distance of a hidden unit from the kink of its rectifier, over all inputs. Finite differences say
  /// nothing where it is smaller than what a step moves.
  package func distanceFromKinks(_ inputs: [[Float]]) -> Double {
    inputs.flatMap { outputs($0).dropLast().flatMap { $0 } }.map(abs).min() ?? .infinity
  }

  /// ∂loss/∂parameter for `fcN.weight` or `fcN.bias`, by finite differences, in PyTorch's order.
  package func numericGradient(of name: String, _ inputs: [[Float]], _ labels: [Int]) -> [Double] {
    guard let index = layers.indices.first(where: { name.hasPrefix("fc\($0 + 1).") }) else { return [] }
    let part: WritableKeyPath<Layer, [Double]> = name.hasSuffix("weight") ? \.weight : \.bias
    return NumericChecks.numericGradient(at: layers[index][keyPath: part]) { values in
      var moved = self
      moved.layers[index][keyPath: part] = values
      return moved.loss(inputs, labels)
    }
  }
}
