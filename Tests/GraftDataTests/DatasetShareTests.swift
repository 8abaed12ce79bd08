import GraftData
import GraftFiles
import NumericChecks
import Testing

@Suite struct DatasetShareTests {
  private let data = Dataset(PatternImages(perClass: 20, classes: 5, seed: 2), classes: 5)

  /// Which images of the whole are in a part: no two are the same.
  private func indices(_ part: Dataset) -> [Int?] {
    (0..<part.count).map { index in data.labels.indices.first { data.image($0).elementsEqual(part.image(index)) } }
  }

  struct Wanted: Sendable, CustomTestStringConvertible {
    let share: Share
    let perClass: Int
    var testDescription: String { share.description }
  }

  @Test(
    "a share has as many images of each class, in the order of the whole",
    arguments: [
      Wanted(share: .fraction(0.2), perClass: 4), Wanted(share: .fraction(0.5), perClass: 10),
      Wanted(share: .fraction(0.33), perClass: 7), Wanted(share: .fraction(0.025), perClass: 1),
      Wanted(share: .fraction(1), perClass: 20), Wanted(share: .perClass(1), perClass: 1),
      Wanted(share: .perClass(7), perClass: 7), Wanted(share: .perClass(20), perClass: 20),
      Wanted(share: .all, perClass: 20),
    ])
  func stratified(wanted: Wanted) throws {
    let part = try data.share(wanted.share, seed: 1)
    #expect(part.countsPerClass == [Int](repeating: wanted.perClass, count: 5))
    let indices = try indices(part).map { try #require($0) }
    #expect(indices == indices.sorted() && Set(indices).count == part.count)
    #expect(part.labels == indices.map { data.labels[$0] })
    if wanted.perClass == 20 { #expect(part == data) }
  }

  @Test("a larger share of the same seed contains every smaller one")
  func nested() throws {
    let shares: [Share] = [
      .perClass(1), .perClass(2), .fraction(0.2), .perClass(5), .fraction(0.5), .fraction(0.8), .all,
    ]
    let sets = try shares.map { Set(indices(try data.share($0, seed: 3))) }
    for (smaller, larger) in zip(sets, sets.dropFirst()) { #expect(smaller.isStrictSubset(of: larger)) }
  }

  @Test("the same seed draws the same images, another seed others")
  func seeds() throws {
    let first = try data.share(.perClass(5), seed: 1)
    #expect(try first == data.share(.perClass(5), seed: 1))
    #expect(try first != data.share(.perClass(5), seed: 2))
  }

  @Test("a class' draw does not depend on which other classes are there")
  func independentOfOtherClasses() throws {
    let selection = try ClassSelection(parsing: "1,3", of: 5)
    let whole = try data.share(.perClass(4), seed: 7).selecting(selection)
    #expect(try whole == data.selecting(selection).share(.perClass(4), seed: 7))
  }

  @Test("draws are fair: over many seeds every image comes about as often")
  func fair() throws {
    var counts = [Int](repeating: 0, count: data.count)
    for seed in UInt64(0)..<200 {
      for index in indices(try data.share(.perClass(5), seed: seed)) { counts[try #require(index)] += 1 }
    }
    // A quarter of 200, give or take five deviations of √(200 · 1/4 · 3/4).
    #expect(counts.allSatisfy { abs($0 - 50) < 31 })
  }

  @Test(
    "a share that cannot be drawn is a usage error",
    arguments: [
      (.perClass(21), "21 images per class were asked for, but class class 0 has 20"),
      (.perClass(0), "a share of 0 per class of the 20 images of class class 0 is less than one image"),
      (.perClass(-3), "a share of -3 per class of the 20 images of class class 0 is less than one image"),
      (.fraction(0.02), "a share of 0.02 of the 20 images of class class 0 is less than one image"),
      (.fraction(0), "a share of 0.0 of the 20 images of class class 0 is less than one image"),
      (.fraction(1.5), "30 images per class were asked for, but class class 0 has 20"),
    ] as [(Share, String)])
  func impossible(share: Share, text: String) throws {
    let error = try #require(throws: GraftFailure.self) { try data.share(share, seed: 1) }
    #expect(error.kind == .usage && error.description == text)
  }
}
