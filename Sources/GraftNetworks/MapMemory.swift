import GraftKernelCalls
import GraftMatrices

/// Memory that a layer with normalisation, pooling or a convolution keeps between forward and backward pass; allocated once.
struct MapMemory: Sendable {
  /// Output of the weights, [capacity × map]. Without a backward pass all convolutions of a workspace share one, and this is empty
  /// but while the layer runs.
  var map: Matrix
  /// Gradient ∂loss/∂`map`, with the zeros around and between positions that a convolution's backward pass reads.
  var gradient: Matrix
  /// The output before dropout; empty for a convolution without pooling, whose output is never dropped.
  var undropped: Matrix
  var isDropped = false
  var sums: ChannelSums
  /// Moments of a normalised layer, from the batch or the running statistics; nil for other layers.
  var moments: ChannelMoments?
  var affine: ChannelAffine?
  var factors: ChannelFactors?
  /// Whether the last forward pass used the batch's own moments.
  var usesBatch = false
  /// A convolution's weights for the backward pass, in one of two forms.
  var turned: TurnedWeights?
  var spread: SpreadWeights?
  /// The weights in Winograd's form, for the forward pass and, turned, for the backward pass; nil where the form does not suit.
  var winograd: WinogradWeights?
  var turnedWinograd: WinogradWeights?

  /// Allocates the memory.
  ///
  /// - Parameter capacity: Images of the largest batch.
  init(for layer: Layer, capacity: Int, trains: Bool) {
    let channels = layer.mapLayout.channels
    let isConvolution = if case .convolution = layer.weights { true } else { false }
    map = Matrix(rows: trains || !isConvolution ? capacity : 0, columns: layer.mapLayout.count)
    gradient = Matrix(rows: trains ? capacity : 0, columns: layer.mapGradientLayout.count)
    let mayBeDropped = trains && (layer.pooling != nil || !isConvolution)
    undropped = Matrix(rows: mayBeDropped ? capacity : 0, columns: layer.outputLayout.count)
    sums = ChannelSums(images: trains ? capacity : 0, channels: channels, isNormalized: layer.norm != nil)
    if layer.norm != nil {
      moments = ChannelMoments(images: capacity, channels: channels)
      affine = ChannelAffine(channels: channels)
      factors = ChannelFactors(channels: channels)
    }
    if case .convolution(let convolution) = layer.weights, convolution.suitsWinograd(layer.mapLayout) {
      winograd = WinogradWeights(inputPitch: convolution.windows.layout.pitch, outputs: layer.mapLayout.channels)
    }
    if trains, case .convolution(let convolution) = layer.weights, !convolution.shape.isDepthwise {
      let (window, pitch) = (convolution.shape.kernel, convolution.windows.layout.pitch)
      if Convolution.spreads(layer.mapShape, convolution.shape, on: layer.inputShape) {
        spread = SpreadWeights(window: window, inputPitch: pitch, outputPitch: layer.mapGradientLayout.pitch)
      } else {
        turned = TurnedWeights(
          window: window, inputs: convolution.inputs, inputPitch: pitch, outputPitch: layer.mapGradientLayout.pitch)
        let windows = convolution.gradientWindows(layer.mapGradientLayout)
        if WinogradWeights.suits(windows, convolution.windows.layout) {
          turnedWinograd = WinogradWeights(
            inputPitch: layer.mapGradientLayout.pitch, outputs: convolution.inputs)
        }
      }
    }
  }
}

extension MapMemory {
  /// Sets scale and shift of a normalised layer, from the batch's moments or from the running ones.
  mutating func normalize(
    _ layer: Layer, images: Int, _ parameters: Parameters, usingBatch: Bool, team: Team
  ) {
    guard let norm = layer.norm, var moments, var affine else { return }
    (self.moments, self.affine) = (nil, nil)  // so that neither is shared, and copied, while it is written
    defer { (self.moments, self.affine) = (moments, affine) }
    usesBatch = usingBatch
    if usingBatch {
      moments.measure(map, layer.mapLayout, images: images, epsilon: norm.epsilon, team: team)
    }
    let block = parameters.block
    for channel in 0..<layer.mapLayout.channels {
      if !usingBatch {
        moments.mean[channel] = block[norm.runningMean.layout.index(0, channel)]
        let variance = Double(block[norm.runningVariance.layout.index(0, channel)])
        moments.inverseDeviation[channel] = Float(1 / (variance + norm.epsilon).squareRoot())
      }
      let scale = block[norm.gain.layout.index(0, channel)] * moments.inverseDeviation[channel]
      affine.scale[channel] = scale
      affine.shift[channel] = block[norm.shift.layout.index(0, channel)] - moments.mean[channel] * scale
    }
  }

  /// Turns the gradient of the scaled map in `gradient` into the gradient of the map itself. Ioffe and Szegedy, section 3: the
  /// batch's own moments depend on the map, which gives dz = scale · (dy - mean(dy) - x̂ · mean(dy · x̂)).
  mutating func applyNormalization(_ layer: Layer, images: Int, team: Team) {
    guard let affine, let moments, var factors else { return }
    self.factors = nil
    defer { self.factors = factors }
    let count = Double(images * layer.mapLayout.height * layer.mapLayout.width)
    for channel in 0..<layer.mapLayout.channels {
      let scale = affine.scale[channel]
      factors.a[channel] = scale
      guard usesBatch else { continue }
      var (sum, product) = (0.0, 0.0)
      for image in 0..<images {
        sum += Double(sums.sums[image, channel])
        product += Double(sums.products[image, channel])
      }
      let slope = -Double(scale) * product / count * Double(moments.inverseDeviation[channel])
      factors.b[channel] = Float(slope)
      factors.c[channel] = Float(-Double(scale) * sum / count - slope * Double(moments.mean[channel]))
    }
    if !usesBatch {
      factors.b.setToZero()
      factors.c.setToZero()
    }
    factors(map, layer.mapLayout, images: images, on: &gradient, layer.mapGradientLayout, team: team)
  }

  /// Computes ∂loss/∂input of a convolution, for the layer that it reads.
  ///
  /// - Parameter accumulates: Whether the gradient is added to what other layers passed on.
  mutating func passOn(
    _ convolution: Convolution, _ layer: Layer, images: Int, _ parameters: Parameters, accumulates: Bool,
    into inputGradient: inout Matrix, _ inputLayout: MapLayout, _ tiles: WinogradMemory?, team: Team
  ) {
    if convolution.shape.isDepthwise {
      return convolution.depthwiseInputGradient(
        gradient, layer.mapGradientLayout, images: images, parameters, accumulates: accumulates, into: &inputGradient,
        inputLayout, team: team)
    }
    turned?.turn(parameters.block, convolution.weight.layout)
    spread?.turn(parameters.block, convolution.weight.layout)
    if let turned {
      turnedWinograd?.transform(turned.block, turned.layout)
      convolution.inputGradient(
        gradient, layer.mapGradientLayout, images: images, turned, WinogradForm(turnedWinograd, tiles),
        accumulates: accumulates, into: &inputGradient, inputLayout, team: team)
    } else if let spread {
      convolution.inputGradient(
        gradient, layer.mapGradientLayout, images: images, spread, accumulates: accumulates, into: &inputGradient,
        inputLayout, team: team)
    }
  }

  /// Moves the running statistics towards the batch's.
  func follow(_ norm: BatchNorm, in parameters: inout Parameters) {
    guard usesBatch, let moments else { return }
    func move(_ slice: ParameterSlice, to new: AlignedFloats) {
      for channel in 0..<slice.count {
        let place = slice.layout.index(0, channel)
        parameters.block[place] += norm.momentum * (new[channel] - parameters.block[place])
      }
    }
    move(norm.runningMean, to: moments.mean)
    move(norm.runningVariance, to: moments.unbiasedVariance)
  }
}

extension MapMemory {
  /// All blocks of this memory; a step works in these very blocks.
  var blocks: [AlignedFloats] {
    [map.block, gradient.block, undropped.block, sums.sums.block, sums.products.block]
      + [moments?.mean, moments?.inverseDeviation, moments?.unbiasedVariance, affine?.scale, affine?.shift].compactMap {
        $0
      }
      + [factors?.a, factors?.b, factors?.c, turned?.block, spread?.block, winograd?.block, turnedWinograd?.block]
      .compactMap { $0 }
  }
}

extension WinogradMemory {
  /// Memory for the layers' convolutions in Winograd's form; nil if there are none.
  init?(for layers: some Sequence<Layer>, parts: Int, trains: Bool) {
    let pitches = layers.compactMap { layer -> (input: Int, output: Int)? in
      guard case .convolution(let convolution) = layer.weights, convolution.suitsWinograd(layer.mapLayout) else {
        return nil
      }
      return (convolution.windows.layout.pitch, layer.mapLayout.pitch)
    }
    self.init(pitches: pitches, parts: parts, trains: trains)
  }
}
