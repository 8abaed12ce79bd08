/// The numbers of one picture on its way to the size of a `PictureFit`: which pixels are needed, and where they go.
package struct FitPlan: Sendable, Hashable {
  /// One side of the picture.
  struct Side: Sendable, Hashable {
    let axis: ResamplingAxis
    /// The pixels of the resized picture that are computed.
    let window: Range<Int>
    /// Where they begin in the result.
    let start: Int
  }

  package let fit: PictureFit
  /// Columns of the picture in its file.
  package let fullWidth: Int
  /// Rows of the picture in its file.
  package let fullHeight: Int
  /// The power of two by which the picture is made smaller while it is decoded.
  package let shrunkBy: Int
  let across: Side
  let down: Side

  /// Columns of the decoded picture: ⌈`fullWidth` / `shrunkBy`⌉.
  package var sourceWidth: Int { across.axis.source }
  /// Rows of the decoded picture: ⌈`fullHeight` / `shrunkBy`⌉.
  package var sourceHeight: Int { down.axis.source }
  /// The columns of the decoded picture that the result depends on.
  package var columns: Range<Int> { across.axis.taps(of: across.window) }
  /// The rows of the decoded picture that the result depends on.
  package var rows: Range<Int> { down.axis.taps(of: down.window) }

  /// Columns of the whole resized picture.
  package var resizedWidth: Int { across.axis.resized }
  /// Rows of the whole resized picture.
  package var resizedHeight: Int { down.axis.resized }
  /// The columns of the resized picture that are in the result.
  package var windowColumns: Range<Int> { across.window }
  /// The rows of the resized picture that are in the result.
  package var windowRows: Range<Int> { down.window }
  /// The column of the result at which the window begins; above 0 only if the picture is padded.
  package var left: Int { across.start }
  /// The row of the result at which the window begins; above 0 only if the picture is padded.
  package var top: Int { down.start }

  /// The largest of 1, 2, 4 and 8 by which a decoder may shrink the picture first.
  ///
  /// Both sides of the shrunken picture are still at least twice those of the resized one, which leaves the filter
  /// enough to do. Pillow's `draft` and its `reducing_gap` of 2.0 give the same number.
  package var shrink: Int {
    [8, 4, 2].first { power in
      fullWidth >= 2 * power * resizedWidth && fullHeight >= 2 * power * resizedHeight
    } ?? 1
  }

  /// The same way for a picture that is shrunk by a power of two while it is decoded.
  package func shrunk(by power: Int) -> FitPlan {
    power == shrunkBy ? self : fit.plan(width: fullWidth, height: fullHeight, shrunkBy: power)
  }

  /// If the result is the picture as it is.
  var isIdentity: Bool {
    across.axis.isIdentity && down.axis.isIdentity && fit.width == sourceWidth && fit.height == sourceHeight
  }
}
