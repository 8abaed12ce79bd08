import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct SparseProductTests {
  /// Images times weights by the kernel.
  private func product(_ batch: PixelBatch, _ parameters: TestParameters, rows: Int) -> [Float] {
    var output = Matrix(rows: rows, columns: parameters.weight.columns)
    pixelProduct(batch, parameters.block, weight: parameters.weight, bias: parameters.bias, into: &output)
    return output.nested.prefix(batch.count).flatMap { $0 }
  }

  /// The gradient of the weights by the kernel.
  private func gradient(_ batch: PixelBatch, _ outputGradient: [[Float]], columns: Int) -> [Float] {
    let layout = PanelLayout(offset: 32, rows: columns, columns: outputGradient[0].count)
    var block = AlignedFloats(zeros: 32 + layout.footprint + 64)
    var batch = batch
    batch.arrange()
    WeightGradient.pixels(batch, outputGradient: Matrix(outputGradient)).add(to: &block, at: layout)
    return block.matrix(at: layout).flatMap { $0 }
  }

  private func filled(
    _ rows: RandomRows, outputs: Int, capacity: Int? = nil, order: [Int]? = nil
  ) -> PixelBatch {
    let columns = rows.values[0].count
    var batch = PixelBatch(imageCapacity: capacity ?? rows.values.count, columns: columns, outputs: outputs)
    batch.fill((order ?? Array(rows.values.indices))[...], of: rows.sparse)
    return batch
  }

  /// What the reference says of the same images. Up to 16 outputs the kernel adds in an order of its own; above, the bits
  /// must agree.
  private func mismatchOfProduct(_ found: [Float], _ images: [[Float]], _ parameters: TestParameters) -> Mismatch? {
    let expected = ReferenceProducts.product(images, parameters.weights, bias: parameters.biases).flatMap { $0 }
    let isNarrow = parameters.weight.columns <= 16
    return isNarrow ? mismatch(found, expected, within: 1e-6) : mismatchInBits(found, expected)
  }

  @Test(
    "forward and backward agree with the reference, narrow and paired",
    arguments: [1, 2, 10, 16, 17, 32, 33, 50], [1, 2, 3, 12, 17, 36])
  func agreesWithReference(outputs: Int, columns: Int) {
    let parameters = TestParameters(rows: columns, columns: outputs, seed: 1)
    for images in Sizes.rows {
      for density: Float in [0, 0.1, 0.4, 1] {
        let rows = RandomRows(images, columns: columns, density: density, seed: UInt64(images))
        let batch = filled(rows, outputs: outputs)
        let found = product(batch, parameters, rows: images)
        #expect(mismatchOfProduct(found, rows.values, parameters) == nil, "\(images) images, density \(density)")

        let outputGradient = randomMatrix(images, outputs, seed: 2)
        let sums = ReferenceProducts.transposedProduct(rows.values, outputGradient)
        let gradient = gradient(batch, outputGradient, columns: columns)
        #expect(mismatchInBits(gradient, sums.flatMap { $0 }) == nil, "\(images) images, density \(density)")
      }
    }
  }

  @Test("images without a lit pixel among others give the bias", arguments: [10, 40])
  func emptyImages(outputs: Int) {
    var values = RandomRows(6, columns: 20, seed: 3).values
    for image in [0, 3, 5] { values[image] = [Float](repeating: 0, count: 20) }
    let parameters = TestParameters(rows: 20, columns: outputs, seed: 4)
    let found = product(filled(RandomRows(values), outputs: outputs), parameters, rows: 6)
    for image in [0, 3, 5] {
      #expect(mismatchInBits(Array(found[image * outputs..<(image + 1) * outputs]), parameters.biases) == nil)
    }
    #expect(mismatchOfProduct(found, values, parameters) == nil)
  }

  @Test("a batch after a larger and brighter one shows nothing of it", arguments: [10, 40], [1, 2, 3, 7])
  func staleBatch(outputs: Int, images: Int) {
    let bright = RandomRows(8, columns: 21, density: 1, seed: 5)
    let dim = RandomRows(images, columns: 21, density: 0.2, seed: 6)
    let parameters = TestParameters(rows: 21, columns: outputs, seed: 7)
    let outputGradient = randomMatrix(images, outputs, seed: 8)
    var batch = filled(bright, outputs: outputs)
    _ = gradient(batch, randomMatrix(8, outputs, seed: 9), columns: 21)
    batch.fill(Array(0..<images)[...], of: dim.sparse)
    let fresh = filled(dim, outputs: outputs)
    #expect(batch.count == images)
    #expect(mismatchInBits(product(batch, parameters, rows: 8), product(fresh, parameters, rows: 8)) == nil)
    #expect(
      mismatchInBits(
        gradient(batch, outputGradient, columns: 21), gradient(fresh, outputGradient, columns: 21)) == nil)
  }

  @Test("a batch takes the rows that it was asked for, in that order", arguments: [10, 40])
  func order(outputs: Int) {
    let rows = RandomRows(9, columns: 30, seed: 10)
    let parameters = TestParameters(rows: 30, columns: outputs, seed: 11)
    let order = [8, 2, 2, 5, 0]
    let found = product(filled(rows, outputs: outputs, order: order), parameters, rows: 5)
    #expect(mismatchOfProduct(found, order.map { rows.values[$0] }, parameters) == nil)
  }

  @Test("an image alone has the bits it has among others", arguments: [10, 40])
  func alone(outputs: Int) {
    let rows = RandomRows(7, columns: 30, seed: 12)
    let parameters = TestParameters(rows: 30, columns: outputs, seed: 13)
    let together = product(filled(rows, outputs: outputs), parameters, rows: 7)
    let apart = (0..<7).flatMap { image in
      product(filled(rows, outputs: outputs, order: [image]), parameters, rows: 7)
    }
    #expect(mismatchInBits(together, apart) == nil)
  }

  @Test("a copy of a batch keeps its images when the other is filled again", arguments: [10, 40])
  func copies(outputs: Int) {
    let (first, second) = (RandomRows(4, columns: 20, seed: 14), RandomRows(4, columns: 20, seed: 15))
    let parameters = TestParameters(rows: 20, columns: outputs, seed: 16)
    var batch = filled(first, outputs: outputs)
    let copy = batch
    batch.fill([0, 1, 2, 3], of: second.sparse)
    let outputGradient = randomMatrix(4, outputs, seed: 18)
    for (batch, rows) in [(copy, first), (batch, second)] {
      let sums = ReferenceProducts.transposedProduct(rows.values, outputGradient).flatMap { $0 }
      #expect(mismatchInBits(gradient(batch, outputGradient, columns: 20), sums) == nil)
    }
    let expected = { (rows: RandomRows) in product(filled(rows, outputs: outputs), parameters, rows: 4) }
    #expect(mismatchInBits(product(copy, parameters, rows: 4), expected(first)) == nil)
    #expect(mismatchInBits(product(batch, parameters, rows: 4), expected(second)) == nil)
  }

  @Test("an empty batch and an empty matrix do no harm", arguments: [10, 40])
  func empty(outputs: Int) {
    let parameters = TestParameters(rows: 5, columns: outputs, seed: 17)
    var batch = PixelBatch(imageCapacity: 4, columns: 5, outputs: outputs)
    batch.fill([], of: SparseRows(columns: 5))
    #expect(product(batch, parameters, rows: 4).isEmpty)
    #expect(gradient(batch, randomMatrix(1, outputs, seed: 1), columns: 5).allSatisfy { $0 == 0 })
  }
}
