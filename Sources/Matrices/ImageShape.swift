/// The shape of an image: channels × height × width, in the order in which its pixels are stored.
public struct ImageShape: Sendable, Hashable, CustomStringConvertible {
  public let channels: Int
  public let height: Int
  public let width: Int

  public init(channels: Int = 1, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Pixels in one image, over all channels.
  public var count: Int { channels * height * width }

  public var description: String { "\(channels)x\(height)x\(width)" }

  public static let mnist = ImageShape(height: 28, width: 28)
}
