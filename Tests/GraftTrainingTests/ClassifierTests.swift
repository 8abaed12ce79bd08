import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("A classifier of pictures")
struct ClassifierTests {
  /// A checkpoint whose first class adds up red, and its second blue.
  private func checkpoint(_ shape: ImageShape, record: JSON = [:]) -> Checkpoint {
    var model = Model(Architecture(hiddenUnits: []), inputShape: shape, classCount: 2, seed: 1)
    let plane = shape.height * shape.width
    let values = (0..<2 * shape.count).map { place -> Float in
      let (output, pixel) = place.quotientAndRemainder(dividingBy: shape.count)
      return pixel / plane == (output == 0 ? 0 : shape.channels - 1) ? 1 : 0
    }
    for slice in model.parameters.slices {
      model.parameters.setValues(of: slice, to: slice.shape.count == 2 ? values : [0, 0])
    }
    return Checkpoint(
      model: model, normalization: .unit, outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["red", "blue"]),
      record: record.object ?? JSON.Object())
  }

  /// A picture of one colour in its middle, between stripes of the other.
  private func picture(_ color: (UInt8, UInt8, UInt8), stripes: (UInt8, UInt8, UInt8), height: Int, width: Int)
    -> [UInt8]
  {
    let edge = (width - height) / 2
    let samples = (0..<height * width).flatMap { pixel -> [UInt8] in
      let isMiddle = pixel % width >= edge && pixel % width < width - edge
      let (red, green, blue) = isMiddle ? color : stripes
      return [red, green, blue]
    }
    return PNGImage(width: width, height: height, colors: samples).encoded()
  }

  @Test("a picture of any size is cut to its middle, or fitted as in the training")
  func colors() throws {
    let shape = ImageShape(channels: 3, height: 8, width: 8)
    let file = picture((200, 0, 0), stripes: (0, 0, 250), height: 20, width: 60)
    let classifier = Classifier(checkpoint(shape))
    #expect(try classifier.classify(decoding: file).best.className == "red")
    let squashing = Classifier(checkpoint(shape, record: ["fit": "squash"]))
    #expect(try squashing.classify(decoding: file).best.className == "blue")
    #expect(
      try classifier.classify(decoding: picture((9, 9, 9), stripes: (9, 9, 9), height: 5, width: 5)).doubts == [
        .constant(9)
      ])
    let error = #expect(throws: GraftFailure.self) { try classifier.classify(decoding: file, framing: true) }
    #expect(error?.description == "a model of images in 3 channels reads no framed digits")
    #expect(throws: FormatError.self) { try classifier.classify(decoding: Array("GIF89a".utf8)) }
  }

  @Test("a network of blocks answers picture after picture as it answers all at once")
  func blocks() throws {
    let shape = ImageShape(channels: 3, height: 16, width: 16)
    let model = Model(try Architecture(parsing: "resnet9"), inputShape: shape, classCount: 2, seed: 1)
    let checkpoint = Checkpoint(
      model: model, normalization: Normalization(mean: 0.4, deviation: 0.3),
      outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["red", "blue"]), record: JSON.Object())
    var stream = RandomStream(RandomKey(seed: 1, purpose: .bootstrap, index: 0))
    let images = (0..<3).map { _ in (0..<shape.count).map { _ in UInt8(stream.uniform(0, 255)) } }
    let classifier = Classifier(checkpoint)
    for (image, expected) in zip(images, Predictor(checkpoint).answers(for: images)) {
      let answers = try classifier.classify(pixels: image).answers
      #expect(answers.first { $0.className == "red" }?.probability == expected[0])
      #expect(answers.first { $0.className == "blue" }?.probability == expected[1])
    }
  }

  @Test("a model of greys fits pictures if it learned from some; else a picture has its size")
  func greys() throws {
    let shape = ImageShape(height: 8, width: 8)
    let file = picture((200, 0, 0), stripes: (0, 0, 250), height: 20, width: 60)
    let error = #expect(throws: FormatError.self) { try Classifier(checkpoint(shape)).classify(decoding: file) }
    #expect(error?.remedy == .framing && error?.description.contains("found 20 x 60") == true)
    let learned = Classifier(checkpoint(shape, record: ["fit": "crop"]))
    #expect(try learned.classify(decoding: file).answers.count == 2)
    #expect(try learned.classify(decoding: file, framing: true).answers.count == 2)
  }
}
