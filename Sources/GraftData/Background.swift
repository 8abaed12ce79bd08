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

extension ImageInput {
  /// The same image with dark and bright exchanged.
  package var inverted: ImageInput {
    ImageInput(name: name, pixels: pixels.map { 255 - $0 }, isFramed: isFramed, doubts: doubts)
  }

  /// The image with the doubts about an answer by a model that learned from images of this background. A framed image
  /// was examined earlier.
  package func checked(shape: ImageShape, learned background: Background) -> ImageInput {
    guard !isFramed else { return self }
    var doubts = doubts
    if let pixels = PixelRange(pixels[...]) {
      if pixels.isConstant {
        doubts.append(.constant(pixels.largest))
      } else if pixels.isNearlyBlack {
        doubts.append(.nearlyBlack(pixels.largest))
      }
    }
    switch (Background.of(pixels[...], shape: shape), background) {
    case (.bright, .dark): doubts.append(.darkInk)
    case (.dark, .bright): doubts.append(.brightInk)
    default: break
    }
    return ImageInput(name: name, pixels: pixels, doubts: doubts)
  }
}
