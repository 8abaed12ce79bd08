import GraftKernelCalls
import GraftMatrices

/// The shape of a convolution, apart from its weights: square windows of `kernel` × `kernel` positions, `stride` apart, over an
/// input with zeros around it (PyTorch's `Conv2d`).
package struct ConvolutionShape: Sendable, Hashable, CustomStringConvertible {
  /// The zeros around the input.
  package enum Padding: Sendable, Hashable {
    /// So many positions on each side.
    case positions(Int)
    /// As many as give a map of the input's size divided by the stride, rounded up; an odd one out is behind (TensorFlow's `SAME`).
    case same
  }

  /// Channels of the output.
  package let channels: Int
  /// Positions along each side of the window.
  package let kernel: Int
  /// Positions from one window to the next.
  package let stride: Int
  /// The zeros around the input.
  package let padding: Padding
  /// Groups of channels that see nothing of each other: 1, or as many as channels for a depthwise convolution, whose input has
  /// as many channels too.
  package let groups: Int

  /// A convolution with `channels` outputs.
  ///
  /// - Parameter padding: Less than `kernel`, because a window of nothing but zeros is useless.
  package init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1) {
    precondition(padding >= 0 && padding < kernel)
    self.init(channels: channels, kernel: kernel, stride: stride, padding: .positions(padding), groups: groups)
  }

  package init(channels: Int, kernel: Int, stride: Int, padding: Padding, groups: Int) {
    precondition(channels > 0 && kernel > 0 && stride > 0 && (groups == 1 || groups == channels))
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
  }

  /// Whether each channel has a window of its own and nothing else.
  package var isDepthwise: Bool { groups > 1 }

  var window: Window { Window(size: kernel, stride: stride) }

  /// The zeros before the first and behind the last of `count` positions.
  private func margins(_ count: Int) -> Margins {
    switch padding {
    case .positions(let positions): return Margins(before: positions, behind: positions)
    case .same:
      let all = max(0, ((count + stride - 1) / stride - 1) * stride + kernel - count)
      return Margins(before: all / 2, behind: all - all / 2)
    }
  }

  /// The zeros around `input`; nil if its height needs others than its width.
  package func margins(on input: ImageShape) -> Margins? {
    let (rows, columns) = (margins(input.height), margins(input.width))
    // Zeros behind may be more than are read.
    return rows.before == columns.before
      ? Margins(before: rows.before, behind: max(rows.behind, columns.behind)) : nil
  }

  /// The shape of the output on `input`; nil if the window is larger than the input with its padding.
  package func output(on input: ImageShape) -> ImageShape? {
    func positions(_ count: Int) -> Int {
      let margins = margins(count)
      let reach = count + margins.before + margins.behind - kernel
      return reach < 0 ? 0 : reach / stride + 1
    }
    let (height, width) = (positions(input.height), positions(input.width))
    return height > 0 && width > 0 ? ImageShape(channels: channels, height: height, width: width) : nil
  }

  /// The shape as ``Architecture/init(parsing:)`` reads it, such as `16c5`.
  package var description: String {
    let around =
      switch padding {
      case .positions(let positions): positions == 0 ? "" : "p\(positions)"
      case .same: "z"
      }
    return "\(channels)c\(kernel)" + (stride == 1 ? "" : "s\(stride)") + around + (groups == 1 ? "" : "g\(groups)")
  }
}

/// Positions of zeros before and behind an input, along both axes.
package struct Margins: Sendable, Hashable {
  package let before: Int
  package let behind: Int
  var largest: Int { max(before, behind) }
}
