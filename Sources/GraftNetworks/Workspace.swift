import GraftKernelCalls
import GraftMatrices

/// The memory of a training step, set aside once for the largest batch: pixels arranged for the kernels, the output of
/// each layer, and the gradient of each output. A step allocates nothing.
public struct Workspace: Sendable {
  /// The first layer that runs: 0, or behind the frozen prefix when its features are given as inputs.
  public let firstLayer: Int
  /// Rows of the largest batch.
  public let capacity: Int
  /// Who runs the kernels.
  package let team: Team
  package var pixels: PixelBatch?
  /// The batch's rows where the inputs are dense, or maps.
  package var input: Matrix
  /// Where each pixel goes in a row of `input`; empty where pixels are not read as maps.
  private let pixelPlaces: [Int]
  /// `outputs[i]` is what layer `firstLayer + i` computed, rectified and pooled, [capacity × its outputs].
  package var outputs: [Matrix]
  /// `gradients[i]` is ∂loss/∂`outputs[i]`.
  package var gradients: [Matrix]
  /// Of layers that are not plain.
  var maps: [MapMemory?]
  /// What the last forward pass dropped, and from which key; nil for nothing.
  var dropped: (key: RandomKey, dropout: Dropout)?
  /// What the gradients of hidden outputs are multiplied by: their kept units were, in the forward pass.
  var dropoutScale: Float { dropped?.dropout.units.scale ?? 1 }
  /// The loss of each example of the batch.
  package var losses: [Float]
  /// Where the gradients of convolutions are summed.
  private(set) var scratch: ScratchFloats

  /// - Parameter firstLayer: Where the inputs enter.
  public init(for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int) {
    self.init(for: model, startingAt: firstLayer, inputs: inputs, capacity: capacity, team: .alone)
  }

  /// - Parameter trains: Whether there will be a backward pass; without one the memory of gradients is not set aside.
  package init(
    for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int, team: Team, trains: Bool = true
  ) {
    precondition(firstLayer < model.layers.count && capacity > 0)
    precondition(inputs.columns == model.inputColumns(ofLayer: firstLayer))
    self.firstLayer = firstLayer
    self.capacity = capacity
    self.team = team
    let layers = model.layers[firstLayer...]
    if firstLayer == 0, case .convolution(let convolution)? = layers.first?.weights {
      let layout = convolution.windows.layout
      input = Matrix(rows: capacity, columns: layout.count)
      pixelPlaces = layout.places
    } else {
      pixelPlaces = []
      if firstLayer == 0, case .sparse = inputs {
        pixels = PixelBatch(imageCapacity: capacity, columns: inputs.columns, outputs: model.layers[0].outputs)
        input = Matrix(rows: 0, columns: 1)
      } else {
        input = Matrix(rows: capacity, columns: inputs.columns)
      }
    }
    outputs = layers.map { Matrix(rows: capacity, columns: $0.outputLayout.count) }
    // A loss leaves the gradient of the logits in any case.
    gradients = layers.map { layer in
      Matrix(rows: trains || !layer.isRectified ? capacity : 0, columns: layer.gradientLayout.count)
    }
    maps = layers.map { $0.isPlain ? nil : MapMemory(for: $0, capacity: capacity, trains: trains) }
    losses = Array(repeating: 0, count: capacity)
    scratch = ScratchFloats(count: trains && maps.contains { $0 != nil } ? model.parameters.block.count : 0)
  }

  /// Bytes that the maps, outputs and gradients of a training workspace take: most of its memory.
  package static func bytes(for model: Model, capacity: Int) -> Int {
    let numbers = model.layers.reduce(0) { sum, layer in
      let kept = layer.isPlain ? 0 : layer.mapLayout.count + layer.mapGradientLayout.count
      return sum + layer.outputLayout.count + layer.gradientLayout.count + kept
    }
    return numbers * capacity * MemoryLayout<Float>.size
  }

  /// Runs the first `count` layers only.
  mutating func endLayers(at count: Int) { outputs.removeSubrange(count...) }

  /// The last layer's output: [capacity × classes]; rows beyond the batch are left over from earlier ones.
  public var logits: Matrix { outputs[outputs.count - 1] }

  /// The memory of layers of maps.
  package var mapBlocks: [AlignedFloats] { maps.flatMap { $0?.blocks ?? [] } }

  /// Brings one image to where the first layer reads it.
  mutating func load(image bytes: ArraySlice<UInt8>, through table: [Float]) {
    precondition(firstLayer == 0)
    if pixels != nil {
      pixels?.fill(image: bytes, through: table)
    } else if pixelPlaces.isEmpty {
      precondition(bytes.count == input.columns)
      for (column, byte) in bytes.enumerated() { input[0, column] = table[Int(byte)] }
    } else {
      precondition(bytes.count == pixelPlaces.count)
      for (place, byte) in zip(pixelPlaces, bytes) { input[0, place] = table[Int(byte)] }
    }
  }

  /// Brings the rows of `batch` to where the first layer reads them.
  mutating func load(_ batch: Batch) {
    precondition(batch.count <= capacity, "a batch of \(batch.count) rows in a workspace for \(capacity)")
    // A copy of the workspace may be at work on another thread.
    if !isKnownUniquelyReferenced(&scratch) { scratch = ScratchFloats(count: scratch.count) }
    switch batch.inputs {
    case .sparse(let rows) where pixelPlaces.isEmpty:
      precondition(pixels != nil, "a workspace for dense inputs was given sparse ones")
      pixels?.fill(batch.rows, of: rows)
    case .dense(let matrix) where pixelPlaces.isEmpty: input.gather(batch.rows, of: matrix)
    case .sparse(let rows): input.scatter(batch.rows, of: rows, to: pixelPlaces)
    case .dense(let matrix): input.scatter(batch.rows, of: matrix, to: pixelPlaces)
    }
  }
}

extension MapLayout {
  /// The index of each element in the order of PyTorch and of images: channel, row, column.
  package var places: [Int] {
    (0..<channels).flatMap { channel in
      (0..<height).flatMap { y in (0..<width).map { x in index(y, x) + channel } }
    }
  }
}
