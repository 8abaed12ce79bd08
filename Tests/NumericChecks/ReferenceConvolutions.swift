import Foundation
import GraftMatrices
import GraftNetworks

/// A convolutional network's arithmetic in Double, step by step over a whole batch, from a written model and PyTorch's named
/// parameters: what logits, loss, gradients and batch statistics should be. It shares nothing with the model but the names.
package struct ReferenceConvolutions: Sendable {
  package enum Step: Sendable, Hashable {
    case convolution(String, outputs: Int, ReferenceWindow)
    case linear(String)
    case normalization(String)
    case rectifier
    /// Nil for the whole map.
    case pooling(ReferenceMap.Pool, ReferenceWindow?)
  }

  package let steps: [Step]
  /// The steps whose output is a layer's.
  package let layerEnds: [Int]
  package let shape: ImageShape
  package var parameters: [String: [Double]]
  /// The normalisations that take the batch's own mean and variance; the others take the running ones.
  package var usingBatch: Set<String> = []
  /// What the output of a layer, by its place, is multiplied by: for each image all its numbers.
  package var factors: [Int: [[Double]]] = [:]

  /// - Parameter text: `cnn:` and layers, as a person writes it.
  package init(_ text: String, _ model: Model) {
    var steps: [Step] = []
    var ends: [Int] = []
    var (convolutions, linears, norms) = (0, 0, 0)
    func number(_ text: Substring?, else usual: Int) -> Int { text.flatMap { Int($0) } ?? usual }
    for part in text.dropFirst("cnn:".count).split(separator: "-") {
      if part == "a" {
        steps.append(.pooling(.average, nil))
        ends[ends.count - 1] = steps.count
      } else if let match = part.wholeMatch(of: /([pa])(\d+)(?:s(\d+))?/) {
        let size = number(match.2, else: 0)
        let window = ReferenceWindow(size: size, stride: number(match.3, else: size))
        steps.append(.pooling(match.1 == "p" ? .maximum : .average, window))
        ends[ends.count - 1] = steps.count
      } else if let match = part.wholeMatch(of: /(\d+)(?:c(\d+)(?:s(\d+))?(?:p(\d+))?)?(b?)/) {
        if match.2 != nil {
          convolutions += 1
          let window = ReferenceWindow(
            size: number(match.2, else: 0), stride: number(match.3, else: 1), padding: number(match.4, else: 0))
          steps.append(.convolution("conv\(convolutions)", outputs: number(match.1, else: 0), window))
        } else {
          linears += 1
          steps.append(.linear("fc\(linears)"))
        }
        if !match.5.isEmpty {
          norms += 1
          steps.append(.normalization("bn\(norms)"))
        }
        steps.append(.rectifier)
        ends.append(steps.count)
      } else {
        preconditionFailure("the reference cannot read '\(part)'")
      }
    }
    steps.append(.linear("fc\(linears + 1)"))
    ends.append(steps.count)
    self.steps = steps
    layerEnds = ends
    shape = model.inputShape
    parameters = Dictionary(
      uniqueKeysWithValues: model.parameters.slices.map { ($0.name, model.parameters.values(of: $0).map(Double.init)) })
  }

  /// Every normalisation.
  package var norms: [String] {
    steps.compactMap { if case .normalization(let name) = $0 { name } else { nil } }
  }

  /// What a batch leaves behind.
  package struct Pass: Sendable {
    /// Of each layer, rectified and pooled, and of each image; the logits are the last.
    package var outputs: [[ReferenceMap]] = []
    /// Mean and unbiased variance of each channel before it is normalised.
    package var moments: [String: (mean: [Double], unbiasedVariance: [Double])] = [:]
    /// The smallest distance of a number from where the derivative jumps: of a rectifier's input from zero, of a largest value
    /// from the next.
    package var distanceFromKinks = Double.infinity

    package var logits: [[Double]] { outputs.last?.map(\.values) ?? [] }
  }

  package func callAsFunction(_ images: [[Float]]) -> Pass {
    var pass = Pass()
    var maps = images.map {
      ReferenceMap(channels: shape.channels, height: shape.height, width: shape.width, values: $0.map(Double.init))
    }
    for (index, step) in steps.enumerated() {
      switch step {
      case .convolution(let name, let outputs, let window):
        maps = maps.map {
          $0.convolved(self[name, "weight"], bias: parameters["\(name).bias"], outputs: outputs, window)
        }
      case .linear(let name): maps = maps.map { linear(name, $0) }
      case .normalization(let name): maps = normalize(name, maps, &pass)
      case .rectifier:
        pass.distanceFromKinks = min(pass.distanceFromKinks, maps.flatMap(\.values).map(abs).min() ?? .infinity)
        maps = maps.map { $0.mapping { _, value in max(value, 0) } }
      case .pooling(let kind, let window):
        let window = window ?? ReferenceWindow(size: maps[0].height)
        if kind == .maximum {
          pass.distanceFromKinks = maps.reduce(pass.distanceFromKinks) { min($0, $1.smallestGap(window)) }
        }
        maps = maps.map { $0.pooled(kind, window) }
      }
      if layerEnds.contains(index + 1) {
        if let factors = factors[pass.outputs.count] {
          for (image, own) in factors.enumerated() {
            for place in own.indices { maps[image].values[place] *= own[place] }
          }
        }
        pass.outputs.append(maps)
      }
    }
    return pass
  }

  private subscript(name: String, part: String) -> [Double] { parameters["\(name).\(part)"] ?? [] }

  private func linear(_ name: String, _ input: ReferenceMap) -> ReferenceMap {
    let (weight, inputs) = (self[name, "weight"], input.values.count)
    let bias = parameters["\(name).bias"] ?? [Double](repeating: 0, count: weight.count / inputs)
    precondition(weight.count == bias.count * inputs)
    let values = bias.indices.map { output in
      input.values.indices.reduce(bias[output]) { $0 + weight[output * inputs + $1] * input.values[$1] }
    }
    return ReferenceMap(channels: values.count, height: 1, width: 1, values: values)
  }

  private func normalize(_ name: String, _ maps: [ReferenceMap], _ pass: inout Pass) -> [ReferenceMap] {
    let positions = maps[0].height * maps[0].width
    let count = Double(positions * maps.count)
    var (means, variances): ([Double], [Double]) = ([], [])
    for channel in 0..<maps[0].channels {
      let values = maps.flatMap { $0.values[channel * positions..<(channel + 1) * positions] }
      let mean = values.reduce(0, +) / count
      means.append(mean)
      variances.append(values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
    }
    pass.moments[name] = (means, variances.map { $0 * count / max(count - 1, 1) })
    if !usingBatch.contains(name) {
      (means, variances) = (self[name, "running_mean"], self[name, "running_var"])
    }
    let (gain, shift) = (self[name, "weight"], self[name, "bias"])
    return maps.map {
      $0.mapping { channel, value in
        (value - means[channel]) / (variances[channel] + 1e-5).squareRoot() * gain[channel] + shift[channel]
      }
    }
  }
}

extension ReferenceConvolutions {
  /// The mean over the images of -log softmax(logits)[label].
  package func loss(_ images: [[Float]], _ labels: [Int]) -> Double {
    let losses = zip(self(images).logits, labels).map { logits, label in
      let largest = logits.max() ?? 0
      return log(logits.reduce(0) { $0 + exp($1 - largest) }) - (logits[label] - largest)
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  /// ∂loss/∂parameter at some places of it, in PyTorch's order, by central finite differences.
  ///
  /// The step is small, so that no rectifier of thousands is near enough to its kink to be carried over it; in Double the error
  /// is about 1e-9.
  package func numericGradient(
    of name: String, at places: [Int], _ images: [[Float]], _ labels: [Int]
  ) -> [Double] {
    var moved = self
    let step = 1e-7
    return places.map { place in
      let value = parameters[name]?[place] ?? 0
      func loss(_ value: Double) -> Double {
        moved.parameters[name]?[place] = value
        return moved.loss(images, labels)
      }
      defer { moved.parameters[name]?[place] = value }
      return (loss(value + step) - loss(value - step)) / (2 * step)
    }
  }
}
