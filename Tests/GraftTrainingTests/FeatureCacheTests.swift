import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Testing

/// Features of a published body, kept by weights and picture.
@Suite struct FeatureCacheTests {
  private static let shape = ImageShape(channels: 3, height: 16, width: 16)

  private static func images(_ count: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: 0))
    let pixels = (0..<count * shape.count).map { _ in UInt8(stream.uniform(0, 255)) }
    return Dataset(
      name: "noise", shape: shape, classNames: ["a", "b"], pixels: pixels, labels: (0..<count).map { $0 % 2 })
  }

  private static func model(seed: UInt64) throws -> Model {
    Model(try Architecture(parsing: "resnet9"), inputShape: shape, classCount: 2, seed: seed)
  }

  private func rows(_ matrix: Matrix) -> [[Float]] { (0..<matrix.rows).map(matrix.row) }

  @Test func rowsAreThoseOfTheModelWhateverWasKept() throws {
    let model = try Self.model(seed: 1)
    let cut = model.layers.count - 1
    let images = Self.images(5, seed: 1)
    let folder = NSTemporaryDirectory() + "/graft-features-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let expected = rows(
      model.features(of: Normalization.unit.rows(images.pixels, columns: Self.shape.count), through: cut))
    let cache = FeatureCache()
    cache.keep(in: folder)
    func found(_ cache: FeatureCache, _ images: Dataset) -> [[Float]] {
      rows(cache.features(of: images, .unit, through: cut, of: model, team: .alone))
    }
    // Some first, then all, with one picture twice.
    #expect(found(cache, images.selecting(images: [3, 1])) == [expected[3], expected[1]])
    #expect(found(cache, images.selecting(images: [0, 1, 2, 3, 4, 1])) == expected + [expected[1]])
    #expect(found(FeatureCache(), try images.inFile()) == expected)
    // Another process reads the file.
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 1 && names[0].hasSuffix(".features"))
    let other = FeatureCache()
    other.keep(in: folder)
    #expect(found(other, images) == expected)
    // A damaged file is computed anew.
    let path = "\(folder)/\(names[0])"
    var bytes = try readFile(at: path)
    bytes[bytes.count - 3] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let third = FeatureCache()
    third.keep(in: folder)
    #expect(found(third, images) == expected)
  }

  @Test func otherWeightsAndOtherConversionsAreOtherRows() throws {
    let images = Self.images(2, seed: 2)
    let (one, other) = (try Self.model(seed: 1), try Self.model(seed: 2))
    let cut = one.layers.count - 1
    let cache = FeatureCache()
    let first = rows(cache.features(of: images, .unit, through: cut, of: one, team: .alone))
    #expect(rows(cache.features(of: images, .unit, through: cut, of: other, team: .alone)) != first)
    let shifted = Normalization(mean: 0.5, deviation: 0.25)
    #expect(rows(cache.features(of: images, shifted, through: cut, of: one, team: .alone)) != first)
    // The head is not a part of the body.
    var replaced = one
    replaced.parameters.setValues(of: one.head.weight, to: [Float](repeating: 1, count: one.head.weight.count))
    #expect(rows(cache.features(of: images, .unit, through: cut, of: replaced, team: .alone)) == first)
  }

  /// The maps of a deep network that was never trained vanish; with measured normalisations they do not.
  @Test func measuredNormsKeepFeaturesAlive() throws {
    let images = Self.images(6, seed: 3)
    let inputs = Normalization.unit.rows(images.pixels, columns: Self.shape.count)
    let model = Model(try Architecture(parsing: "mobilenet-v2"), inputShape: Self.shape, classCount: 2, seed: 3)
    let measured = model.measuringNorms(on: inputs)
    let cut = model.layers.count - 1
    func spread(_ model: Model) -> Float {
      let features = rows(model.features(of: inputs, through: cut))
      return (features.flatMap { $0 }.max() ?? 0) - (features.flatMap { $0 }.min() ?? 0)
    }
    #expect(spread(measured) > 0.1 && spread(measured) > 1000 * spread(model))
    // Weights stay.
    for slice in model.parameters.slices where !slice.isStatistic {
      #expect(model.parameters.values(of: slice) == measured.parameters.values(of: slice))
    }
  }
}

/// The strength of a published body's head.
@Suite struct CrossValidatedStrengthTests {
  /// Two classes that a colour tells apart, and noise.
  private static func pictures(_ count: Int) -> Dataset {
    let shape = ImageShape(channels: 3, height: 16, width: 16)
    var stream = RandomStream(RandomKey(seed: 5, purpose: .bootstrap, index: 0))
    var pixels: [UInt8] = []
    for image in 0..<count {
      for channel in 0..<3 {
        let base: Float = channel == image % 2 ? 90 : 60
        for _ in 0..<256 { pixels.append(UInt8(base + stream.uniform(0, 100))) }
      }
    }
    return Dataset(
      name: "colours", shape: shape, classNames: ["red", "green"], pixels: pixels, labels: (0..<count).map { $0 % 2 })
  }

  @Test func strengthIsChosenOnLabelledImagesAlone() throws {
    let images = Self.pictures(60)
    var model = Model(try Architecture(parsing: "resnet9"), inputShape: images.shape, classCount: 2, seed: 9)
    model = model.measuringNorms(on: Normalization.unit.rows(images.pixels, columns: images.shape.count).prefix(8))
    let settings = TrainingSettings(
      epochs: 1, batchSize: 16, optimizer: .sgd(momentum: 0.9), learningRate: 0.1, seed: 0)
    let plan = try TransferMethod(.frozen).plan(from: model, settings, solvesHeads: true)
    let outputs = ClassOutputs(.compact, choosing: [0, 1], of: images.classNames)
    var found: [[Float]] = []
    for threads in [1, 2] {
      let (solved, words) = try plan.solvingHead(
        on: images, outputs: outputs, normalization: .unit, team: Team(size: threads))
      #expect(words?.contains("chosen by 5-fold cross-validation") == true)
      found.append(solved.model.parameters.values(of: solved.model.head.weight))
      // The body has not moved a bit.
      for slice in model.bodySlices {
        #expect(solved.model.parameters.values(of: slice) == model.parameters.values(of: slice))
      }
      var evaluator = Evaluator(try Examples(images, outputs: outputs, normalization: .unit), for: solved.model)
      #expect(evaluator.evaluate(solved.model).correct > 55)
    }
    #expect(found[0] == found[1])
  }
}
