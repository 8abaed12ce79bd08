/// The shape of an image: channels × height × width, in the order in which its pixels are stored.
public struct ImageShape: Sendable, Hashable, CustomStringConvertible {
  /// Colour channels of an image, or channels of a feature map.
  public let channels: Int
  /// Pixel rows.
  public let height: Int
  /// Pixel columns.
  public let width: Int

  /// A shape of `channels` × `height` × `width` pixels.
  public init(channels: Int = 1, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Pixels in one image, over all channels.
  public var count: Int { channels * height * width }

  /// Reads `1x28x28`; nil if the text is no shape, or if a side is longer than 4096.
  package init?(parsing text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard parts.count == 3, parts.allSatisfy({ (1...4096).contains($0) }) else { return nil }
    self.init(channels: parts[0], height: parts[1], width: parts[2])
  }

  /// The shape as text, such as `1x28x28`.
  public var description: String { "\(channels)x\(height)x\(width)" }

  /// The shape in words: `28 x 28`, `32 x 32 in 3 channels`.
  package var inWords: String { "\(height) x \(width)" + (channels == 1 ? "" : " in \(channels) channels") }

  /// The shape of MNIST's images, 1 × 28 × 28.
  package static let mnist = ImageShape(height: 28, width: 28)
}
