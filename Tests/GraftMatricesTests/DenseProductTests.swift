import GraftMatrices
import NumericChecks
import Testing

@Suite struct DenseProductTests {
  @Test("a product has the bits of the reference", arguments: Sizes.widths, Sizes.depths)
  func product(width: Int, depth: Int) {
    let parameters = TestParameters(rows: depth, columns: width, seed: 1)
    for rows in Sizes.rows {
      let left = randomMatrix(rows, depth, seed: UInt64(rows))
      for bias in [parameters.bias, nil] {
        var output = Matrix(rows: rows, columns: width)
        GraftMatrices.product(
          Matrix(left), rows: rows, parameters.block, weight: parameters.weight, bias: bias, into: &output)
        let zeros = [Float](repeating: 0, count: width)
        let expected = ReferenceProducts.product(
          left, parameters.weights, bias: bias == nil ? zeros : parameters.biases)
        #expect(mismatchInBits(output.nested.flatMap { $0 }, expected.flatMap { $0 }) == nil, "\(rows) rows")
      }
    }
  }

  /// The order of the additions is the kernel's own here, so the reference is in Double.
  @Test("a product with a transposed weight is right", arguments: Sizes.widths, Sizes.depths)
  func productWithTransposed(width: Int, depth: Int) {
    let parameters = TestParameters(rows: width, columns: depth, biasColumns: width, seed: 2)
    for rows in Sizes.rows {
      let left = randomMatrix(rows, depth, seed: UInt64(rows))
      var output = Matrix(rows: rows, columns: width)
      GraftMatrices.productWithTransposed(
        Matrix(left), rows: rows, parameters.block, weight: parameters.weight, bias: parameters.bias, into: &output)
      let expected = left.map { line in
        parameters.biases.indices.map { unit in
          zip(line, parameters.weights[unit]).reduce(Double(parameters.biases[unit])) {
            $0 + Double($1.0) * Double($1.1)
          }
        }
      }
      #expect(mismatch(output.nested.flatMap { $0 }, expected.flatMap { $0 }, within: 1e-6) == nil, "\(rows) rows")
    }
  }

  /// What a layer writes behind its last unit is the next layer's input there: only zeros do no harm.
  @Test("behind the outputs a product leaves zeros", arguments: Sizes.widths)
  func paddedOutputs(width: Int) {
    let rows = 4
    let plain = TestParameters(rows: 5, columns: width, seed: 3)
    let transposed = TestParameters(rows: width, columns: 5, biasColumns: width, seed: 3)
    let left = Matrix(randomMatrix(rows, 5, seed: 4))
    var outputs = [Matrix(rows: rows, columns: width), Matrix(rows: rows, columns: width)]
    GraftMatrices.product(left, rows: rows, plain.block, weight: plain.weight, bias: plain.bias, into: &outputs[0])
    GraftMatrices.productWithTransposed(
      left, rows: rows, transposed.block, weight: transposed.weight, bias: transposed.bias, into: &outputs[1])
    for output in outputs { #expect(output.padding(rows: rows).allSatisfy { $0 == 0 }) }
  }

  @Test("fewer rows than there are give the same bits for those")
  func fewerRows() {
    let parameters = TestParameters(rows: 20, columns: 40, seed: 5)
    let head = TestParameters(rows: 10, columns: 20, biasColumns: 10, seed: 6)
    let left = Matrix(randomMatrix(9, 20, seed: 7))
    func outputs(_ rows: Int) -> [Float] {
      var wide = Matrix(rows: 9, columns: 40)
      var narrow = Matrix(rows: 9, columns: 10)
      GraftMatrices.product(left, rows: rows, parameters.block, weight: parameters.weight, bias: nil, into: &wide)
      GraftMatrices.productWithTransposed(
        left, rows: rows, head.block, weight: head.weight, bias: head.bias, into: &narrow)
      return wide.nested.prefix(1).flatMap { $0 } + narrow.nested.prefix(1).flatMap { $0 }
    }
    for rows in 1...8 { #expect(mismatchInBits(outputs(rows), outputs(9)) == nil) }
  }
}
