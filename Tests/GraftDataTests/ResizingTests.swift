import GraftData
import GraftFiles
import GraftMatrices
import NumericChecks
import Testing

private struct ResizingCases: Decodable {
  struct Case: Decodable {
    let height: Int
    let width: Int
    let toHeight: Int
    let toWidth: Int
    let pixels: [UInt8]
    let resized: [UInt8]
  }
  let cases: [Case]
}

@Suite("Resizing images")
struct ResizingTests {
  private func dataset(_ shape: ImageShape, _ pixels: [UInt8]) -> Dataset {
    Dataset(
      name: "grey", shape: shape, classNames: ["a"], pixels: pixels,
      labels: [Int](repeating: 0, count: pixels.count / shape.count))
  }

  @Test("is Pillow's, within the grey level that its fixed point may differ by")
  func agreesWithPillow() throws {
    let golden = try Golden.load(ResizingCases.self, from: "resizing")
    #expect(golden.cases.count == 12)
    for known in golden.cases {
      let old = ImageShape(height: known.height, width: known.width)
      let new = ImageShape(height: known.toHeight, width: known.toWidth)
      let resized = try dataset(old, known.pixels).resized(to: new)
      #expect(resized.shape == new && resized.count == 1)
      let off = zip(resized.pixels, known.resized).map { abs(Int($0) - Int($1)) }
      #expect(off.max() ?? 0 <= 1, "\(old) to \(new)")
      #expect(off.count { $0 > 0 } * 4 <= off.count, "\(old) to \(new)")
    }
  }

  @Test("halving is the mean of an area weighted by nearness, with a half rounded upwards")
  func exact() throws {
    let line = ImageShape(height: 1, width: 4)
    // Weights 3 3 1 and 1 3 3, and the sums 7.
    let halved = try dataset(line, [10, 20, 30, 40]).resized(to: ImageShape(height: 1, width: 2))
    #expect(halved.pixels == [17, 33])
    let doubled = try dataset(ImageShape(height: 1, width: 2), [0, 2]).resized(to: line)
    // 0, 0.5, 1.5, 2.
    #expect(doubled.pixels == [0, 1, 2, 2])
  }

  @Test("keeps a plain image plain, the labels, and every image and channel apart")
  func plain() throws {
    let shape = ImageShape(channels: 2, height: 3, width: 5)
    let plain = dataset(shape, (0..<4).flatMap { [UInt8](repeating: UInt8($0 * 85), count: 15) })
    for (height, width) in [(3, 5), (2, 2), (7, 9), (1, 40)] {
      let resized = try plain.resized(to: ImageShape(channels: 2, height: height, width: width))
      let expected = (0..<4).flatMap { [UInt8](repeating: UInt8($0 * 85), count: height * width) }
      #expect(resized.pixels == expected && resized.labels == plain.labels)
    }
    #expect(try plain.resized(to: shape) == plain)
  }

  @Test("no images stay no images")
  func none() throws {
    #expect(try dataset(.mnist, []).resized(to: ImageShape(height: 5, width: 5)).count == 0)
  }

  @Test("refuses other channels and impossible sides, in words")
  func refuses() throws {
    let images = dataset(.mnist, [])
    let channels = errorText { try images.resized(to: ImageShape(channels: 3, height: 28, width: 28)) }
    #expect(channels == "images of 1 channels cannot become images of 3 by resizing")
    for side in [0, 8193] {
      let text = errorText { try images.resized(to: ImageShape(height: 28, width: side)) }
      #expect(text == "cannot resize images of 1x28x28 to 1x28x\(side): a side may have 1 to 8192 pixels")
    }
  }
}
