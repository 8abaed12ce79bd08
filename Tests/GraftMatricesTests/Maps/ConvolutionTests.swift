import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct ConvolutionTests {
  /// Every shape that has room for the window, with the image's own pitch and with one of whole vectors.
  private func forEach(
    _ channels: MapSizes.Pair, _ window: ReferenceWindow, _ body: (TestConvolution, _ name: String) -> Void
  ) {
    for (index, shape) in MapSizes.shapes.enumerated() where window.fits(shape.height, shape.width) {
      let isFirst = index.isMultiple(of: 2)
      body(
        TestConvolution(channels, shape, window, isFirst: isFirst, border: index % 3 == 1 ? 1 : 0),
        "\(shape)\(isFirst ? ", first" : "")")
    }
  }

  @Test(
    "a convolution is the loops over its windows, and leaves zeros in channels that there are not",
    arguments: MapSizes.pairs, MapSizes.windows)
  func forward(channels: MapSizes.Pair, window: ReferenceWindow) {
    forEach(channels, window) { test, name in
      for hasBias in [true, false] {
        let output = test.output(bias: hasBias)
        let expected = test.input.maps.flatMap {
          $0.convolved(test.weights, bias: hasBias ? test.biases : nil, outputs: channels.outputs, window).values
        }
        #expect(mismatch(output.values(test.outputLayout, images: 2), expected, within: 0) == nil, "\(name)")
        #expect(output.around(test.outputLayout, images: 2).allSatisfy { $0 == 0 }, "\(name)")
      }
    }
  }

  @Test(
    "its weight's gradient is the loops', is added to what is there, and its padding stays zero",
    arguments: MapSizes.pairs, MapSizes.windows)
  func weightGradient(channels: MapSizes.Pair, window: ReferenceWindow) {
    forEach(channels, window) { test, name in
      var block = AlignedFloats(zeros: test.block.count)
      test.gradient().add(to: &block, at: test.weight)
      let each = zip(test.input.maps, test.outputGradient.maps).map { $0.weightGradient($1, window) }
      let expected = zip(each[0], each[1]).map(+)
      #expect(mismatch(test.weightValues(block), expected, within: 0) == nil, "\(name)")
      test.gradient(images: 1).add(to: &block, at: test.weight)
      let more = zip(expected, each[0]).map(+)
      #expect(mismatch(test.weightValues(block), more, within: 0) == nil, "\(name)")
      #expect(test.weightPadding(block).allSatisfy { $0 == 0 }, "\(name)")
      let behind = Array(0..<test.weight.offset) + Array(test.bias.offset..<block.count)
      #expect(behind.allSatisfy { block[$0] == 0 }, "\(name)")
    }
  }

  @Test(
    "its input's gradient is the loops', zero where no window reads", arguments: MapSizes.pairs, MapSizes.windows)
  func inputGradient(channels: MapSizes.Pair, window: ReferenceWindow) {
    forEach(channels, window) { test, name in
      let found = test.inputGradient()
      let expected = zip(test.input.maps, test.outputGradient.maps).flatMap {
        $0.inputGradient($1, test.weights, window).values
      }
      #expect(
        mismatch(found.values(test.inputGradientLayout, images: 2), expected, within: 0) == nil, "\(name)")
      #expect(found.around(test.inputGradientLayout, images: 2).allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  /// Only of inputs whose channels are padded to vectors: nobody asks for the gradient of an image.
  @Test("spread from each position of the output it is the same", arguments: MapSizes.pairs, MapSizes.windows)
  func spreadInputGradient(channels: MapSizes.Pair, window: ReferenceWindow) {
    for shape in MapSizes.shapes where window.fits(shape.height, shape.width) {
      let test = TestConvolution(channels, shape, window, isFirst: false)
      let (found, layout) = test.spreadInputGradient()
      let expected = zip(test.input.maps, test.outputGradient.maps).flatMap {
        $0.inputGradient($1, test.weights, window).values
      }
      #expect(mismatch(found.values(layout, images: 2), expected, within: 0) == nil, "\(shape)")
    }
  }

  /// Images are read a few at a time: with so many of them the weights' gradient is a sum of several passes.
  @Test("many images have the sum of their gradients, and each its own output", arguments: [40, 97])
  func manyImages(images: Int) {
    let window = ReferenceWindow(size: 3, stride: 1, padding: 1)
    let test = TestConvolution(
      MapSizes.Pair(inputs: 16, outputs: 17), MapSizes.Shape(height: 9, width: 9), window, images: images,
      isFirst: false)
    var block = AlignedFloats(zeros: test.block.count)
    test.gradient().add(to: &block, at: test.weight)
    var expected = [Double](repeating: 0, count: test.weights.count)
    for (input, gradient) in zip(test.input.maps, test.outputGradient.maps) {
      expected = zip(expected, input.weightGradient(gradient, window)).map(+)
    }
    #expect(mismatch(test.weightValues(block), expected, within: 0) == nil)
    let alone = TestMaps([test.input.maps[images - 1]], test.input.layout).matrix
    var output = Matrix(rows: 1, columns: test.outputLayout.count)
    convolution(
      alone, test.windows, images: 1, test.block, weight: test.weight, bias: test.bias, into: &output,
      test.outputLayout)
    let all = test.output().values(test.outputLayout, images: images).suffix(test.outputLayout.places.count)
    #expect(mismatchInBits(output.values(test.outputLayout, images: 1), Array(all)) == nil)
  }

  @Test(
    "moving the weights at once has the bits of adding the gradient first, and moves nothing else",
    arguments: WeightGradientTests.Rule.all)
  func fused(rule: WeightGradientTests.Rule) {
    for (channels, window) in [
      (MapSizes.Pair(inputs: 1, outputs: 5), ReferenceWindow(size: 3)),
      (MapSizes.Pair(inputs: 17, outputs: 33), ReferenceWindow(size: 3, stride: 2, padding: 1)),
    ] {
      let test = TestConvolution(channels, MapSizes.Shape(height: 7, width: 6), window, isFirst: false)
      var fused = test.block
      var fusedState = OptimizerState(count: fused.count, hasSecond: rule.isAdaptive)
      // The bias has momentum too: a step too many would move it.
      for place in test.bias.offset..<fused.count { fusedState.first[place] = 0.5 }
      var (apart, apartState) = (fused, fusedState)
      for step in 1...3 {
        test.gradient().move(&fused, at: test.weight, by: rule.step(step), state: &fusedState)
        var sum = AlignedFloats(zeros: fused.count)
        test.gradient().add(to: &sum, at: test.weight)
        rule.step(step).move(&apart, at: test.weight, along: sum, state: &apartState)
      }
      #expect(fused == apart && fusedState == apartState)
      #expect(test.weightValues(fused) != test.weightValues(test.block))
      #expect(test.weightPadding(fused).allSatisfy { $0 == 0 })
      for place in test.bias.offset..<fused.count {
        #expect(fused[place] == test.block[place] && fusedState.first[place] == 0.5)
      }
    }
  }
}
