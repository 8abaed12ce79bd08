import GraftKernelCalls

/// A convolution's window over feature maps of one layout.
package struct WindowedMaps: Sendable, Hashable {
  package let layout: MapLayout
  package let window: Window
  package let padding: Int

  package init(_ layout: MapLayout, window: Window, padding: Int) {
    precondition(padding <= layout.border || padding == 0)
    self.layout = layout
    self.window = window
    self.padding = padding
  }

  /// Whether positions of an output feature map read inside the input and its border only.
  func reaches(_ output: MapLayout) -> Bool {
    func reach(_ count: Int, _ padded: Int) -> Bool {
      layout.border - padding + (count - 1) * window.stride + window.size <= padded
    }
    return reach(output.height, layout.paddedHeight) && reach(output.width, layout.paddedWidth)
  }
}
