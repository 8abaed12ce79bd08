import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct ParametersTests {
  @Test("slices have PyTorch's names and shapes")
  func table() {
    let model = Model(.study, inputShape: .mnist, classCount: 10, seed: 0)
    #expect(model.parameters.slices.map(\.name) == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"])
    #expect(model.parameters.slices.map(\.shape) == [[500, 784], [500], [10, 500], [10]])
    #expect(model.parameters.slices.map(\.fanIn) == [784, 784, 500, 500])
    #expect(model.parameters.count == 397_510)
    #expect(model.parameters.slice(named: "fc3.weight") == nil)
    #expect(model.layers.map(\.outputs) == [500, 10])
    #expect((0..<2).map(model.inputColumns(ofLayer:)) == [784, 500])
  }

  @Test("slices do not overlap and begin on cache lines", arguments: [[], [1], [17, 3], [500]] as [[Int]])
  func layout(units: [Int]) {
    let slices = Model(units: units, inputs: 21, classCount: 3, seed: 0).parameters.slices
    for slice in slices { #expect(slice.layout.offset % 16 == 0) }
    for (one, next) in zip(slices, slices.dropFirst()) {
      #expect(one.layout.offset + one.layout.footprint <= next.layout.offset)
    }
  }

  @Test("values come back in the order in which they were given, and move no other slice")
  func values() {
    var model = Model(units: [5, 6], inputs: 7, classCount: 3, seed: 1)
    var expected = model.parameters.slices.map { model.parameters.values(of: $0) }
    for (index, slice) in model.parameters.slices.enumerated() {
      expected[index] = (0..<slice.count).map { Float(index * 1000 + $0) }
      model.parameters.setValues(of: slice, to: expected[index])
      #expect(model.parameters.slices.map { model.parameters.values(of: $0) } == expected)
    }
    #expect(model.padding.allSatisfy { $0 == 0 })
  }

  @Test("the weight of a layer is [outputs x inputs], whatever its memory looks like")
  func orientation() {
    var model = Model(units: [2], inputs: 3, classCount: 2, seed: 0)
    let values: [String: [Float]] = [
      "fc1.weight": [1, 2, 3, 40, 50, 60], "fc1.bias": [0, 0], "fc2.weight": [1, 2, 30, 40], "fc2.bias": [0.5, 0.25],
    ]
    for slice in model.parameters.slices { model.parameters.setValues(of: slice, to: values[slice.name] ?? []) }
    // hidden = [1, 40] for the first pixel; logits = [1 + 2 · 40 + 0.5, 30 + 40 · 40 + 0.25].
    #expect(model.logits(of: RandomRows([[1, 0, 0]]).inputs(sparse: true)) == [[81.5, 1630.25]])
  }

  @Test("a copy of a model is apart from it")
  func copies() {
    let model = Model(units: [5], inputs: 7, classCount: 3, seed: 1)
    var copy = model
    copy.parameters.setValues(of: copy.parameters.slices[1], to: [1, 2, 3, 4, 5])
    #expect(copy != model && model == Model(units: [5], inputs: 7, classCount: 3, seed: 1))
  }
}
