import GraftPictures

/// A rule that makes a model's image of a picture.
package enum ImageFitting: Sendable, Hashable {
  /// A picture has the size that the model reads; any other is refused.
  case exact
  /// The ink of a picture of any size is scaled and centred as that of MNIST's digits, see `DigitFraming`.
  case framed
  /// A picture of any size is brought to the model's size by `PictureFit.usual`, as the pictures that it learned from were.
  case fitted(PictureStyle)

  /// The rule of a model that learned from pictures.
  ///
  /// - Parameter fit: The style in which they were fitted, as a record has it; nil, or a text that is none, stands for `crop`.
  package static func pictures(fit: String? = nil) -> ImageFitting {
    .fitted(fit.flatMap(PictureStyle.init(parsing:)) ?? PictureStyle())
  }
}
