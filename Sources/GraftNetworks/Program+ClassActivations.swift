import GraftKernelCalls
import GraftMatrices

extension Program {
  /// Where in an image the evidence for an output lies: at each position of the last feature maps the sum over channels of the head's
  /// weight times the map, [height × width]. Nil unless the head reads the maps' global averages and nothing else.
  ///
  /// Zhou, Khosla, Lapedriza, Oliva and Torralba, "Learning Deep Features for Discriminative Localization" (CVPR 2016), equation 2.
  /// Probabilities depend on differences of logits only, so the mean of all outputs' weights is subtracted. The mean over the
  /// positions, with the biases treated alike, is then the logit's distance from the mean logit: positive for the winner.
  ///
  /// - Complexity: One evaluation of the body.
  package func classActivations(
    of output: Int, image: Int, in inputs: InputRows
  ) -> (height: Int, width: Int, values: [Float])? {
    let index = model.layers.count - 2
    guard index >= 0, let head = model.layers.last, head.isHead, head.input == index,
      case .linear(let linear) = head.weights, model.layers[index].pooling == .globalAverage,
      case .convolution(let convolution) = model.layers[index].weights
    else { return nil }
    precondition(output < linear.outputs && image < inputs.count)
    let layer = model.layers[index]
    var memory = memory()
    load(image, of: inputs, into: &memory)
    run(through: index, in: &memory)
    let input = layer.input < 0 ? memory.input : memory.outputs[places[layer.input]]
    convolution.forward(
      input, images: 1, model.parameters, into: &memory.map, layer.mapLayout,
      WinogradForm(winograd[index], memory.winograd), team: .alone)
    let shape = layer.mapShape
    let layout = MapLayout(channels: shape.channels, height: shape.height, width: shape.width)
    var maps = Matrix(rows: 1, columns: layout.count)
    ChannelActivation(layer.function)(
      memory.map, layer.mapLayout, images: 1, nil,
      adding: layer.adding.map { AddedMaps(memory.outputs[places[$0]], model.layers[$0].outputLayout) }, into: &maps,
      layout, team: .alone)
    let block = model.parameters.block
    let weights = (0..<shape.channels).map { channel in
      let all = (0..<linear.outputs).map { block[linear.weight.layout.index($0, channel)] }
      return all[output] - all.reduce(0, +) / Float(all.count)
    }
    return (
      shape.height, shape.width,
      (0..<shape.height).flatMap { y in
        (0..<shape.width).map { x in
          let place = layout.index(y, x)
          return weights.indices.reduce(Float(0)) { $0 + weights[$1] * maps[0, place + $1] }
        }
      }
    )
  }
}
