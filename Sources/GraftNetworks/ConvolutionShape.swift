import GraftKernelCalls
import GraftMatrices

/// What a convolution is, apart from its weights: square windows of `kernel` × `kernel` positions, `stride` apart, over an input
/// with `padding` positions of zeros around it (PyTorch's `Conv2d`).
public struct ConvolutionShape: Sendable, Hashable, CustomStringConvertible {
  /// Of the output.
  public let channels: Int
  public let kernel: Int
  public let stride: Int
  public let padding: Int

  /// - Parameter padding: Less than `kernel`: a window of nothing but zeros says nothing.
  public init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
    precondition(channels > 0 && kernel > 0 && stride > 0 && padding >= 0 && padding < kernel)
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  var window: Window { Window(size: kernel, stride: stride) }

  /// Nil where the window is larger than the input with its padding.
  public func output(on input: ImageShape) -> ImageShape? {
    guard input.height + 2 * padding >= kernel, input.width + 2 * padding >= kernel else { return nil }
    return ImageShape(
      channels: channels, height: (input.height + 2 * padding - kernel) / stride + 1,
      width: (input.width + 2 * padding - kernel) / stride + 1)
  }

  public var description: String {
    "\(channels)c\(kernel)" + (stride == 1 ? "" : "s\(stride)") + (padding == 0 ? "" : "p\(padding)")
  }
}
