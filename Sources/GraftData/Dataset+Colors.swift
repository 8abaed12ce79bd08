import GraftFiles
import GraftMatrices
import GraftPictures

extension Dataset {
  /// The same images in one channel or in three: greys become three equal channels, colours their luma (`Picture.luma`).
  ///
  /// - Throws: If the images have another number of channels than 1 or 3.
  package func converted(to colors: ColorMode) throws(GraftFailure) -> Dataset {
    if shape.channels == colors.channels { return self }
    guard [1, 3].contains(shape.channels) else {
      throw GraftFailure(.badData, "images of \(shape.channels) channels are neither grey nor in colour")
    }
    let plane = shape.height * shape.width
    var converted: [UInt8] = []
    converted.reserveCapacity(count * plane * colors.channels)
    for index in 0..<count {
      let image = image(index)
      switch colors {
      case .rgb: for _ in 0..<3 { converted += image }
      case .grey:
        let first = image.startIndex
        for place in first..<first + plane {
          converted.append(Picture.luma(image[place], image[place + plane], image[place + 2 * plane]))
        }
      }
    }
    return Dataset(
      name: name, shape: ImageShape(channels: colors.channels, height: shape.height, width: shape.width),
      classNames: classNames, pixels: converted, labels: labels)
  }
}

extension DatasetPair {
  /// Both parts in another size and in other colours.
  package func brought(to shape: ImageShape) throws(GraftFailure) -> DatasetPair {
    func brought(_ dataset: Dataset) throws(GraftFailure) -> Dataset {
      let own = dataset.shape
      let resized = try dataset.resized(
        to: ImageShape(channels: own.channels, height: shape.height, width: shape.width))
      return shape.channels == own.channels ? resized : try resized.converted(to: shape.channels == 1 ? .grey : .rgb)
    }
    return DatasetPair(train: try brought(train), test: try brought(test))
  }
}
