import GraftKernelCalls
import GraftMatrices

/// The memory of a training step, allocated once for the largest batch: pixels arranged for the kernels, the output of each
/// layer, and the gradient of each output. A step allocates nothing.
public struct Workspace: Sendable {
  /// The first layer that runs: 0, or the layer behind the frozen prefix if the inputs are the prefix's features.
  package let firstLayer: Int
  /// Rows of the largest batch.
  package let capacity: Int
  /// The team that runs the kernels.
  package let team: Team
  package var pixels: PixelBatch?
  /// The batch's rows if the inputs are dense or feature maps.
  package var input: Matrix
  /// The place of each pixel in a row of `input`; empty if pixels are not read as feature maps.
  private let pixelPlaces: [Int]
  /// Outputs of the layers, rectified and pooled: `outputs[i]` belongs to layer `firstLayer + i`, [capacity × its outputs].
  package var outputs: [Matrix]
  /// Gradients of the outputs: `gradients[i]` is ∂loss/∂`outputs[i]`.
  package var gradients: [Matrix]
  /// Whether `gradients[i]` holds something in this backward pass: the first layer that passes a gradient on writes, others add.
  var hasGradient: [Bool]
  /// Memory of each layer that is not plain; nil for plain layers.
  var maps: [MapMemory?]
  /// The map of whichever convolution runs; empty if there will be a backward pass, which reads the map of each.
  var sharedMap: Matrix
  /// Dropout of the last forward pass and its key; nil if nothing was dropped.
  var dropped: (key: RandomKey, dropout: Dropout)?
  /// Factor for the gradients of hidden outputs: the forward pass multiplied their kept units by it.
  var dropoutScale: Float { dropped?.dropout.units.scale ?? 1 }
  /// The loss of each example of the batch.
  package var losses: [Float]
  /// Memory in which the gradients of convolutions are summed.
  private(set) var scratch: ScratchFloats
  /// Memory for the tiles of convolutions in Winograd's form; nil if there are none.
  private(set) var winograd: WinogradMemory?

  /// The workspace of a training of `model`.
  ///
  /// - Parameters:
  ///   - model: The model to be trained.
  ///   - firstLayer: The layer that reads the inputs.
  ///   - inputs: The inputs of the training; only their width and whether they are sparse are read.
  ///   - capacity: Rows of the largest batch, at least 1.
  public init(for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int) {
    self.init(for: model, startingAt: firstLayer, inputs: inputs, capacity: capacity, team: .alone)
  }

  /// Allocates the memory.
  ///
  /// - Parameter trains: Whether there will be a backward pass; without one no memory for gradients is allocated.
  package init(
    for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int, team: Team, trains: Bool = true
  ) {
    precondition(firstLayer < model.layers.count && capacity > 0 && model.isCut(firstLayer))
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
    // A loss writes the gradient of the logits in any case.
    gradients = layers.map { layer in
      Matrix(rows: trains || layer.isHead ? capacity : 0, columns: layer.gradientLayout.count)
    }
    hasGradient = layers.map { _ in false }
    maps = layers.map { $0.isPlain ? nil : MapMemory(for: $0, capacity: capacity, trains: trains) }
    let largest = layers.compactMap { layer in
      if case .convolution = layer.weights { layer.mapLayout.count } else { nil }
    }.max()
    sharedMap = Matrix(rows: trains || largest == nil ? 0 : capacity, columns: largest ?? 1)
    losses = Array(repeating: 0, count: capacity)
    winograd = WinogradMemory(for: layers, parts: team.size, trains: trains)
    scratch = ScratchFloats(count: trains && maps.contains { $0 != nil } ? model.parameters.block.count : 0)
  }

  /// Bytes of a training workspace's feature maps, outputs and gradients: most of its memory.
  package static func bytes(for model: Model, capacity: Int) -> Int {
    let numbers = model.layers.reduce(0) { sum, layer in
      let kept = layer.isPlain ? 0 : layer.mapLayout.count + layer.mapGradientLayout.count
      return sum + layer.outputLayout.count + layer.gradientLayout.count + kept
    }
    return numbers * capacity * MemoryLayout<Float>.size
  }

  /// The output that a layer reads or adds: that of layer `index`, or the workspace's input.
  func output(of index: Int) -> Matrix { index < firstLayer ? input : outputs[index - firstLayer] }

  /// Runs the first `count` layers only.
  mutating func endLayers(at count: Int) { outputs.removeSubrange(count...) }

  /// The last layer's output, [capacity × classes]; rows beyond the batch are left over from earlier ones.
  public var logits: Matrix { outputs[outputs.count - 1] }

  /// All blocks of the layers' map memories.
  package var mapBlocks: [AlignedFloats] { maps.flatMap { $0?.blocks ?? [] } + [sharedMap.block] }

  /// Copies one image to the memory that the first layer reads.
  ///
  /// - Parameter tables: The number of each byte, 256 for each of the equal parts of an image; one part if it is read as lit pixels.
  mutating func load(image bytes: ArraySlice<UInt8>, through tables: [Float]) {
    precondition(firstLayer == 0)
    guard pixels == nil else {
      pixels?.fill(image: bytes, through: tables)
      return
    }
    precondition(bytes.count == (pixelPlaces.isEmpty ? input.columns : pixelPlaces.count))
    let part = bytes.count / (tables.count / 256)
    for (column, byte) in bytes.enumerated() {
      let number = tables[column / part << 8 | Int(byte)]
      input[0, pixelPlaces.isEmpty ? column : pixelPlaces[column]] = number
    }
  }

  /// Copies the rows of `batch` to the memory that the first layer reads.
  mutating func load(_ batch: Batch) {
    precondition(batch.count <= capacity, "a batch of \(batch.count) rows in a workspace for \(capacity)")
    // A copy of the workspace may be in use on another thread.
    if !isKnownUniquelyReferenced(&scratch) { scratch = ScratchFloats(count: scratch.count) }
    winograd?.makeUnique()
    switch batch.inputs {
    case .sparse(let rows) where pixelPlaces.isEmpty:
      precondition(pixels != nil, "a workspace for dense inputs was given sparse ones")
      pixels?.fill(batch.rows, of: rows)
    case .dense(let matrix) where pixelPlaces.isEmpty: input.gather(batch.rows, of: matrix)
    case .bytes(let rows) where pixelPlaces.isEmpty: input.gather(batch.rows, of: rows)
    case .sparse(let rows): input.scatter(batch.rows, of: rows, to: pixelPlaces)
    case .dense(let matrix): input.scatter(batch.rows, of: matrix, to: pixelPlaces)
    case .bytes(let rows): input.scatter(batch.rows, of: rows, to: pixelPlaces)
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
