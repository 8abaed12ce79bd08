import GraftMatrices

@testable import GraftData

/// What `Augmenter` computes, written out in `Double` from the formulas.
struct PlainAugmentation {
  let shape: ImageShape
  let distortion: Distortion
  /// For each pixel of a plane, how far its place in the input is moved.
  var displacements: [(x: Double, y: Double)]

  init(_ distortion: Distortion, shape: ImageShape) {
    self.shape = shape
    self.distortion = distortion
    displacements = Array(repeating: (0, 0), count: shape.height * shape.width)
  }

  /// All that is drawn for an image.
  init(_ augmentation: Augmentation, shape: ImageShape, seed: UInt64, epoch: Int, index: Int) {
    var stream = RandomStream(Augmenter.key(seed: seed, epoch: epoch, index: index))
    self.init(Distortion(augmentation, shape: shape, from: &stream), shape: shape)
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

  func apply(to image: [UInt8]) -> [UInt8] {
    (0..<shape.count).map { place in
      let (channel, row) = (place / (shape.height * shape.width), place / shape.width % shape.height)
      let column = place % shape.width
      if distortion.erased.rows.contains(row), distortion.erased.columns.contains(column) { return 0 }
      let map = distortion.map
      let moved = displacements[row * shape.width + column]
      let x = Double(map.originX + map.xx * column + map.xy * row) * 0x1p-32 + moved.x
      let y = Double(map.originY + map.yx * column + map.yy * row) * 0x1p-32 + moved.y
      var sum = 0.0
      for near in 0..<shape.height {
        for beside in 0..<shape.width {
          let weight = max(1 - abs(x - Double(beside)), 0) * max(1 - abs(y - Double(near)), 0)
          if weight > 0 { sum += weight * level(image, channel, near, beside) }
        }
      }
      return UInt8((sum + 0.5).rounded(.down))
    }
  }

  /// A pixel of the input with thicker or thinner strokes.
  private func level(_ image: [UInt8], _ channel: Int, _ row: Int, _ column: Int) -> Double {
    func byte(_ row: Int, _ column: Int) -> Double {
      guard (0..<shape.height).contains(row), (0..<shape.width).contains(column) else { return 0 }
      return Double(image[(channel * shape.height + row) * shape.width + column])
    }
    let around = (-1...1).flatMap { dy in (-1...1).map { byte(row + dy, column + $0) } }
    let part = Double(distortion.thickness) / 256
    let goal = (part < 0 ? around.min() : around.max()) ?? 0
    return byte(row, column) + abs(part) * (goal - byte(row, column))
  }
}
