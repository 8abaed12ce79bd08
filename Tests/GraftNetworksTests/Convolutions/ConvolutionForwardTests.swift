import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct ConvolutionForwardTests {
  @Test(
    "logits are those of Double arithmetic, with running statistics and with the batch's",
    arguments: ConvolutionalCase.all, [true, false])
  func logits(network: ConvolutionalCase, sparse: Bool) throws {
    let model = try network.model(seed: 1)
    let rows = network.rows(5, seed: 2)
    var reference = ReferenceConvolutions(network.text, model)
    let inputs = rows.inputs(sparse: sparse)
    let evaluated = model.logits(of: inputs).flatMap { $0 }
    #expect(mismatch(evaluated, reference(rows.values).logits.flatMap { $0 }, within: 3e-6) == nil)
    reference.usingBatch = Set(reference.norms)
    let trained = model.logits(of: inputs, mode: .plainTraining).flatMap { $0 }
    #expect(mismatch(trained, reference(rows.values).logits.flatMap { $0 }, within: 3e-6) == nil)
    if reference.norms.isEmpty { #expect(mismatchInBits(trained, evaluated) == nil) }
  }

  @Test("sparse and dense inputs have the same logits, bit for bit", arguments: ConvolutionalCase.all)
  func sparseAndDense(network: ConvolutionalCase) throws {
    let model = try network.model(seed: 3)
    let rows = network.rows(5, seed: 4)
    for mode in [Mode.evaluation, .plainTraining] {
      let logits = [true, false].map { model.logits(of: rows.inputs(sparse: $0), mode: mode).flatMap { $0 } }
      #expect(mismatchInBits(logits[0], logits[1]) == nil)
    }
  }

  @Test("an image has the same logits, bit for bit, in batches of any size", arguments: ConvolutionalCase.all)
  func batchSize(network: ConvolutionalCase) throws {
    let model = try network.model(seed: 5)
    let inputs = network.rows(13, seed: 6).inputs(sparse: true)
    let alone = model.logits(of: inputs, batchSize: 1).flatMap { $0 }
    for size in [2, 3, 8, 13, 64] {
      #expect(mismatchInBits(model.logits(of: inputs, batchSize: size).flatMap { $0 }, alone) == nil, "size \(size)")
    }
  }

  /// One image at a time is how pages and pipes ask.
  @Test("an image of bytes has the logits of its row", arguments: ConvolutionalCase.all)
  func bytes(network: ConvolutionalCase) throws {
    let model = try network.model(seed: 7)
    var stream = RandomStream(RandomKey(seed: 8, purpose: .syntheticDigits))
    let pixels = (0..<3 * network.shape.count).map { _ in
      stream.uniform() < 0.5 ? 0 : UInt8(stream.integer(below: 256))
    }
    // The second's dark pixels are not zero, and the border's are.
    for normalization in [Normalization.unit, Normalization(mean: 0.1307, deviation: 0.3081)] {
      let inputs = normalization.rows(pixels, columns: network.shape.count)
      let expected = model.logits(of: inputs)
      var workspace = Workspace(for: model, inputs: inputs, capacity: 1)
      for image in 0..<3 {
        let bytes = pixels[image * network.shape.count..<(image + 1) * network.shape.count]
        model.forward(image: bytes, through: normalization.tables, in: &workspace)
        #expect(mismatchInBits(workspace.logits.nested[0], expected[image]) == nil)
      }
      let reference = ReferenceConvolutions(network.text, model)
      let rows = inputs.matrix.nested
      #expect(mismatch(expected.flatMap { $0 }, reference(rows).logits.flatMap { $0 }, within: 1e-5) == nil)
    }
  }

  @Test(
    "features are the layers' outputs in PyTorch's order; behind them are the same logits",
    arguments: ConvolutionalCase.all)
  func features(network: ConvolutionalCase) throws {
    let model = try network.model(seed: 9)
    // More rows than one pass takes, so that passes are joined.
    let rows = network.rows(35, seed: 10)
    let pass = ReferenceConvolutions(network.text, model)(rows.values)
    let logits = model.logits(of: rows.inputs(sparse: true)).flatMap { $0 }
    for count in 1...model.layers.count {
      let found = model.features(of: rows.inputs(sparse: true), through: count)
      #expect(found == model.features(of: rows.inputs(sparse: false), through: count))
      let expected = pass.outputs[count - 1].map(\.values)
      let ordered = model.ordered(found, ofLayer: count).nested
      #expect(mismatch(ordered.flatMap { $0 }, expected.flatMap { $0 }, within: 3e-6) == nil, "layer \(count)")
      #expect(ordered[0].count == model.layers[count - 1].outputs)
      guard count < model.layers.count else { continue }
      var workspace = Workspace(for: model, startingAt: count, inputs: .dense(found), capacity: 35)
      let all = Array(0..<35)
      model.forward(Batch(inputs: .dense(found), rows: all[...], labels: all[...]), mode: .evaluation, in: &workspace)
      #expect(mismatchInBits(workspace.logits.nested.flatMap { $0 }, logits) == nil, "behind layer \(count)")
    }
    let body = model.bodyFeatures(of: rows.inputs(sparse: true)).nested.flatMap { $0 }
    #expect(mismatch(body, pass.outputs[pass.outputs.count - 2].flatMap(\.values), within: 3e-6) == nil)
  }

  @Test("shapes and multiply-adds are those of the reference", arguments: ConvolutionalCase.all)
  func shapes(network: ConvolutionalCase) throws {
    let model = try network.model(seed: 11)
    let reference = ReferenceConvolutions(network.text, model)
    let outputs = reference(network.rows(1, seed: 12).values).outputs.map { $0[0] }
    #expect(
      model.layers.map(\.outputShape)
        == outputs.map {
          ImageShape(channels: $0.channels, height: $0.height, width: $0.width)
        })
    #expect(
      try model.parameters.count == Architecture(parsing: network.text).parameterCount(on: network.shape, classCount: 4)
    )
    #expect(
      Set(reference.parameters.keys) == Set(model.parameters.slices.map(\.name))
        && reference.parameters.values.reduce(0) { $0 + $1.count } == model.parameters.count)
  }

  // MARK: Teams and builds

  /// Logits, gradients and weights after some steps.
  private func results(_ network: ConvolutionalCase, _ team: Team) throws -> [Float] {
    let model = try network.model(seed: 13)
    let inputs = network.rows(7, seed: 14).inputs(sparse: true)
    let labels = network.labels(7)
    let gradients = model.gradients(of: inputs, labels, mode: .plainTraining, team: team).byName
    var trainer = PlainTrainer(
      model, on: inputs, labels, rule: .adam(), learningRate: 0.01, weightDecay: 0.01, capacity: 7, team: team)
    for _ in 0..<2 { trainer.step([0, 1, 2, 3, 4, 5, 6]) }
    return [model.logits(of: inputs, team: team).flatMap { $0 }, trainer.model.allValues].flatMap { $0 }
      + gradients.keys.sorted().flatMap { gradients[$0] ?? [] }
  }

  @Test("every build and every number of threads give the same bits", arguments: ConvolutionalCase.all)
  func sameBits(network: ConvolutionalCase) throws {
    let expected = try results(network, Team(size: 1, processor: .portable))
    #expect(expected.allSatisfy { $0.isFinite })
    let builds = Processor.allCases.filter(\.isAvailable).map { ($0, 1) }
    for (build, size) in builds + [(.current, 2), (.portable, 3)] {
      let found = try results(network, Team(size: size, processor: build, smallestPart: 1))
      #expect(mismatchInBits(found, expected) == nil, "\(build), \(size) threads")
    }
  }
}
