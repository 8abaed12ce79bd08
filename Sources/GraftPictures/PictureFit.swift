/// A rule that brings pictures of any size to one height and width.
package struct PictureFit: Sendable, Hashable {
  /// The ways to deal with pictures of another shape than the wanted one.
  package enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Keeps the proportions and cuts off the edges: torchvision's `Resize` of the shorter side and `CenterCrop`.
    case crop
    /// Keeps the whole picture and gives up its proportions.
    case squash
    /// Keeps both: the picture is as large as fits, in the middle, and the rest is 0 (Pillow's `ImageOps.pad`).
    case pad
  }

  /// Rows of the result, at least 1.
  package let height: Int
  /// Columns of the result, at least 1.
  package let width: Int
  package let mode: Mode
  /// The part of the resized picture's shorter side that `crop` keeps, above 0 and up to 1. The other modes ignore it.
  package let cropRatio: Double
  package let filter: ResamplingFilter

  /// A rule; the default crop ratio is the usual one, 224 of 256 pixels.
  package init(
    height: Int, width: Int, mode: Mode = .crop, cropRatio: Double = 0.875, filter: ResamplingFilter = .bilinear
  ) {
    precondition(height > 0 && width > 0 && cropRatio > 0 && cropRatio <= 1)
    self.height = height
    self.width = width
    self.mode = mode
    self.cropRatio = cropRatio
    self.filter = filter
  }

  /// Computes one picture. A `Resampler` is faster for many.
  package func apply(to picture: Picture) -> Picture {
    var resampler = Resampler(self)
    return resampler.apply(to: picture)
  }
}

// MARK: - Usual rule

extension PictureFit {
  /// The part of the resized picture's shorter side that images of some size keep: the ratio of torchvision's usual
  /// evaluation, 224 of 256.
  private static let usualCropRatio = 0.875
  /// The shorter side of an image from which on its picture's edges are cut off; smaller images keep all of the shorter side.
  private static let leastCroppedSide = 128

  /// The usual rule, for the pictures that a network learns from and for those that it answers.
  package static func usual(height: Int, width: Int, _ style: PictureStyle = PictureStyle()) -> PictureFit {
    let ratio = min(height, width) >= leastCroppedSide ? usualCropRatio : 1
    return PictureFit(height: height, width: width, mode: style.mode, cropRatio: ratio, filter: style.filter)
  }
}

// MARK: - Plan

extension PictureFit {
  /// The way of a picture of a size to the wanted one.
  ///
  /// - Parameters:
  ///   - width: Columns of the picture in its file.
  ///   - height: Rows of the picture in its file.
  ///   - shrink: The power of two by which the picture is made smaller while it is decoded; each side then has
  ///     ⌈side / `shrink`⌉ pixels, and the plan names those. The result lies as it does without: the last pixel counts
  ///     only as far as the picture covers it.
  package func plan(width: Int, height: Int, shrunkBy shrink: Int = 1) -> FitPlan {
    precondition(width > 0 && height > 0 && shrink > 0 && shrink & (shrink - 1) == 0)
    let (resizedWidth, resizedHeight) = resizedSize(width: width, height: height)
    return FitPlan(
      fit: self, fullWidth: width, fullHeight: height, shrunkBy: shrink,
      across: placed(side: width, shrink, resized: resizedWidth, wanted: self.width),
      down: placed(side: height, shrink, resized: resizedHeight, wanted: self.height))
  }

  /// The size of the whole resized picture.
  ///
  /// `crop` makes it cover a box of ⌊side / `cropRatio`⌋, by the larger of the two scale factors. For a square box this
  /// is torchvision's rule: the shorter side becomes that of the box, and the longer one is rounded down. `pad` makes
  /// it fit into the wanted size and rounds the side that remains free to the nearest integer, halves to the even one.
  private func resizedSize(width: Int, height: Int) -> (width: Int, height: Int) {
    switch mode {
    case .squash:
      return (self.width, self.height)
    case .crop:
      let boxWidth = Int(Double(self.width) / cropRatio)
      let boxHeight = Int(Double(self.height) / cropRatio)
      return boxWidth * height >= boxHeight * width
        ? (boxWidth, boxWidth * height / width) : (boxHeight * width / height, boxHeight)
    case .pad:
      func side(_ other: Int, by ratio: Double) -> Int {
        max(Int((ratio * Double(other)).rounded(.toNearestOrEven)), 1)
      }
      let ratio = Double(width) / Double(height)
      let wanted = Double(self.width) / Double(self.height)
      if ratio > wanted { return (self.width, side(self.width, by: Double(height) / Double(width))) }
      if ratio < wanted { return (side(self.height, by: ratio), self.height) }
      return (self.width, self.height)
    }
  }

  private func placed(side: Int, _ shrink: Int, resized: Int, wanted: Int) -> FitPlan.Side {
    let axis = ResamplingAxis(
      source: (side + shrink - 1) / shrink, extent: Double(side) / Double(shrink), resized: resized, filter: filter)
    let excess = (Double(resized - wanted) / 2).rounded(.toNearestOrEven)
    if excess > 0 {
      let first = Int(excess)
      return FitPlan.Side(axis: axis, window: first..<first + wanted, start: 0)
    }
    let start = Int((Double(wanted - resized) * 0.5).rounded(.toNearestOrEven))
    return FitPlan.Side(axis: axis, window: 0..<min(resized, wanted), start: start)
  }
}
