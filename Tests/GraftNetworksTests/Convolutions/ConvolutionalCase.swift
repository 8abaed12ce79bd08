import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// A convolutional network on images of some shape.
struct ConvolutionalCase: Sendable, CustomTestStringConvertible {
  let text: String
  let shape: ImageShape
  var classes = 4

  init(_ text: String, _ channels: Int, _ height: Int, _ width: Int) {
    self.text = text
    shape = ImageShape(channels: channels, height: height, width: width)
  }

  var testDescription: String { "\(text) on \(shape)" }

  /// Every kind of layer, with numbers of channels around those that fill vectors, maps down to one pixel, images that are no
  /// squares and have several channels, strides and windows that leave pixels over, and windows that overlap.
  static let all = [
    ConvolutionalCase("cnn:3c3-4", 1, 5, 5),
    ConvolutionalCase("cnn:1c1-3", 1, 4, 4),
    ConvolutionalCase("cnn:4c3-p2-5", 1, 6, 6),
    ConvolutionalCase("cnn:2c3p1-a2", 2, 5, 8),
    ConvolutionalCase("cnn:8c2-3", 1, 2, 3),
    ConvolutionalCase("cnn:10c3", 1, 3, 3),
    ConvolutionalCase("cnn:16c3p1-p3s2-17c3s2-a2-6", 3, 13, 11),
    ConvolutionalCase("cnn:17c2s3-6", 5, 7, 10),
    ConvolutionalCase("cnn:33c3p2-a3s1-5c1-4", 3, 5, 7),
    ConvolutionalCase("cnn:48c1-24c3", 2, 5, 5),
    ConvolutionalCase("cnn:3c5s2p4-p2s3-4c3s3p2-6", 1, 7, 7),
    ConvolutionalCase("cnn:16c3p1-16c3p1-p2-16c3-a", 1, 7, 7),
    ConvolutionalCase("cnn:24c3-p2-10", 1, 7, 7),
    ConvolutionalCase("cnn:6c3s2-p3s1-4", 17, 10, 10),
    ConvolutionalCase("cnn:2c3p1", 33, 3, 5),
    ConvolutionalCase("cnn:5c5-p2-6", 1, 28, 28),
    ConvolutionalCase("cnn:5c3p1b-p2-6c3s2b-a", 1, 12, 12),
    ConvolutionalCase("cnn:8c3p1b-a2-10b", 3, 6, 8),
    ConvolutionalCase("cnn:5c3b-7c2b-6b-5", 1, 5, 6),
    ConvolutionalCase("cnn:32c3s3p1b", 1, 28, 5),
    ConvolutionalCase("cnn:17c1b-33c3b-p3s1-18b", 16, 5, 5),
    ConvolutionalCase("cnn:6c3-p2-12b", 1, 7, 7),
  ]

  static let normalized = all.filter { $0.text.contains("b") }

  /// A model away from where it began: gains, shifts and running statistics are none that a fresh one has.
  func model(seed: UInt64) throws -> Model {
    var model = try Model(text, on: shape, classCount: classes, seed: seed)
    for (index, slice) in model.parameters.slices.enumerated() {
      var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: index))
      let range: (Float, Float)? =
        switch slice.role {
        case .gain: (0.5, 1.5)
        case .shift: (-0.5, 0.5)
        case .statistic(1): (0.05, 0.5)
        case .statistic: (-0.3, 0.3)
        default: nil
        }
      guard let range else { continue }
      model.parameters.setValues(of: slice, to: (0..<slice.count).map { _ in stream.uniform(range.0, range.1) })
    }
    return model
  }

  func rows(_ count: Int, seed: UInt64) -> RandomRows {
    RandomRows(count, columns: shape.count, density: 0.6, seed: seed)
  }

  func labels(_ count: Int) -> [Int] { (0..<count).map { $0 * 7 % classes } }

  /// A model and images whose units all stay away from where their derivative jumps.
  ///
  /// - Parameters:
  ///   - examples: At least two, for batch normalisation.
  ///   - held: A normalisation that takes the running statistics all the same.
  func smooth(
    examples: Int, usingBatch: Bool, butNot held: String? = nil
  ) throws -> (model: Model, reference: ReferenceConvolutions, rows: RandomRows, labels: [Int]) {
    for seed in UInt64(0)..<60 {
      let model = try model(seed: seed)
      let rows = rows(examples, seed: seed)
      var reference = ReferenceConvolutions(text, model)
      if usingBatch { reference.usingBatch = Set(reference.norms.filter { $0 != held }) }
      if reference(rows.values).distanceFromKinks > 1e-5 { return (model, reference, rows, labels(examples)) }
    }
    throw Mismatch(description: "no seed keeps \(testDescription) away from its kinks")
  }
}

extension Mode {
  static let plainTraining = Mode.training(RandomKey(seed: 0, purpose: .dropout))
}
