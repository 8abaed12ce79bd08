import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftPictures

extension Checkpoint {
  /// Checks that the images of `dataset` have the shape that the model reads.
  ///
  /// - Throws: If they have another shape.
  package func checkShape(of dataset: Dataset, path: String) throws(GraftFailure) {
    guard model.inputShape == dataset.shape else {
      throw GraftFailure(
        .badData,
        "\(path): the model reads images of \(model.inputShape), \(dataset.name) has \(dataset.shape)")
    }
  }

  /// The way of a picture to the shape that the model reads: as those that it learned from were fitted. A model of greys that
  /// did not learn from pictures reads images of its own size.
  ///
  /// - Parameter framing: Whether the picture shows a digit that is framed as MNIST's were.
  /// - Throws: If a picture is to be framed for a model of colours.
  package func imageFitting(framing: Bool = false) throws(GraftFailure) -> ImageFitting {
    let channels = model.inputShape.channels
    guard !framing || channels == 1 else {
      throw GraftFailure(.usage, "a model of images in \(channels) channels reads no framed digits")
    }
    if framing { return .framed }
    guard channels == 3 || record["fit"] != nil else { return .exact }
    return .pictures(fit: record["fit"]?.string)
  }

  /// The style in which the pictures that the model learned from were fitted; nil if it learned from none.
  package var pictureStyle: PictureStyle? { record["fit"]?.string.flatMap(PictureStyle.init(parsing:)) }

  /// The background of the images that the model learned from, as far as its record tells.
  package var learnedBackground: Background {
    record["background"]?.string.flatMap(Background.init(rawValue:)) ?? .dark
  }
}
