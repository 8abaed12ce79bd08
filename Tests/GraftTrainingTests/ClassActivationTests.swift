import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct ClassActivationTests {
  private func checkpoint(_ text: String, channels: Int = 3, side: Int = 32) throws -> (Checkpoint, [UInt8]) {
    let shape = ImageShape(channels: channels, height: side, width: side)
    let model = Model(try Architecture(parsing: text), inputShape: shape, classCount: 3, seed: 5)
    let outputs = ClassOutputs(.compact, choosing: [0, 1, 2], of: ["a", "b", "c"])
    let pixels = (0..<shape.count).map { (index: Int) -> UInt8 in UInt8((index * 31 + index / 7) % 256) }
    return (Checkpoint(model: model, outputs: outputs), pixels)
  }

  /// The head is linear, so the average of the positions' shares is the share of the averages.
  @Test(
    "their mean and the head's bias are the logit above the mean logit",
    arguments: ["resnet9-w16", "mobilenet-v2", "cnn:8c3p1-p2-16c3b-a"])
  func meanIsLogit(_ text: String) throws {
    let (checkpoint, pixels) = try checkpoint(text)
    let logits = Predictor(checkpoint).logits(of: pixels)
    let head = try #require(checkpoint.model.layers.last)
    let bias = try #require(head.bias)
    for output in 0..<3 {
      let found = try #require(ClassActivations.each(of: [(pixels, output)], by: checkpoint)?.first)
      #expect(found.values.count == found.height * found.width)
      let mean = found.values.map(Double.init).reduce(0, +) / Double(found.values.count)
      let biases = (0..<3).map { Double(checkpoint.model.parameters.block[bias.layout.index(0, $0)]) }
      let sum = mean + biases[output] - biases.reduce(0, +) / 3
      let values = (0..<3).map { Double(logits[0, $0]) }
      #expect(mismatch([sum], [values[output] - values.reduce(0, +) / 3], within: 1e-4, floor: 0.1) == nil)
    }
  }

  @Test(
    "a network whose head reads something else has none",
    arguments: ["cnn:8c3-p2", "cnn:8c3-a-20", "mlp:20", "softmax"])
  func others(_ text: String) throws {
    let (checkpoint, pixels) = try checkpoint(text)
    #expect(ClassActivations.each(of: [(pixels, 1)], by: checkpoint) == nil)
  }

  @Test("enlarged, the middle of a position keeps its value and values between are between")
  func enlarged() throws {
    let (checkpoint, pixels) = try checkpoint("resnet9-w16")
    let found = try #require(ClassActivations.each(of: [(pixels, 0)], by: checkpoint)?.first)
    #expect(found.height == 4 && found.width == 4)
    let large = found.enlarged(rows: 12, columns: 20)
    for row in 0..<4 {
      for column in 0..<4 {
        #expect(abs(large[(3 * row + 1) * 20 + 5 * column + 2] - found.values[row * 4 + column]) < 1e-5)
      }
    }
    let (low, high) = (found.values.min() ?? 0, found.values.max() ?? 0)
    #expect(large.allSatisfy { $0 >= low - 1e-6 && $0 <= high + 1e-6 })
  }
}
