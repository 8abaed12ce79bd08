import GraftMatrices

@testable import GraftData

/// What `Augmenter` computes, written out in `Double` from the formulas.
struct PlainAugmentation {
  let shape: ImageShape
  let distortion: Distortion
  let photographic: PlainPhotographChange
  /// For each pixel of a plane, how far its place in the input is moved.
  var displacements: [(x: Double, y: Double)]

  /// All that is drawn for an image.
  init(_ augmentation: Augmentation, shape: ImageShape, seed: UInt64, epoch: Int, index: Int) {
    var stream = RandomStream(Augmenter.key(seed: seed, epoch: epoch, index: index))
    self.shape = shape
    distortion = Distortion(augmentation, shape: shape, from: &stream)
    photographic = PlainPhotographChange(augmentation, shape: shape, seed: seed, epoch: epoch, index: index)
    displacements = Array(repeating: (0, 0), count: shape.height * shape.width)
    guard augmentation.elastic > 0 else { return }
    var field = SmoothField(size: augmentation.elastic, sigma: augmentation.sigma, shape: shape)
    field.redraw(from: &stream)
    for row in 0..<shape.height {
      field.findLine(ofRow: row)
      for column in 0..<shape.width {
        displacements[row * shape.width + column] = (
          Double(field.line[column]) / 65536, Double(field.line[shape.width + column]) / 65536
        )
      }
    }
  }

  private var isColor: Bool { shape.channels == 3 }

  func apply(to image: [UInt8]) -> [UInt8] {
    let moved = (0..<shape.count).map { place in
      let (channel, row) = (place / (shape.height * shape.width), place / shape.width % shape.height)
      let column = place % shape.width
      let displacement = displacements[row * shape.width + column]
      let seen = photographic.place(column: column, row: row)
      let map = distortion.map
      var x = (Double(map.originX) + Double(map.xx) * seen.x + Double(map.xy) * seen.y) * 0x1p-32 + displacement.x
      var y = (Double(map.originY) + Double(map.yx) * seen.x + Double(map.yy) * seen.y) * 0x1p-32 + displacement.y
      if isColor {
        x = min(max(x, 0), Double(shape.width - 1))
        y = min(max(y, 0), Double(shape.height - 1))
      }
      var sum = 0.0
      for near in 0..<shape.height {
        for beside in 0..<shape.width {
          let weight = max(1 - abs(x - Double(beside)), 0) * max(1 - abs(y - Double(near)), 0)
          if weight > 0 { sum += weight * level(image, channel, near, beside) }
        }
      }
      return (sum + 0.5).rounded(.down)
    }
    return photographic.recolored(moved).enumerated().map { place, value in
      let (row, column) = (place / shape.width % shape.height, place % shape.width)
      let isErased = distortion.erased.rows.contains(row) && distortion.erased.columns.contains(column)
      return isErased ? (isColor ? 128 : 0) : UInt8(value)
    }
  }

  /// A pixel of the input with thicker or thinner strokes.
  private func level(_ image: [UInt8], _ channel: Int, _ row: Int, _ column: Int) -> Double {
    func byte(_ row: Int, _ column: Int) -> Double {
      let isInside = (0..<shape.height).contains(row) && (0..<shape.width).contains(column)
      guard isInside || isColor else { return 0 }
      let (near, beside) = (min(max(row, 0), shape.height - 1), min(max(column, 0), shape.width - 1))
      return Double(image[(channel * shape.height + near) * shape.width + beside])
    }
    let around = (-1...1).flatMap { dy in (-1...1).map { byte(row + dy, column + $0) } }
    let part = Double(distortion.thickness) / 256
    let goal = (part < 0 ? around.min() : around.max()) ?? 0
    return byte(row, column) + abs(part) * (goal - byte(row, column))
  }
}
