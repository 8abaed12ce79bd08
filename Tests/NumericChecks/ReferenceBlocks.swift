import Foundation
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// The arithmetic of a network of blocks in Double, in plain loops over a whole batch: what logits, loss and gradients should be. It
/// shares the list of blocks and the names of parameters with the model, and nothing else.
package struct ReferenceBlocks: Sendable {
  package let architecture: Architecture
  package let shape: ImageShape
  package var parameters: [String: [Double]]
  /// Whether normalisations take the batch's own mean and variance; otherwise the running ones.
  package var usesBatch = true

  package init(_ model: Model) {
    architecture = model.architecture
    shape = model.inputShape
    parameters = Dictionary(
      uniqueKeysWithValues: model.parameters.slices.map { ($0.name, model.parameters.values(of: $0).map(Double.init)) })
  }

  /// Logits of each image, and the smallest distance of a number from where the derivative jumps.
  package func callAsFunction(_ images: [[Float]]) -> (logits: [[Double]], distanceFromKinks: Double) {
    let input = images.map {
      ReferenceMap(channels: shape.channels, height: shape.height, width: shape.width, values: $0.map(Double.init))
    }
    var outputs: [[ReferenceMap]] = []
    var distance = Double.infinity
    for (index, block) in architecture.body.enumerated() {
      let source = architecture.source(of: index)
      var maps = source < 0 ? input : outputs[source]
      switch block.weights {
      case .linear: maps = maps.map { linear(block.name ?? "", $0) }
      case .convolution(let convolution): maps = maps.map { convolved($0, block.name ?? "", convolution) }
      }
      if let norm = block.norm { maps = normalized(maps, block.normName ?? "", epsilon: norm.epsilon) }
      if let adding = block.adding {
        maps = zip(maps, outputs[adding]).map { map, added in
          ReferenceMap(
            channels: map.channels, height: map.height, width: map.width,
            values: zip(map.values, added.values).map { $0 + $1 })
        }
      }
      let kinks: [Double] =
        switch block.function {
        case .identity, .silu: []
        case .relu: [0]
        case .relu6: [0, 6]
        case .hardSwish: [-3, 3]
        }
      for kink in kinks { distance = min(distance, maps.flatMap(\.values).map { abs($0 - kink) }.min() ?? distance) }
      maps = maps.map { $0.mapping { ReferenceBlocks.value(block.function, $1) } }
      if let pooling = block.pooling { maps = maps.map { pooled($0, pooling, &distance) } }
      outputs.append(maps)
    }
    let last = outputs.last ?? input
    return (last.map { linear(architecture.headName ?? "", $0).values }, distance)
  }

  private static func value(_ function: ActivationFunction, _ x: Double) -> Double {
    switch function {
    case .identity: x
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .silu: x / (1 + exp(-x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    }
  }

  private func linear(_ name: String, _ input: ReferenceMap) -> ReferenceMap {
    let (weight, bias) = (parameters["\(name).weight"] ?? [], parameters["\(name).bias"] ?? [])
    let inputs = input.values.count
    let values = bias.indices.map { output in
      input.values.indices.reduce(bias[output]) { $0 + weight[output * inputs + $1] * input.values[$1] }
    }
    return ReferenceMap(channels: values.count, height: 1, width: 1, values: values)
  }

  private func convolved(_ input: ReferenceMap, _ name: String, _ shape: ConvolutionShape) -> ReferenceMap {
    let weight = parameters["\(name).weight"] ?? []
    let bias = parameters["\(name).bias"]
    /// Positions of the output, and zeros before the input, of one axis.
    func axis(_ count: Int) -> (positions: Int, before: Int) {
      switch shape.padding {
      case .positions(let padding): return ((count + 2 * padding - shape.kernel) / shape.stride + 1, padding)
      case .same:
        let positions = Int((Double(count) / Double(shape.stride)).rounded(.up))
        return (positions, max(0, (positions - 1) * shape.stride + shape.kernel - count) / 2)
      }
    }
    let (rows, columns) = (axis(input.height), axis(input.width))
    var output = ReferenceMap(channels: shape.channels, height: rows.positions, width: columns.positions)
    let depth = input.channels / shape.groups
    let outputsOfGroup = shape.channels / shape.groups
    for channel in 0..<shape.channels {
      for y in 0..<rows.positions {
        for x in 0..<columns.positions {
          var sum = bias?[channel] ?? 0
          for inner in 0..<depth {
            for i in 0..<shape.kernel {
              for j in 0..<shape.kernel {
                sum +=
                  weight[((channel * depth + inner) * shape.kernel + i) * shape.kernel + j]
                  * input.padded(
                    channel / outputsOfGroup * depth + inner, y * shape.stride + i - rows.before,
                    x * shape.stride + j - columns.before)
              }
            }
          }
          output[channel, y, x] = sum
        }
      }
    }
    return output
  }

  private func normalized(_ maps: [ReferenceMap], _ name: String, epsilon: Double) -> [ReferenceMap] {
    func part(_ part: String) -> [Double] { parameters["\(name).\(part)"] ?? [] }
    var (means, variances) = (part("running_mean"), part("running_var"))
    if usesBatch {
      let positions = maps[0].height * maps[0].width
      for channel in means.indices {
        let values = maps.flatMap { $0.values[channel * positions..<(channel + 1) * positions] }
        means[channel] = values.reduce(0, +) / Double(values.count)
        variances[channel] =
          values.reduce(0) { $0 + ($1 - means[channel]) * ($1 - means[channel]) } / Double(values.count)
      }
    }
    let (gain, shift) = (part("weight"), part("bias"))
    return maps.map {
      $0.mapping { channel, value in
        (value - means[channel]) / (variances[channel] + epsilon).squareRoot() * gain[channel] + shift[channel]
      }
    }
  }

  private func pooled(_ map: ReferenceMap, _ pooling: Pooling, _ distance: inout Double) -> ReferenceMap {
    let shape = ImageShape(channels: map.channels, height: map.height, width: map.width)
    let (size, stride) = pooling.steps(on: shape)
    let (height, width) = (map.height + 2 * pooling.padding, map.width + 2 * pooling.padding)
    var output = ReferenceMap(
      channels: map.channels, height: (height - size) / stride + 1, width: (width - size) / stride + 1)
    for channel in 0..<map.channels {
      for y in 0..<output.height {
        for x in 0..<output.width {
          var values: [Double] = []
          for i in 0..<size {
            for j in 0..<size {
              let (row, column) = (y * stride + i - pooling.padding, x * stride + j - pooling.padding)
              guard (0..<map.height).contains(row), (0..<map.width).contains(column) else { continue }
              values.append(map[channel, row, column])
            }
          }
          if pooling.kind == .maximum {
            let sorted = values.sorted(by: >)
            // Two zeros of a rectifier have no gradient, so their order does not matter.
            if sorted.count > 1, sorted[0] != 0 || sorted[1] != 0 { distance = min(distance, sorted[0] - sorted[1]) }
            output[channel, y, x] = sorted[0]
          } else {
            output[channel, y, x] = values.reduce(0, +) / Double(size * size)
          }
        }
      }
    }
    return output
  }
}

extension ReferenceBlocks {
  /// The mean over the images of -log softmax(logits)[label].
  package func loss(_ images: [[Float]], _ labels: [Int]) -> Double {
    let losses = zip(self(images).logits, labels).map { logits, label in
      let largest = logits.max() ?? 0
      return log(logits.reduce(0) { $0 + exp($1 - largest) }) - (logits[label] - largest)
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  /// ∂loss/∂parameter at some places of it, in PyTorch's order, by central finite differences.
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
