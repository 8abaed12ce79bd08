extension KernelCall {
  /// Rough amount of work in multiply-adds, by which a team decides how many of its members to call.
  package var work: Int {
    switch self {
    case .arrangePixels(let call): 4 * call.entries.lit
    case .pixelProduct(let call): call.entries.lit * call.layout.columns
    case .product(let call): call.rows * call.layout.rows * call.layout.columns
    case .transposedProduct(let call): call.rows * call.layout.rows * call.layout.columns
    // An exponential costs some forty.
    case .softmax(let call): 40 * call.rows * call.classes
    // A register holds half as many Doubles, and half the square is computed.
    case .gram(let call): call.depth * call.width * call.width
    case .gradient(let call): call.work
    case .move(let call): 4 * call.layout.footprint
    case .convolution(let call): call.work
    case .convolutionSpread(let call): call.work
    case .winograd(let call): call.work
    case .winogradGradient(let call): call.work
    case .pointwise(let call): call.work
    case .depthwise(let call): call.work
    case .depthwiseSpread(let call): call.work
    case .addition(let call): call.source.floats(call.images)
    case .activation(let call): call.input.floats(call.images)
    case .activationGradient(let call): 2 * call.input.floats(call.images)
    case .dropout(let call): call.work
    case .moments(let call): call.input.floats(call.images)
    case .normalizationGradient(let call): call.input.floats(call.images)
    case .probe: 0
    }
  }
}

extension GradientCall {
  fileprivate var work: Int {
    switch factors {
    case .dense(_, _, let rows): rows * layout.rows * layout.columns
    // A fifth of the pixels of some dozen images, and a pass over weights and state.
    case .columnPairs: 16 * layout.footprint
    case .pixels(let entries, _, _): entries.lit * layout.columns + 4 * layout.footprint
    case .columnSums(_, let rows): rows * layout.columns
    case .convolution(let call): call.work(layout)
    case .depthwise(let call): call.work(layout)
    }
  }
}

extension PixelEntries {
  /// The number of lit pixels.
  ///
  /// - Complexity: O(images).
  fileprivate var lit: Int {
    var sum = 0
    for image in 0..<images { sum &+= ends[image] &- starts[image] }
    return sum
  }
}
