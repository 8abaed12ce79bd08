import GraftKernelCalls
import GraftMatrices

/// Pooling of a feature map: the largest or the mean of each window (PyTorch's `MaxPool2d` and `AvgPool2d`; positions at the right
/// and below that no window covers are left out).
package struct Pooling: Sendable, Hashable, CustomStringConvertible {
  /// The operation over a window.
  package enum Kind: String, Sendable { case maximum, average }

  /// The operation over a window.
  package let kind: Kind
  /// Positions along each side of the window; nil for the whole feature map.
  private let size: Int?
  private let stride: Int
  /// Positions by which windows reach beyond the map, where nothing counts; for the largest only.
  package let padding: Int

  /// Pooling with windows of `size` × `size` positions, `stride` apart.
  package init(_ kind: Kind, size: Int, stride: Int, padding: Int = 0) {
    precondition(size > 0 && stride > 0)
    // As PyTorch demands; a window would see nothing otherwise.
    precondition(padding == 0 || kind == .maximum && padding > 0 && padding <= size / 2)
    (self.kind, self.size, self.stride, self.padding) = (kind, size, stride, padding)
  }

  private init(whole kind: Kind) { (self.kind, size, stride, padding) = (kind, nil, 1, 0) }

  /// Pooling by the largest number of each window, windows side by side.
  package static func maximum(size: Int) -> Pooling { Pooling(.maximum, size: size, stride: size) }
  /// The mean of the whole feature map: one number for each channel.
  package static let globalAverage = Pooling(whole: .average)

  func window(on map: ImageShape) -> Window { Window(size: size ?? max(map.height, map.width), stride: stride) }

  /// Positions along each side of the window on `map`, and from one window to the next.
  package func steps(on map: ImageShape) -> (size: Int, stride: Int) { (window(on: map).size, stride) }

  /// The shape of the output; nil if the map is smaller than the window. A window over the whole map needs a square map.
  package func output(on map: ImageShape) -> ImageShape? {
    let window = window(on: map)
    let (height, width) = (map.height + 2 * padding, map.width + 2 * padding)
    guard window.size <= height, window.size <= width else { return nil }
    return ImageShape(
      channels: map.channels, height: (height - window.size) / window.stride + 1,
      width: (width - window.size) / window.stride + 1)
  }

  func activation(on map: ImageShape) -> ChannelActivation.Pooling {
    ChannelActivation.Pooling(kind == .maximum ? .maximum : .average, window(on: map), padding: padding)
  }

  /// The pooling as ``Architecture/init(parsing:)`` reads it, such as `p2` or `a`.
  package var description: String {
    let letter = kind == .maximum ? "p" : "a"
    guard let size else { return letter }
    return "\(letter)\(size)" + (stride == size ? "" : "s\(stride)") + (padding == 0 ? "" : "p\(padding)")
  }
}
