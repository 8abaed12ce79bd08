/// The layout of a feature map's pixels in a row of a matrix: one image a row, position after position, the channels of a
/// position side by side.
///
/// Because the channels are innermost, the pixels under one row of a convolution's window are neighbours in memory. A convolution
/// is then a product whose left rows are pieces of the image itself, and nothing is copied into patches. The border contains the
/// zeros that a padded convolution reads, written once at allocation, so that no kernel asks whether it is at an edge.
package struct MapLayout: Sendable, Hashable {
  @usableFromInline package let channels: Int
  @usableFromInline package let height: Int
  @usableFromInline package let width: Int
  /// Floats from one position to the next: the channels, rounded up to whole vectors in maps that kernels write.
  @usableFromInline package let pitch: Int
  /// Positions of zeros above the first row and before the first column.
  @usableFromInline package let border: Int
  /// Positions from one pixel to the next along both axes. If it is more than one, zeros lie between, as the gradient of a
  /// convolution with a stride needs.
  @usableFromInline package let spacing: Int
  /// Positions allocated along each axis, borders included.
  @usableFromInline package let paddedHeight: Int
  @usableFromInline package let paddedWidth: Int

  /// The layout of a feature map of `channels` × `height` × `width`.
  ///
  /// - Parameters:
  ///   - pitch: Floats from one position to the next; nil for the channels rounded up to vectors of 16.
  ///   - trailing: Positions of zeros behind the last row and column; nil for as many as before the first.
  package init(
    channels: Int, height: Int, width: Int, pitch: Int? = nil, border: Int = 0, spacing: Int = 1, trailing: Int? = nil
  ) {
    self.channels = channels
    self.height = height
    self.width = width
    self.pitch = pitch ?? MapLayout.pitch(channels)
    self.border = border
    self.spacing = spacing
    let around = border + (trailing ?? border)
    paddedHeight = (height - 1) * spacing + 1 + around
    paddedWidth = (width - 1) * spacing + 1 + around
  }

  /// Channels rounded up to vectors of 16.
  package static func pitch(_ channels: Int) -> Int { (channels + 15) & ~15 }

  /// Whether all positions are pixels, one behind the other: no zeros lie around or between them.
  package var isUnbroken: Bool { border == 0 && spacing == 1 && paddedWidth == width && paddedHeight == height }

  /// Floats from one row of positions to the next.
  @inlinable package var lineStride: Int { paddedWidth * pitch }
  /// Floats allocated for an image.
  @inlinable package var count: Int { paddedHeight * lineStride }

  /// The index, within an image, of the first channel at a pixel.
  @inlinable package func index(_ y: Int, _ x: Int) -> Int {
    (border &+ y &* spacing) &* lineStride &+ (border &+ x &* spacing) &* pitch
  }
}

/// A square window that slides over a feature map.
package struct Window: Sendable, Hashable {
  @usableFromInline package let size: Int
  @usableFromInline package let stride: Int
  package init(size: Int, stride: Int) {
    self.size = size
    self.stride = stride
  }
}
