import GraftData
import GraftFiles
import GraftMatrices
import Testing

@Suite("A validation split")
struct ValidationSplitTests {
  /// 30 images of class a, 20 of b; each pixel is the image's own number.
  private var dataset: Dataset {
    let labels = (0..<50).map { $0 % 5 < 3 ? 0 : 1 }
    return Dataset(
      name: "numbers", shape: ImageShape(height: 1, width: 1), classNames: ["a", "b"],
      pixels: (0..<50).map { UInt8($0) },
      labels: labels)
  }

  @Test("takes the same share of each class, and every image is on one side")
  func stratified() throws {
    let (train, validation) = try dataset.splittingOff(validation: 0.2, seed: 1)
    #expect(validation.countsPerClass == [6, 4])
    #expect(train.countsPerClass == [24, 16])
    #expect((train.pixels + validation.pixels).sorted() == dataset.pixels)
  }

  @Test("depends on the seed alone")
  func seeded() throws {
    let first = try dataset.splittingOff(validation: 0.2, seed: 1).validation
    #expect(try dataset.splittingOff(validation: 0.2, seed: 1).validation == first)
    #expect(try dataset.splittingOff(validation: 0.2, seed: 2).validation != first)
  }

  @Test("refuses to leave a class without images on a side", arguments: [0.001, 0.999])
  func refuses(share: Double) {
    #expect(throws: GraftFailure.self) { try dataset.splittingOff(validation: share, seed: 1) }
  }
}
