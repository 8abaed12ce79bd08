import GraftFiles
import GraftMatrices

extension DatasetCheck {
  /// The findings about images with nothing to see: of one colour, or without a bright pixel.
  static func pixelFindings(_ pair: DatasetPair, names: ImageNames) -> [Finding] {
    let parts = [(pair.train, names.train(_:)), (pair.test, names.test(_:))]
    let count = pair.train.count + pair.test.count
    var (constant, dark): ([String], [String]) = ([], [])
    for (dataset, name) in parts {
      for index in 0..<dataset.count {
        let isDark = !dataset.image(index).contains { $0 > PixelRange.darkest }
        if isDark { dark.append(name(index)) }
        if dataset.isOneColor(index) { constant.append(name(index)) }
      }
    }
    var findings: [Finding] = []
    if count > 0, dark.count == count {
      let largest = parts.compactMap { PixelRange($0.0.rows)?.largest }.max() ?? 0
      findings.append(
        Finding(
          .nearlyBlack, .warning, count: count,
          "all images are nearly black: pixels must be 0 to 255, and the largest is \(largest)", examples: dark))
    } else if !dark.isEmpty {
      findings.append(
        Finding(
          .nearlyBlack, .warning, count: dark.count,
          "\(grouped(dark.count)) of \(grouped(count)) images \(dark.count == 1 ? "is" : "are") nearly black: "
            + "no pixel is above \(PixelRange.darkest)",
          examples: dark))
    }
    if !constant.isEmpty {
      findings.append(
        Finding(
          .constant, .warning, count: constant.count,
          "\(grouped(constant.count)) of \(grouped(count)) images "
            + (constant.count == 1 ? "is of one colour" : "are of one colour each") + ": there is nothing to see",
          examples: constant))
    }
    return findings
  }
}

extension Dataset {
  /// Whether each channel of an image has one value.
  fileprivate func isOneColor(_ index: Int) -> Bool {
    let image = image(index)
    let plane = shape.height * shape.width
    return (0..<shape.channels).allSatisfy { channel in
      let first = image.startIndex + channel * plane
      return image[first..<first + plane].allSatisfy { $0 == image[first] }
    }
  }
}
