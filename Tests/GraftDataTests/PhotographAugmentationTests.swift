import GraftMatrices
import NumericChecks
import Testing

@testable import GraftData

/// The effects that came with colour photographs.
@Suite struct PhotographAugmentationTests {
  private static let shapes = [
    ImageShape(channels: 3, height: 32, width: 32), ImageShape(channels: 3, height: 9, width: 14),
    ImageShape(channels: 3, height: 1, width: 1), ImageShape(channels: 3, height: 2, width: 23),
    ImageShape(height: 17, width: 12), ImageShape(channels: 4, height: 6, width: 7),
  ]
  private static let color = ImageShape(channels: 3, height: 12, width: 10)

  private func noise(_ shape: ImageShape, seed: UInt64 = 1) -> [UInt8] {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
    return (0..<shape.count).map { _ in UInt8(stream.integer(below: 256)) }
  }

  /// The changed versions of one image in some epochs.
  private func versions(
    _ augmentation: Augmentation, _ image: [UInt8], _ shape: ImageShape, _ count: Int
  ) -> [[UInt8]] {
    var augmenter = Augmenter(augmentation, shape: shape)
    return (0..<count).map { augmenter.apply(to: image[...], seed: 7, epoch: $0, index: 3) }
  }

  private func draws(_ augmentation: Augmentation, _ shape: ImageShape, _ index: Int) -> PlainPhotographChange {
    PlainPhotographChange(augmentation, shape: shape, seed: 1, epoch: 1, index: index)
  }

  // MARK: Against the formulas

  /// Moved pixels are within a level, and so are changed colours. If both are asked for, colours may multiply a level.
  @Test("all effects are the formulas', within a level", arguments: shapes)
  func agreesWithFormulas(shape: ImageShape) throws {
    var texts = [
      ("small", 1), ("flip=0.5,crop=0.08-1", 1), ("crop=0.3-0.3,rotate=40,scale=0.5-2", 1),
      ("thickness=1,rotate=20", 1), ("standard,erase=6,flip=0.5,crop=0.2-1", 1), ("flip=0.5,hue=0.5,saturation=1", 1),
      ("brightness=0.4,contrast=0.4,saturation=0.4,hue=0.1,erase=3", 1), ("shift=2.5,brightness=0.4,contrast=0.4", 2),
      ("photo", 2), ("standard,erase=6,flip=0.5,crop=0.2-1,brightness=0.4,contrast=0.4,saturation=0.4,hue=0.1", 3),
    ]
    if shape.channels != 3 { texts = texts.filter { !$0.0.contains("hue") } }
    for (number, (text, most)) in texts.enumerated() {
      let augmentation = try Augmentation(parsing: text)
      var augmenter = Augmenter(augmentation, shape: shape)
      for index in 0..<4 {
        let image = noise(shape, seed: UInt64(10 * number + index))
        let expected = PlainAugmentation(augmentation, shape: shape, seed: 1, epoch: number, index: index).apply(
          to: image)
        let found = augmenter.apply(to: image[...], seed: 1, epoch: number, index: index)
        let off = zip(found, expected).map { abs(Int($0) - Int($1)) }
        #expect(off.max() ?? 0 <= most, "\(text), image \(index)")
        #expect(off.count { $0 > 0 } * 50 <= off.count, "\(text), image \(index)")
      }
    }
  }

  @Test("the windows and factors that are drawn are the formulas'")
  func drawsAgree() {
    for shape in Self.shapes {
      let augmentation = Augmentation(
        flip: 0.3, crop: 0.08...0.9, brightness: 0.4, contrast: 2, saturation: 0.1, hue: 0.25)
      for index in 0..<50 {
        var stream = RandomStream(Augmenter.photographicKey(seed: 1, epoch: 1, index: index))
        let colors = ColorChange(augmentation, from: &stream)
        let window = CropWindow(augmentation, shape: shape, from: &stream)
        let expected = draws(augmentation, shape, index)
        let pairs = [
          (window.left, expected.left), (window.top, expected.top), (window.width, expected.width),
          (window.height, expected.height),
        ]
        #expect(pairs.allSatisfy { abs($0 - $1) < 1e-11 } && window.isMirrored == expected.isMirrored)
        #expect(Double(colors.brightness) / 65536 == expected.brightness)
        #expect(Double(colors.contrast) / 65536 == expected.contrast)
        #expect(Double(colors.saturation) / 65536 == expected.saturation)
        #expect(abs(Double(colors.hue) / 65536 / 6 - expected.hue) < 1e-15)
      }
    }
  }

  // MARK: Order and bits

  @Test("seed, epoch and index decide the bytes, on any number of threads")
  func determined() {
    let shape = Self.color
    let images = (0..<300).map { noise(shape, seed: $0) }
    let data = Dataset(
      name: "noise", shape: shape, classNames: ["a"], pixels: images.flatMap { $0 },
      labels: Array(repeating: 0, count: 300))
    let all = Augmentation(
      shift: 1, flip: 0.5, crop: 0.3...1, brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.1)
    let alone = data.augmented(by: all, seed: 5, epoch: 2, threads: 1)
    #expect(data.augmented(by: all, seed: 5, epoch: 2, threads: 2) == alone)
    #expect(data.augmented(by: all, seed: 5, epoch: 3, threads: 2) != alone)
    var augmenter = Augmenter(all, shape: shape)
    for index in [299, 0, 257, 256, 0] {
      let image = augmenter.apply(to: data.image(index), seed: 5, epoch: 2, index: index)
      #expect(image == Array(alone.image(index)))
    }
  }

  /// Printed by this very program; a change of the draws or their order changes it, and every augmented training with it.
  @Test("40 images have the bytes that they always had")
  func golden() {
    let shape = ImageShape(channels: 3, height: 16, width: 20)
    let data = Dataset(
      name: "noise", shape: shape, classNames: ["a"], pixels: (0..<40).flatMap { noise(shape, seed: $0) },
      labels: Array(repeating: 0, count: 40))
    let all = Augmentation(
      shift: 2, rotation: 15, elastic: 2, erasing: 5, flip: 0.5, crop: 0.3...1, brightness: 0.4, contrast: 0.4,
      saturation: 0.4, hue: 0.1)
    let digest = data.augmented(by: all, seed: 2024, epoch: 3, threads: 2).digest
    #expect(digest == "e9822a66e65df97fc0b7c0ae5ae6838f311cfacea93173346894dd19cf705368")
  }

  @Test("the effects on digits draw what they drew without these, and these share no numbers with them")
  func separate() throws {
    let text = "shift=2,rotate=15,scale=0.9-1.1,shear=10,thickness=0.25"
    for shape in [ImageShape(height: 20, width: 17), ImageShape(channels: 3, height: 20, width: 17)] {
      let image = noise(shape)
      let plain = versions(try Augmentation(parsing: text), image, shape, 10)
      let mirrored = versions(try Augmentation(parsing: text + ",flip=1"), image, shape, 10)
      for (one, other) in zip(plain, mirrored) {
        let rows = stride(from: 0, to: one.count, by: 17).map { one[$0..<$0 + 17] }
        #expect(rows.flatMap { $0.reversed() } == other)
      }
    }
    let keys = (-40..<400).flatMap { epoch in
      [
        Augmenter.key(seed: 9, epoch: epoch, index: 1), Augmenter.photographicKey(seed: 9, epoch: epoch, index: 1),
      ]
    }
    #expect(Set(keys).count == keys.count)
  }

  // MARK: Mirroring

  @Test("mirroring reverses each row, and twice is nothing", arguments: shapes)
  func flip(shape: ImageShape) {
    let image = noise(shape)
    let rows = stride(from: 0, to: image.count, by: shape.width).map { image[$0..<$0 + shape.width] }
    let mirrored = versions(Augmentation(flip: 1), image, shape, 1)[0]
    #expect(mirrored == rows.flatMap { $0.reversed() })
    #expect(versions(Augmentation(flip: 1), mirrored, shape, 1)[0] == image)
  }

  @Test("an image is mirrored as often as is asked for")
  func flipFrequency() {
    let image = noise(Self.color)
    for (flip, range) in [(0.5, 430...570), (0.1, 70...130), (1.0, 1000...1000)] {
      let all = versions(Augmentation(flip: flip), image, Self.color, 1000)
      #expect(Set(all).count <= 2 && range.contains(all.count { $0 != image }))
    }
  }

  // MARK: Cropping

  @Test("crops lie inside the image, and their areas and ratios fill their ranges")
  func crops() {
    let shape = ImageShape(channels: 3, height: 60, width: 50)
    let augmentation = Augmentation(crop: 0.1...0.6)
    let all = (0..<2000).map { draws(augmentation, shape, $0) }
    #expect(all.allSatisfy { $0.left >= 0 && $0.left + $0.width <= 50 && $0.top >= 0 && $0.top + $0.height <= 60 })
    let shares = all.map { $0.width * $0.height / 3000 }
    #expect(shares.allSatisfy { $0 > 0.0999 && $0 < 0.6001 })
    #expect(abs(shares.reduce(0, +) / 2000 - 0.35) < 0.02 && (shares.min() ?? 1) < 0.11 && (shares.max() ?? 0) > 0.59)
    let ratios = all.map { $0.width / $0.height }
    #expect(ratios.allSatisfy { $0 > 0.7499 && $0 < 1.3334 })
    #expect(abs(ratios.count { $0 < 1 } - 1000) < 100 && (ratios.min() ?? 1) < 0.76 && (ratios.max() ?? 0) > 1.31)
    #expect(all.contains { $0.left < 1 } && all.contains { $0.left + $0.width > 49 })
  }

  @Test("a crop of a ramp is a slower ramp, and a long image is cropped around its middle")
  func cropOfRamp() {
    let shape = ImageShape(channels: 3, height: 20, width: 20)
    let ramp = (0..<shape.count).map { UInt8(10 * ($0 % 20)) }
    for image in versions(Augmentation(crop: 0.25...0.25), ramp, shape, 20) {
      let steps = zip(image[1..<19], image[2..<20]).map { Int($1) - Int($0) }
      // A quarter of the area: half of each side, times or by √(4/3) at most. The border continues.
      #expect(steps.allSatisfy { (0...6).contains($0) } && steps.reduce(0, +) > 55)
      #expect(image[0..<20] == image[20..<40] && image[0..<400] == image[800..<1200])
    }
    let long = CropWindow.middle(of: ImageShape(channels: 3, height: 3, width: 90))
    #expect(long == (43, 0, 4, 3))
  }

  // MARK: Colours

  @Test("brightness multiplies, contrast moves away from the mean, in colours and greys", arguments: shapes)
  func brightnessAndContrast(shape: ImageShape) {
    let image = noise(shape).map { $0 / 2 + 40 }
    let bright = versions(Augmentation(brightness: 0.2), image, shape, 200)
    let factors = bright.map { version in
      Double(version.reduce(0) { $0 + Int($1) }) / Double(image.reduce(0) { $0 + Int($1) })
    }
    #expect(factors.allSatisfy { $0 > 0.79 && $0 < 1.21 })
    #expect((factors.min() ?? 1) < 0.83 && (factors.max() ?? 1) > 1.17)
    for version in versions(Augmentation(contrast: 0.5), image, shape, 30) {
      // A line through the mean: equal levels stay equal, and order stays.
      let pairs = zip(image, version).sorted { $0.0 < $1.0 }
      #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.1 <= $1.1 && ($0.0 < $1.0 || $0.1 == $1.1) })
    }
  }

  @Test("saturation and hue leave greys alone, and keep what they should")
  func saturationAndHue() {
    let shape = Self.color
    let plane = shape.height * shape.width
    let grey = Array(repeatElement(noise(ImageShape(height: 12, width: 10)), count: 3).joined())
    let image = noise(shape)
    for version in versions(Augmentation(saturation: 1, hue: 0.5), grey, shape, 20) { #expect(version == grey) }
    for version in versions(Augmentation(hue: 0.5), image, shape, 20) {
      for pixel in 0..<plane {
        let (old, new) = (
          [image[pixel], image[pixel + plane], image[pixel + 2 * plane]],
          [version[pixel], version[pixel + plane], version[pixel + 2 * plane]]
        )
        #expect(old.max() == new.max() && old.min() == new.min())
      }
    }
    for version in versions(Augmentation(saturation: 0.3), image.map { $0 / 2 + 60 }, shape, 10) {
      for pixel in 0..<plane {
        func luma(_ image: [UInt8]) -> Double {
          0.299 * Double(image[pixel]) + 0.587 * Double(image[pixel + plane]) + 0.114 * Double(image[pixel + 2 * plane])
        }
        #expect(abs(luma(version) - luma(image.map { $0 / 2 + 60 })) < 1)
      }
    }
  }

  @Test("red turns to green and blue by thirds of the circle, and back")
  func thirds() {
    let shape = ImageShape(channels: 3, height: 1, width: 2)
    func turned(_ image: [UInt8], by thirds: Int) -> [UInt8] {
      var (result, jitter) = (image, ColorJitter(shape: shape))
      var change = ColorChange.none
      change.hue = thirds * 2 << ColorChange.fraction
      var span = result.mutableSpan
      jitter.apply(change, to: &span, at: 0)
      return result
    }
    // Two pixels: a reddish and a dark one.
    let image: [UInt8] = [200, 7, 50, 9, 20, 11]
    #expect(turned(image, by: 1) == [20, 11, 200, 7, 50, 9])
    #expect(turned(image, by: -1) == [50, 9, 20, 11, 200, 7])
    #expect(turned(turned(image, by: 1), by: -1) == image)
  }

  // MARK: Borders and rectangles

  @Test("erasing puts a grey rectangle into colour images")
  func erasing() {
    let image = [UInt8](repeating: 200, count: Self.color.count)
    let all = versions(Augmentation(erasing: 5, brightness: 0.1), image, Self.color, 100)
    #expect(all.contains { $0.contains(128) })
    for version in all {
      #expect(Set(version).count <= 2 && Set(version).subtracting([128]).allSatisfy { (180...220).contains($0) })
      let places = version.indices.filter { version[$0] == 128 }
      #expect(Set(places.map { $0 / 10 % 12 }).count * Set(places.map { $0 % 10 }).count * 3 == places.count)
    }
  }

  @Test("an image of one colour stays that, however it is moved")
  func borders() throws {
    let planes: [UInt8] = [90, 255, 3]
    let image = planes.flatMap { [UInt8](repeating: $0, count: 120) }
    let text = "shift=9,rotate=180,scale=0.2-2,shear=50,elastic=8,thickness=1,flip=0.5,crop=0.1-1"
    for version in versions(try Augmentation(parsing: text), image, Self.color, 100) { #expect(version == image) }
  }

  @Test("shifts alone move colour images by whole pixels, each equally often")
  func wholePixels() {
    let shape = ImageShape(channels: 3, height: 8, width: 8)
    let image = noise(shape)
    var counts: [Int: Int] = [:]
    for version in versions(Augmentation(shift: 2), image, shape, 1000) {
      let moves = (-2...2).filter { dx in
        (-2...2).contains { dy in
          (0..<64).allSatisfy { place in
            let (row, column) = (min(max(place / 8 - dy, 0), 7), min(max(place % 8 - dx, 0), 7))
            return version[place] == image[row * 8 + column]
          }
        }
      }
      #expect(moves.count == 1)
      counts[moves.first ?? 9, default: 0] += 1
    }
    #expect(counts.count == 5 && counts.values.allSatisfy { (150...250).contains($0) })
    // Between pixels, if a half is asked for.
    #expect(!Set(versions(Augmentation(shift: 2.5), image, shape, 4).joined()).isSubset(of: Set(image)))
  }
}

extension CropWindow {
  /// The window that is taken if none of ten fits.
  fileprivate static func middle(of shape: ImageShape) -> (Double, Double, Double, Double) {
    var stream = RandomStream(Augmenter.photographicKey(seed: 1, epoch: 1, index: 1))
    let window = CropWindow(Augmentation(crop: 0.9...1), shape: shape, from: &stream)
    return (window.left, window.top, window.width, window.height)
  }
}
