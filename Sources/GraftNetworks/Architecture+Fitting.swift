import GraftMatrices

extension Architecture {
  /// The same kind of convolutional network for images of another size than 28 × 28.
  ///
  /// Smaller images: convolutions keep the size of their maps (padding, windows of at most 3 × 3), and a pooling that would
  /// leave less than 4 × 4 is left out. Larger ones: pooled convolutions of 3 × 3 are added in front of the fully connected
  /// layers, each with twice the channels of the one before up to 128, until a map has at most 8 × 8 positions. Networks
  /// without convolutions fit every size.
  package func fitted(to shape: ImageShape) -> Architecture {
    let side = min(shape.height, shape.width)
    guard isConvolutional, side != 28 else { return self }
    return side < 28 ? narrowed(to: shape) : widened(to: shape)
  }

  private static let leastPooled = 4
  private static let largestLast = 8
  private static let mostAddedChannels = 128

  private func narrowed(to shape: ImageShape) -> Architecture {
    var map = shape
    let layers = body.map { layer -> Block in
      guard case .convolution(let old) = layer.weights else { return layer }
      let kernel = min(old.kernel, 3)
      let shape = ConvolutionShape(channels: old.channels, kernel: kernel, padding: kernel / 2)
      map = shape.output(on: map) ?? map
      var pooling = layer.pooling
      if let own = pooling, own != .globalAverage {
        let pooled = own.output(on: map)
        let isRoomy = pooled.map { min($0.height, $0.width) >= Architecture.leastPooled } ?? false
        pooling = isRoomy ? own : nil
        if isRoomy { map = pooled ?? map }
      }
      return Block(.convolution(shape), norm: layer.norm, pooling: pooling)
    }
    return Architecture(body: layers)
  }

  private func widened(to shape: ImageShape) -> Architecture {
    guard let last = body.lastIndex(where: \.isConvolution), body[last].pooling != .globalAverage else { return self }
    var map = shape
    for layer in body[...last] {
      guard case .convolution(let convolution) = layer.weights, let output = convolution.output(on: map) else {
        return self
      }
      map = layer.pooling?.output(on: output) ?? output
    }
    var layers = Array(body[...last])
    while max(map.height, map.width) > Architecture.largestLast {
      let added = ConvolutionShape(
        channels: min(max(2 * map.channels, map.channels), max(Architecture.mostAddedChannels, map.channels)),
        kernel: 3,
        padding: 1)
      guard let output = added.output(on: map), let pooled = Pooling.maximum(size: 2).output(on: output) else { break }
      layers.append(
        Block(.convolution(added), norm: body[last].norm, pooling: .maximum(size: 2)))
      map = pooled
    }
    return Architecture(body: layers + body[(last + 1)...])
  }
}
