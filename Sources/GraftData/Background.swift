import GraftMatrices

/// The side of the grey scale on which the background of images lies.
package enum Background: String, Sendable, Hashable {
  case dark, bright

  /// Finds the background of one image of one channel; nil if its border is neither clearly dark nor clearly bright, or
  /// nothing inside differs from it.
  static func of(_ pixels: ArraySlice<UInt8>, shape: ImageShape) -> Background? {
    guard shape.channels == 1, pixels.count == shape.count else { return nil }
    var (border, bright) = (0, 0)
    for row in 0..<shape.height {
      let step = row == 0 || row == shape.height - 1 ? 1 : max(1, shape.width - 1)
      for column in stride(from: 0, to: shape.width, by: step) {
        border += 1
        if pixels[pixels.startIndex + row * shape.width + column] > 127 { bright += 1 }
      }
    }
    if bright * 10 >= border * 9 { return pixels.contains { $0 <= 127 } ? .bright : nil }
    if bright * 10 <= border { return pixels.contains { $0 > 127 } ? .dark : nil }
    return nil
  }
}

extension Dataset {
  /// The background of most images; nil if no side has a majority.
  package var background: Background? {
    // A thousand images are enough of a sample.
    let looked = stride(from: 0, to: count, by: max(1, count / 1000)).map { Background.of(image($0), shape: shape) }
    return [Background.dark, .bright].first { kind in looked.filter { $0 == kind }.count * 2 > looked.count }
  }
}
