import GraftKernelCalls

/// Weights for the backward pass by spreading: for each line of the window [output pitch × positions · input pitch].
package struct SpreadWeights: Sendable {
  package private(set) var block: AlignedFloats
  /// Layout of one line of the window.
  package let layout: PanelLayout
  let window: Int

  package init(window: Int, inputPitch: Int, outputPitch: Int) {
    layout = PanelLayout(rows: outputPitch, columns: window * inputPitch)
    block = AlignedFloats(zeros: window * layout.footprint)
    self.window = window
  }

  /// Fills the block from a convolution's weights.
  ///
  /// - Parameter weight: [window positions · input pitch × outputs].
  /// - Complexity: O(weights).
  package mutating func turn(_ parameters: AlignedFloats, _ weight: PanelLayout) {
    precondition(weight.rows == window * layout.columns && weight.columns <= layout.rows)
    let (layout, window) = (layout, window)
    parameters.withFloats { from in
      block.withMutableFloats { to in
        for i in 0..<window {
          for column in 0..<layout.columns {
            let source = from + weight.index(i * layout.columns + column, 0)
            let target = to + i * layout.footprint + layout.index(0, column)
            for panel in 0..<weight.panels {
              let outputs = min(weight.panelWidth, weight.columns - panel * weight.panelWidth)
              let values = source + panel * weight.panelStride
              let places = target + panel * weight.panelWidth * layout.panelWidth
              for output in 0..<outputs { places[output * layout.panelWidth] = values[output] }
            }
          }
        }
      }
    }
  }
}
