import GraftFiles
import GraftMatrices
import GraftNetworks
import Testing

@testable import GraftExports

@Suite("The memory of exported C")
struct ArenaPlanTests {
  /// Runs a plan on paper: each operation writes its number into its floats, and must find the numbers of those that it reads.
  private func check(_ model: Model) {
    let operations = model.operations
    let plan = ArenaPlan(operations, image: model.inputShape.count)
    var memory = [Int](repeating: -2, count: plan.count)
    var writer: [Int] = []
    for place in 0..<model.inputShape.count { memory[place] = -1 }
    for (index, operation) in operations.enumerated() {
      for read in operation.reads {
        let count = read < 0 ? model.inputShape.count : operations[read].outputShape.count
        let start = read < 0 ? 0 : plan.places[read]
        let expected = read < 0 ? -1 : writer[read]
        #expect(
          memory[start..<start + count].allSatisfy { $0 == expected }, "\(operation.name) of \(model.architecture)")
      }
      writer.append(index)
      for place in 0..<operation.outputShape.count { memory[plan.places[index] + place] = index }
    }
  }

  @Test(
    "no operation finds its input written over",
    arguments: ["softmax", "mlp:5,4", "cnn:small", "cnn:best", "resnet9-w16", "mobilenet-v2", "resnet18"])
  func families(name: String) throws {
    let isDigit = !name.contains("net")
    let shape = ImageShape(channels: isDigit ? 1 : 3, height: isDigit ? 28 : 32, width: isDigit ? 28 : 32)
    check(Model(try Architecture(parsing: name), inputShape: shape, classCount: 3, seed: 1))
  }

  @Test("nor in random networks")
  func random() {
    var models = RandomModels(seed: 7)
    for _ in 0..<300 { check(models.next().model) }
  }

  @Test("memory is shared: MobileNetV2 needs less than a quarter of all its maps")
  func sharing() throws {
    let shape = ImageShape(channels: 3, height: 224, width: 224)
    let model = Model(try Architecture(parsing: "mobilenet-v2"), inputShape: shape, classCount: 2, seed: 1)
    let all = model.operations.reduce(shape.count) { $0 + ($1.isInPlace ? 0 : $1.outputShape.count) }
    let plan = ArenaPlan(model.operations, image: shape.count)
    // The two largest maps, of the first expansion: 96 × 112 × 112 and 96 × 56 × 56.
    #expect(plan.count < all / 4 && plan.count >= 96 * 112 * 112 + 96 * 56 * 56, "\(plan.count) of \(all)")
  }
}

@Suite("Weights of 8 bits")
struct QuantizedWeightsTests {
  @Test("each number is within half a step of its channel, and the largest is kept")
  func steps() {
    let weight: [Float] = [0.5, -1.27, 0, 100, 3, -0.4]
    let quantized = QuantizedWeights(weight, outputs: 2)
    #expect(quantized.values == [50, -127, 0, 127, 4, -1] && quantized.scales == [0.01, 100 / 127])
    for (index, (number, rounded)) in zip(weight, quantized.numbers).enumerated() {
      #expect(abs(number - rounded) <= quantized.scales[index / 3] / 2 * 1.0001)
    }
  }

  @Test("a channel of zeros stays zeros, tiny numbers too")
  func zeros() {
    let quantized = QuantizedWeights([0, 0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude], outputs: 2)
    #expect(quantized.numbers == [0, 0, 0, 0])
  }
}
