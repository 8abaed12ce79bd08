import Foundation
import GraftMatrices
import NumericChecks
import Testing

@testable import GraftData

private struct AffineCases: Decodable {
  struct Case: Decodable {
    let height: Int
    let width: Int
    let rotation: Double
    let scale: Double
    let shear: Double
    let shiftX: Double
    let shiftY: Double
    let pixels: [UInt8]
    let changed: [UInt8]
  }
  let cases: [Case]
}

@Suite struct AugmenterTests {
  private static let digits = DatasetPair.syntheticDigits(train: 600, test: 0, threads: 2).train
  private static let all = Augmentation(
    shift: 2, rotation: 15, scale: 0.9...1.1, shear: 10, elastic: 4, thickness: 0.3, erasing: 6)
  private static let shapes = [
    ImageShape.mnist, ImageShape(height: 9, width: 5), ImageShape(height: 3, width: 40),
    ImageShape(height: 1, width: 1),
    ImageShape(height: 1, width: 6), ImageShape(channels: 3, height: 8, width: 11),
  ]

  private func noise(_ shape: ImageShape, seed: UInt64 = 1) -> [UInt8] {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
    return (0..<shape.count).map { _ in stream.uniform() < 0.5 ? 0 : UInt8(stream.integer(below: 256)) }
  }

  private func changed(_ image: [UInt8], _ shape: ImageShape, by distortion: Distortion) -> [UInt8] {
    var augmenter = Augmenter(.none, shape: shape)
    var result = [UInt8](repeating: 77, count: shape.count)
    var output = result.mutableSpan
    augmenter.apply(distortion, to: image.span, into: &output)
    return result
  }

  // MARK: The same bytes everywhere

  @Test("seed, epoch and index decide the bytes, whatever was changed before")
  func determined() {
    var augmenter = Augmenter(Self.all, shape: .mnist)
    let image = Self.digits.image(7)
    let first = augmenter.apply(to: image, seed: 1, epoch: 2, index: 3)
    for (seed, epoch, index) in [(2, 2, 3), (1, 3, 3), (1, 2, 4), (1, 3, 2), (1 << 40, 2, 3), (1, -2, 3)] {
      #expect(augmenter.apply(to: image, seed: UInt64(seed), epoch: epoch, index: index) != first)
    }
    #expect(augmenter.apply(to: image, seed: 1, epoch: 2, index: 3) == first)
    var other = Augmenter(Self.all, shape: .mnist)
    #expect(other.apply(to: image, seed: 1, epoch: 2, index: 3) == first)
  }

  @Test("epochs and seeds share no random numbers")
  func keys() {
    let keys = (0..<64).flatMap { seed in
      (-1..<500).map { Augmenter.key(seed: UInt64(seed), epoch: $0, index: 0) }
    }
    #expect(Set(keys).count == keys.count)
    #expect(Augmenter.key(seed: 1, epoch: 1, index: 5).index == 5)
    #expect(keys[0].purpose == .augmentation)
  }

  @Test("threads change no byte, and a buffer is filled anew")
  func threads() {
    let alone = Self.digits.augmented(by: Self.all, seed: 5, epoch: 1, threads: 1)
    #expect(alone.labels == Self.digits.labels && alone.pixels != Self.digits.pixels)
    for threads in [2, 3] {
      #expect(Self.digits.augmented(by: Self.all, seed: 5, epoch: 1, threads: threads) == alone)
    }
    var buffer = [UInt8](repeating: 9, count: 3)
    Self.digits.augment(by: Self.all, seed: 5, epoch: 2, threads: 2, into: &buffer)
    #expect(buffer.count == alone.pixels.count && buffer != alone.pixels)
    Self.digits.augment(by: Self.all, seed: 5, epoch: 1, threads: 2, into: &buffer)
    #expect(buffer == alone.pixels)
    var augmenter = Augmenter(Self.all, shape: .mnist)
    for index in [0, 255, 256, 599] {
      let image = augmenter.apply(to: Self.digits.image(index), seed: 5, epoch: 1, index: index)
      #expect(image == Array(alone.image(index)))
    }
  }

  /// Printed by this very program on x86-64 Linux; other platforms must agree, since only exactly rounded operations are
  /// used. A change of the draws or their order changes it, and every augmented training with it: say so in the change log.
  @Test("600 images have the bytes that they always had")
  func golden() {
    let augmented = Self.digits.augmented(by: Self.all, seed: 2024, epoch: 3, threads: 2)
    #expect(augmented.digest == "02651c5ddafab35e276fa9585f35d1bb34f7a71de6f9544a5c0c371bbd6c75e8")
  }

  // MARK: Exact cases

  @Test("without an effect every byte stays", arguments: shapes)
  func identity(shape: ImageShape) throws {
    let image = noise(shape)
    for text in ["none", "shift=0,rotate=0,scale=1-1,shear=0,elastic=0,thickness=0,erase=0"] {
      var augmenter = Augmenter(try Augmentation(parsing: text), shape: shape)
      #expect(augmenter.apply(to: image[...], seed: 1, epoch: 2, index: 3) == image)
    }
    #expect(changed(image, shape, by: Distortion(map: AffineMap(shape: shape))) == image)
    let data = Dataset(name: "grey", shape: shape, classNames: ["a"], pixels: image, labels: [0])
    #expect(data.augmented(by: .none, seed: 1, epoch: 1, threads: 2) == data)
  }

  @Test("no images stay no images")
  func empty() {
    let data = Self.digits.selecting(images: [])
    #expect(data.augmented(by: Self.all, seed: 1, epoch: 1, threads: 2).count == 0)
    var augmenter = Augmenter(Self.all, shape: .mnist)
    let blank = [UInt8](repeating: 0, count: 784)
    #expect(augmenter.apply(to: blank[...], seed: 1, epoch: 1, index: 1) == blank)
  }

  @Test("a shift by whole pixels is exact; background follows it, in colours the border", arguments: shapes)
  func wholeShift(shape: ImageShape) {
    let image = noise(shape)
    for (dx, dy) in [(1, 0), (0, -1), (2, 3), (-40, 1)] {
      let expected = (0..<shape.count).map { place -> UInt8 in
        let (row, column) = (place / shape.width % shape.height - dy, place % shape.width - dx)
        let isInside = (0..<shape.height).contains(row) && (0..<shape.width).contains(column)
        guard isInside || shape.channels == 3 else { return 0 }
        let (nearRow, nearColumn) = (min(max(row, 0), shape.height - 1), min(max(column, 0), shape.width - 1))
        return image[(place / (shape.height * shape.width) * shape.height + nearRow) * shape.width + nearColumn]
      }
      let map = AffineMap(shiftX: Double(dx), shiftY: Double(dy), shape: shape)
      #expect(changed(image, shape, by: Distortion(map: map)) == expected, "\(dx), \(dy)")
    }
  }

  @Test("a half turn reverses each channel, four quarter turns change nothing", arguments: shapes)
  func turns(shape: ImageShape) {
    let image = noise(shape)
    let plane = shape.height * shape.width
    let reversed = (0..<shape.channels).flatMap { image[$0 * plane..<($0 + 1) * plane].reversed() }
    for degrees in [180.0, -180, 540] {
      let map = AffineMap(rotation: degrees, shape: shape)
      #expect(changed(image, shape, by: Distortion(map: map)) == reversed)
    }
    #expect(changed(image, shape, by: Distortion(map: AffineMap(rotation: 360, shape: shape))) == image)
    guard shape.height == shape.width else { return }
    let quarter = Distortion(map: AffineMap(rotation: 90, shape: shape))
    // Counter-clockwise: the last column becomes the first row.
    let turned = changed(image, shape, by: quarter)
    #expect(turned.prefix(shape.width).elementsEqual((0..<shape.height).map { image[($0 + 1) * shape.width - 1] }))
    #expect((0..<3).reduce(turned) { last, _ in changed(last, shape, by: quarter) } == image)
  }

  @Test("sine and cosine are the library's, and exact at quarter turns")
  func angles() {
    // The library is given radians, whose last bit is worth 9e-16 here.
    for degrees in stride(from: -360.0, through: 360, by: 0.37) {
      let angle = Angle(degrees: degrees)
      #expect(abs(angle.sine - sin(degrees * .pi / 180)) < 4e-15)
      #expect(abs(angle.cosine - cos(degrees * .pi / 180)) < 4e-15)
    }
    #expect(Angle(degrees: 270).sine == -1 && Angle(degrees: 270).cosine == 0)
    #expect(abs(Angle(degrees: 30).sine - 0.5) < 2e-16 && abs(Angle(degrees: 45).tangent - 1) < 3e-16)
  }

  // MARK: Against SciPy and the formulas

  @Test("is SciPy's affine_transform, within a grey level")
  func agreesWithSciPy() throws {
    let golden = try Golden.load(AffineCases.self, from: "augmentation")
    #expect(golden.cases.count == 24)
    for known in golden.cases {
      let shape = ImageShape(height: known.height, width: known.width)
      let map = AffineMap(
        rotation: known.rotation, scale: known.scale, shear: known.shear, shiftX: known.shiftX, shiftY: known.shiftY,
        shape: shape)
      let off = zip(changed(known.pixels, shape, by: Distortion(map: map)), known.changed)
        .map { abs(Int($0) - Int($1)) }
      #expect(off.max() ?? 0 <= 1)
      #expect(off.count { $0 > 0 } * 50 <= off.count, "\(shape), \(known.rotation)")
    }
  }

  @Test("all effects together are the formulas', within a grey level", arguments: shapes)
  func agreesWithFormulas(shape: ImageShape) throws {
    for (number, text) in ["standard,erase=6", "elastic=20,sigma=1", "elastic=3,sigma=50,rotate=180", "shift=9"]
      .enumerated()
    {
      let augmentation = try Augmentation(parsing: text)
      var augmenter = Augmenter(augmentation, shape: shape)
      for index in 0..<6 {
        var image = noise(shape, seed: UInt64(10 * number + index))
        // Also images with an empty border, which is passed over.
        if index % 2 == 0, shape.height > 4 {
          for place in image.indices where place / shape.width % shape.height < 3 || place % shape.width < 2 {
            image[place] = 0
          }
        }
        let expected = PlainAugmentation(augmentation, shape: shape, seed: 1, epoch: number, index: index).apply(
          to: image)
        let found = augmenter.apply(to: image[...], seed: 1, epoch: number, index: index)
        let off = zip(found, expected).map { abs(Int($0) - Int($1)) }
        #expect(off.max() ?? 0 <= 1, "\(text), image \(index)")
        #expect(off.count { $0 > 0 } * 50 <= off.count, "\(text), image \(index)")
      }
    }
  }

  @Test("the channels of an image move alike")
  func channels() {
    let grey = ImageShape(height: 12, width: 10)
    let planes = (0..<4).map { noise(grey, seed: $0 + 50) }
    var one = Augmenter(Self.all, shape: grey)
    for channels in [2, 4] {
      var all = Augmenter(Self.all, shape: ImageShape(channels: channels, height: 12, width: 10))
      for index in 0..<20 {
        let expected = planes[..<channels].flatMap { one.apply(to: $0[...], seed: 1, epoch: 1, index: index) }
        let found = all.apply(to: planes[..<channels].flatMap { $0 }[...], seed: 1, epoch: 1, index: index)
        #expect(found == expected)
      }
    }
  }
}
