import GraftKernelCalls
import GraftMatrices

/// How a map becomes smaller: the largest or the mean of each window (PyTorch's `MaxPool2d` and `AvgPool2d`, without padding; what
/// no window covers at the right and below is left out).
public struct Pooling: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable { case maximum, average }

  public let kind: Kind
  /// Positions along each side of the window; nil for the whole map.
  private let size: Int?
  private let stride: Int

  public init(_ kind: Kind, size: Int, stride: Int) {
    precondition(size > 0 && stride > 0)
    (self.kind, self.size, self.stride) = (kind, size, stride)
  }

  private init(whole kind: Kind) { (self.kind, size, stride) = (kind, nil, 1) }

  /// Windows side by side.
  public static func maximum(size: Int) -> Pooling { Pooling(.maximum, size: size, stride: size) }
  /// The mean of the whole map: one number for each channel.
  public static let globalAverage = Pooling(whole: .average)

  func window(on map: ImageShape) -> Window { Window(size: size ?? max(map.height, map.width), stride: stride) }

  /// Positions along each side of the window on `map`, and from one window to the next.
  package func steps(on map: ImageShape) -> (size: Int, stride: Int) { (window(on: map).size, stride) }

  /// Nil where the map is smaller than the window. The whole map is a square.
  public func output(on map: ImageShape) -> ImageShape? {
    let window = window(on: map)
    guard window.size <= map.height, window.size <= map.width else { return nil }
    return ImageShape(
      channels: map.channels, height: (map.height - window.size) / window.stride + 1,
      width: (map.width - window.size) / window.stride + 1)
  }

  func activation(on map: ImageShape) -> ChannelActivation.Pooling {
    ChannelActivation.Pooling(kind == .maximum ? .maximum : .average, window(on: map))
  }

  public var description: String {
    let letter = kind == .maximum ? "p" : "a"
    guard let size else { return letter }
    return "\(letter)\(size)" + (stride == size ? "" : "s\(stride)")
  }
}
