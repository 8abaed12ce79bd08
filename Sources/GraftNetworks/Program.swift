import GraftKernelCalls
import GraftMatrices

/// A network as it is used: the list of its operations with every batch normalisation inside the weights before it, and a plan of the
/// memory that their outputs share.
///
/// An operation is a layer of the folded model. Its nonlinearity and its residual connection are done while the result is in registers,
/// so a map is written once. Maps of one layout that are not needed at the same time share a place.
package struct Program: Sendable {
  /// The model without normalisations.
  package let model: Model
  /// The place of each layer's output, an index into `layouts`.
  let places: [Int]
  /// The layouts of the places.
  private let layouts: [MapLayout]
  /// Floats of the largest map that is pooled.
  private let mapCount: Int
  /// The place of each pixel in the memory that the first layer reads.
  private let pixelPlaces: [Int]
  private let inputLayout: MapLayout
  /// The weights of each layer in Winograd's form; nil where it does not suit.
  let winograd: [WinogradWeights?]

  /// The program of a convolutional model.
  ///
  /// - Complexity: O(weights).
  package init(_ model: Model) {
    let folded = model.foldingNorms()
    self.model = folded
    var lastUse = folded.layers.indices.map { $0 }
    for (index, layer) in folded.layers.enumerated() {
      if layer.input >= 0 { lastUse[layer.input] = index }
      if let adding = layer.adding { lastUse[adding] = index }
    }
    var (places, layouts, free): ([Int], [MapLayout], [Int]) = ([], [], [])
    for (index, layer) in folded.layers.enumerated() {
      if let found = free.firstIndex(where: { layouts[$0] == layer.outputLayout }) {
        places.append(free.remove(at: found))
      } else {
        places.append(layouts.count)
        layouts.append(layer.outputLayout)
      }
      for (earlier, last) in lastUse.enumerated() where last == index && earlier < index {
        free.append(places[earlier])
      }
    }
    self.places = places
    self.layouts = layouts
    mapCount = folded.layers.filter { $0.isPooledApart }.map(\.mapLayout.count).max() ?? 0
    guard case .convolution(let first)? = folded.layers.first?.weights else {
      preconditionFailure("a program of a network without convolutions")
    }
    inputLayout = first.windows.layout
    pixelPlaces = inputLayout.places
    winograd = folded.layers.map { layer in
      guard case .convolution(let convolution) = layer.weights, convolution.suitsWinograd(layer.mapLayout) else {
        return nil
      }
      var weights = WinogradWeights(
        inputPitch: convolution.windows.layout.pitch, outputs: layer.mapLayout.channels)
      weights.transform(folded.parameters.block, convolution.weight.layout)
      return weights
    }
  }

  /// Memory for one image, allocated once.
  package struct Memory: Sendable {
    var input: Matrix
    var outputs: [Matrix]
    var map: Matrix
    let winograd: WinogradMemory?
  }

  package func memory() -> Memory {
    Memory(
      input: Matrix(rows: 1, columns: inputLayout.count), outputs: layouts.map { Matrix(rows: 1, columns: $0.count) },
      map: Matrix(rows: 1, columns: mapCount),
      winograd: WinogradMemory(for: model.layers, parts: 1, trains: false))
  }

  /// The outputs of layer `count - 1` for every row of `inputs`, as `Model.features(of:through:)` gives them; the logits if `count` is
  /// the number of layers.
  ///
  /// - Parameter threads: Cores that work on one image each; the bits do not depend on it.
  package func outputs(of inputs: InputRows, through count: Int, threads: Int) -> Matrix {
    let layout = model.layers[count - 1].outputLayout
    var result = Matrix(rows: inputs.count, columns: layout.count)
    // Few parts, since each allocates its memory; more than one for each thread, so that none waits long.
    let part = max(1, min(64, (inputs.count + threads - 1) / threads))
    let parts = stride(from: 0, to: inputs.count, by: part).map { $0..<min($0 + part, inputs.count) }
    let computed: [Matrix]
    do {
      computed = try WorkerPool(threads: threads).map(parts.count, by: 1) { index in
        outputs(of: inputs, images: parts[index], through: count)
      }
    } catch {
      preconditionFailure("the jobs throw nothing: \(error)")
    }
    for (range, rows) in zip(parts, computed) { result.copyRows(range.count, of: rows, to: range.lowerBound) }
    return result
  }

  /// The outputs of layer `count - 1` for some images, one image at a time.
  ///
  /// A head is computed for all of them at once, so that its weight, which is larger than a cache, is read once.
  private func outputs(of inputs: InputRows, images: Range<Int>, through count: Int) -> Matrix {
    let head = head(through: count)
    let mapsEnd = head == nil ? count : count - 1
    var memory = memory()
    var rows = Matrix(rows: images.count, columns: model.layers[mapsEnd - 1].outputLayout.count)
    for (row, image) in images.enumerated() {
      load(image, of: inputs, into: &memory)
      run(through: mapsEnd, in: &memory)
      rows.copyRows(1, of: memory.outputs[places[mapsEnd - 1]], to: row)
    }
    guard let head else { return rows }
    let last = model.layers[count - 1]
    var outputs = Matrix(rows: images.count, columns: last.outputLayout.count)
    head.forward(
      rows, rows: images.count, model.parameters, rectifies: last.isRectified, into: &outputs, team: .alone)
    return outputs
  }

  /// The last of the first `count` layers if it is fully connected and reads the one before it.
  private func head(through count: Int) -> Linear? {
    guard count > 1, case .linear(let linear) = model.layers[count - 1].weights,
      model.layers[count - 1].input == count - 2
    else { return nil }
    return linear
  }

  func load(_ image: Int, of inputs: InputRows, into memory: inout Memory) {
    let rows = [image][...]
    switch inputs {
    case .sparse(let source): memory.input.scatter(rows, of: source, to: pixelPlaces)
    case .dense(let source): memory.input.scatter(rows, of: source, to: pixelPlaces)
    case .bytes(let source): memory.input.scatter(rows, of: source, to: pixelPlaces)
    }
  }

  /// Runs the first `count` operations.
  func run(through count: Int, in memory: inout Memory) {
    for index in 0..<count { run(model.layers[index], index, in: &memory) }
  }

  private func run(_ layer: Layer, _ index: Int, in memory: inout Memory) {
    let input = layer.input < 0 ? memory.input : memory.outputs[places[layer.input]]
    let (team, parameters) = (Team.alone, model.parameters)
    let place = places[index]
    switch layer.weights {
    case .linear(let linear):
      linear.forward(
        input, rows: 1, parameters, rectifies: layer.isRectified, into: &memory.outputs[place], team: team)
    case .convolution(let convolution):
      let added = layer.adding.map { AddedMaps(memory.outputs[places[$0]], model.layers[$0].outputLayout) }
      let form = WinogradForm(winograd[index], memory.winograd)
      if !layer.isPooledApart, let finish = MapFinish(layer.function, adding: added) {
        convolution.run(
          input, parameters, finishing: finish, into: &memory.outputs[place], layer.outputLayout, form, team: team)
      } else {
        convolution.forward(input, images: 1, parameters, into: &memory.map, layer.mapLayout, form, team: team)
        layer.activation(
          memory.map, layer.mapLayout, images: 1, nil, adding: added, into: &memory.outputs[place],
          layer.outputLayout, team: team)
      }
    }
  }
}

extension Layer {
  /// Whether the layer's map is written before its output is made of it.
  fileprivate var isPooledApart: Bool {
    guard case .convolution(let convolution) = weights else { return false }
    return pooling != nil || MapFinish(function) == nil || convolution.shape.isDepthwise && adding != nil
  }
}

extension Convolution {
  /// Computes the output of one image, finished in the same pass.
  fileprivate func run(
    _ input: Matrix, _ parameters: Parameters, finishing finish: MapFinish, into output: inout Matrix,
    _ layout: MapLayout, _ winograd: WinogradForm?, team: Team
  ) {
    if let winograd {
      winogradConvolution(
        input, windows, images: 1, winograd.weights, bias: bias.map { (parameters.block, $0.layout) },
        finishing: finish, into: &output, layout, in: winograd.memory, team: team)
    } else if shape.isDepthwise {
      depthwiseConvolution(
        input, windows, images: 1, parameters.block, weight: weight.layout, bias: bias?.layout, finishing: finish,
        into: &output, layout, team: team)
    } else if isPointwise {
      pointwiseConvolution(
        input, windows.layout, images: 1, parameters.block, weight: weight.layout, bias: bias?.layout,
        finishing: finish, into: &output, layout, team: team)
    } else {
      convolution(
        input, windows, images: 1, parameters.block, weight: weight.layout, bias: bias?.layout, finishing: finish,
        into: &output, layout, team: team)
    }
  }
}

extension Model {
  /// Whether answers come from the model's ``Program``: of published networks, whose normalisations are worth folding.
  package var runsAsProgram: Bool { architecture.family != nil }
}
