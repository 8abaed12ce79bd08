import GraftKernelCalls

/// Weights turned for the backward pass: the window upside down, inputs and outputs exchanged.
package struct TurnedWeights: Sendable {
  package private(set) var block: AlignedFloats
  package let layout: PanelLayout
  private let window: Int
  private let inputPitch: Int
  private let outputPitch: Int

  /// Memory for the turned weights of a convolution, all zero.
  ///
  /// - Parameters:
  ///   - inputs: Channels that the convolution reads.
  ///   - outputPitch: Floats between positions of its output's gradient.
  package init(window: Int, inputs: Int, inputPitch: Int, outputPitch: Int) {
    layout = PanelLayout(rows: window * window * outputPitch, columns: inputs)
    block = AlignedFloats(zeros: layout.footprint)
    self.window = window
    self.inputPitch = inputPitch
    self.outputPitch = outputPitch
  }

  /// Fills the block from a convolution's weights.
  ///
  /// - Complexity: O(weights).
  package mutating func turn(_ parameters: AlignedFloats, _ weight: PanelLayout) {
    precondition(weight.rows == window * window * inputPitch)
    let positions = window * window
    let (width, layout) = (weight.panelWidth, layout)
    parameters.withFloats { from in
      block.withMutableFloats { to in
        for position in 0..<positions {
          for input in 0..<layout.columns {
            let source = from + weight.index(position * inputPitch + input, 0)
            let target = to + layout.index((positions - 1 - position) * outputPitch, input)
            for panel in 0..<weight.panels {
              let outputs = min(width, weight.columns - panel * width)
              let values = source + panel * weight.panelStride
              let places = target + panel * width * layout.panelWidth
              for output in 0..<outputs { places[output * layout.panelWidth] = values[output] }
            }
          }
        }
      }
    }
  }
}
