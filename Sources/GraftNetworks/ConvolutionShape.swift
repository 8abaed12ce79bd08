import GraftKernelCalls
import GraftMatrices

/// The shape of a convolution, apart from its weights: square windows of `kernel` × `kernel` positions, `stride` apart, over an
/// input with `padding` positions of zeros around it (PyTorch's `Conv2d`).
package struct ConvolutionShape: Sendable, Hashable, CustomStringConvertible {
  /// Channels of the output.
  package let channels: Int
  /// Positions along each side of the window.
  package let kernel: Int
  /// Positions from one window to the next.
  package let stride: Int
  /// Positions of zeros around the input.
  package let padding: Int

  /// A convolution with `channels` outputs.
  ///
  /// - Parameter padding: Less than `kernel`, because a window of nothing but zeros is useless.
  package init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
    precondition(channels > 0 && kernel > 0 && stride > 0 && padding >= 0 && padding < kernel)
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  var window: Window { Window(size: kernel, stride: stride) }

  /// The shape of the output on `input`; nil if the window is larger than the input with its padding.
  package func output(on input: ImageShape) -> ImageShape? {
    guard input.height + 2 * padding >= kernel, input.width + 2 * padding >= kernel else { return nil }
    return ImageShape(
      channels: channels, height: (input.height + 2 * padding - kernel) / stride + 1,
      width: (input.width + 2 * padding - kernel) / stride + 1)
  }

  /// The shape as ``Architecture/init(parsing:)`` reads it, such as `16c5`.
  package var description: String {
    "\(channels)c\(kernel)" + (stride == 1 ? "" : "s\(stride)") + (padding == 0 ? "" : "p\(padding)")
  }
}
