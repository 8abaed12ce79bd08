import GraftMatrices
import Testing

@testable import GraftData

/// What each effect does to images, seen from outside.
@Suite struct AugmentationEffectTests {
  private static let digits = DatasetPair.syntheticDigits(train: 400, test: 0, threads: 2).train

  /// The images of an epoch beside what they were.
  private func pairs(_ text: String, epoch: Int = 1) throws -> [(before: [UInt8], after: [UInt8])] {
    let digits = Self.digits
    let augmented = digits.augmented(by: try Augmentation(parsing: text), seed: 3, epoch: epoch, threads: 2)
    return (0..<digits.count).map { (Array(digits.image($0)), Array(augmented.image($0))) }
  }

  /// The centre of mass and the mass, in pixels and grey levels.
  private func moments(_ image: [UInt8]) -> (x: Double, y: Double, mass: Double) {
    var (x, y, mass) = (0.0, 0.0, 0.0)
    for (place, byte) in image.enumerated() {
      x += Double(place % 28) * Double(byte)
      y += Double(place / 28) * Double(byte)
      mass += Double(byte)
    }
    return (x / mass, y / mass, mass)
  }

  @Test("a shift moves the centre by up to as much, over the whole range, and keeps the mass")
  func shift() throws {
    let moves = try pairs("shift=2").map { pair -> (x: Double, y: Double) in
      let (old, new) = (moments(pair.before), moments(pair.after))
      #expect(abs(new.mass / old.mass - 1) < 0.04)
      return (new.x - old.x, new.y - old.y)
    }
    for axis in [moves.map(\.x), moves.map(\.y)] {
      #expect(axis.allSatisfy { abs($0) < 2.05 })
      #expect(axis.contains { $0 < -1.8 } && axis.contains { $0 > 1.8 } && axis.contains { abs($0) < 0.1 })
    }
    let mean = moves.map(\.x).reduce(0, +) / Double(moves.count)
    #expect(abs(mean) < 0.25)
  }

  @Test("rotation keeps the centre pixel and the mass")
  func rotation() throws {
    let shape = ImageShape(height: 15, width: 15)
    var image = [UInt8](repeating: 0, count: shape.count)
    for column in 2...12 { image[7 * 15 + column] = 200 }
    var augmenter = Augmenter(Augmentation(rotation: 30), shape: shape)
    var ends: Set<Int> = []
    for index in 0..<100 {
      let turned = augmenter.apply(to: image[...], seed: 1, epoch: 1, index: index)
      #expect(turned[7 * 15 + 7] == 200)
      let mass = turned.reduce(0) { $0 + Int($1) }
      #expect((1900...2500).contains(mass))
      // A line of five pixels either side: its end moves by up to 5 · sin 30° rows.
      let brightest = (0..<15).max { turned[$0 * 15 + 11] < turned[$1 * 15 + 11] }
      ends.insert((brightest ?? 0) - 7)
    }
    #expect(ends == [-2, -1, 0, 1, 2])
  }

  @Test("scaling changes the mass by the square of the factor")
  func scale() throws {
    for pair in try pairs("scale=0.7-0.7") {
      #expect(abs(moments(pair.after).mass / moments(pair.before).mass - 0.49) < 0.05)
    }
    let ratios = try pairs("scale=0.8-1.2").map { moments($0.after).mass / moments($0.before).mass }
    #expect((ratios.min() ?? 0) < 0.72 && (ratios.max() ?? 0) > 1.3)
  }

  @Test("shear slants a vertical line around its middle, and leaves rows in place")
  func shear() throws {
    let shape = ImageShape(height: 21, width: 21)
    var image = [UInt8](repeating: 0, count: shape.count)
    for row in 0..<21 { image[row * 21 + 10] = 255 }
    var augmenter = Augmenter(Augmentation(shear: 20), shape: shape)
    var tops: [Double] = []
    for index in 0..<60 {
      let slanted = augmenter.apply(to: image[...], seed: 1, epoch: 1, index: index)
      let centres = (0..<21).map { row in
        (0..<21).reduce(0) { $0 + Double($1) * Double(slanted[row * 21 + $1]) } / 255
      }
      #expect(centres[10] == 10)
      #expect(abs(centres[0] + centres[20] - 20) < 0.1)
      tops.append(centres[0] - 10)
    }
    // tan 20° · 10 rows
    #expect(tops.allSatisfy { abs($0) < 3.7 } && (tops.max() ?? 0) > 3 && (tops.min() ?? 0) < -3)
  }

  @Test("thickness makes strokes heavier or lighter and moves nothing")
  func thickness() throws {
    let all = try pairs("thickness=0.4")
    let ratios = all.map { pair -> Double in
      let (old, new) = (moments(pair.before), moments(pair.after))
      #expect(abs(new.x - old.x) < 0.4 && abs(new.y - old.y) < 0.4)
      let changes = zip(pair.before, pair.after).map { Int($1) - Int($0) }
      #expect(changes.allSatisfy { $0 >= 0 } || changes.allSatisfy { $0 <= 0 })
      return new.mass / old.mass
    }
    #expect((ratios.min() ?? 0) < 0.85 && (ratios.max() ?? 0) > 1.2)
    #expect((100...300).contains(ratios.count { $0 > 1 }))
  }

  @Test("erasing puts one rectangle of background in the image, and no other pixel changes")
  func erasing() throws {
    let shape = ImageShape(height: 12, width: 9)
    let image = [UInt8](repeating: 200, count: shape.count)
    for longest in [6, 100] {
      var augmenter = Augmenter(Augmentation(erasing: longest), shape: shape)
      var sizes: Set<Int> = []
      for index in 0..<200 {
        let erased = augmenter.apply(to: image[...], seed: 1, epoch: 1, index: index)
        let dark = erased.indices.filter { erased[$0] != 200 }
        #expect(dark.allSatisfy { erased[$0] == 0 })
        let rows = Set(dark.map { $0 / 9 }).sorted()
        let columns = Set(dark.map { $0 % 9 }).sorted()
        #expect(rows.count * columns.count == dark.count && max(rows.count, columns.count) <= longest)
        #expect(rows.isEmpty || (rows[rows.count - 1] - rows[0] == rows.count - 1))
        #expect(columns.isEmpty || (columns[columns.count - 1] - columns[0] == columns.count - 1))
        sizes.formUnion([rows.count, columns.count])
      }
      #expect(sizes == Set(0...min(longest, 12)))
    }
  }

  @Test("an effect that is switched off leaves the others as they were")
  func independent() throws {
    let shape = ImageShape(height: 10, width: 10)
    let full = try Augmentation(parsing: "shift=2,rotate=15,scale=0.9-1.1,shear=10,thickness=0.3,erase=6")
    let part = try Augmentation(parsing: "shift=2,thickness=0.3,erase=6")
    for index in 0..<20 {
      var one = RandomStream(Augmenter.key(seed: 1, epoch: 1, index: index))
      var other = one
      let (first, second) = (
        Distortion(full, shape: shape, from: &one), Distortion(part, shape: shape, from: &other)
      )
      #expect(first.thickness == second.thickness && first.erased == second.erased && one.next() == other.next())
    }
  }

  @Test("the elastic field is bounded, as large as Simard's, and as smooth as a Gaussian makes it")
  func elasticField() {
    var field = SmoothField(size: 5, sigma: 4, shape: .mnist)
    var stream = RandomStream(RandomKey(seed: 1, purpose: .bootstrap))
    var (square, count) = (0.0, 0.0)
    var products = [4: 0.0, 8: 0.0, 16: 0.0]
    var largest = 0.0
    for _ in 0..<400 {
      field.redraw(from: &stream)
      for row in 0..<28 {
        field.findLine(ofRow: row)
        let values = field.line.map { Double($0) / 65536 }
        largest = max(largest, values.map(abs).max() ?? 0)
        for axis in 0..<2 {
          let line = values[28 * axis..<28 * (axis + 1)].map { $0 }
          square += line.map { $0 * $0 }.reduce(0, +)
          count += 28
          for distance in products.keys.sorted() {
            let pairs = zip(line, line.dropFirst(distance)).map { $0 * $1 }
            products[distance, default: 0] += pairs.reduce(0, +) / Double(pairs.count)
          }
        }
      }
    }
    let variance = square / count
    // 34 · (1 / √3) · 1 / (2 · √π · 4) = 1.38
    #expect(largest <= 5 && abs(variance.squareRoot() - 1.38) < 0.07)
    for (distance, known) in [(4, 0.779), (8, 0.368), (16, 0.018)] {
      let correlation = (products[distance] ?? 0) / (count / 28) / variance
      #expect(abs(correlation - known) < 0.06, "\(distance): \(correlation)")
    }
  }

  @Test("elastic distortion moves the centre of a digit less than its bound and keeps its mass roughly")
  func elastic() throws {
    var total = 0.0
    for pair in try pairs("elastic=4") {
      let (old, new) = (moments(pair.before), moments(pair.after))
      #expect(abs(new.x - old.x) < 4 && abs(new.y - old.y) < 4)
      #expect((0.6...1.6).contains(new.mass / old.mass))
      #expect(pair.before != pair.after)
      total += new.mass / old.mass
    }
    #expect(abs(total / Double(Self.digits.count) - 1) < 0.05)
  }

  @Test("the standard ranges keep digits inside the image and apart from each other")
  func standard() throws {
    for pair in try pairs("standard") {
      let (old, new) = (moments(pair.before), moments(pair.after))
      #expect((8...19).contains(new.x) && (8...19).contains(new.y))
      #expect((0.5...1.9).contains(new.mass / old.mass))
    }
    let epochs = try (1...3).map { epoch in try pairs("standard", epoch: epoch).map(\.after) }
    #expect(Set(epochs.joined()).count == 3 * Self.digits.count)
  }
}
