import GraftKernelCalls

/// The weights of a 3 × 3 convolution, transformed for Winograd's F(2 × 2, 3 × 3): 16 numbers for each pair of an input and an output
/// channel.
///
/// Lavin and Gray, "Fast algorithms for convolutional neural networks" (CVPR 2016), section 4.1: U = G g Gᵀ.
package struct WinogradWeights: Sendable {
  package private(set) var block: AlignedFloats
  package let layout: PanelLayout
  private let inputPitch: Int

  /// Memory for the transformed weights, all zero.
  ///
  /// - Parameters:
  ///   - inputPitch: Floats between positions of the input.
  ///   - outputs: Channels of the output.
  package init(inputPitch: Int, outputs: Int) {
    layout = PanelLayout(rows: 16 * inputPitch, columns: outputs)
    block = AlignedFloats(zeros: layout.footprint)
    self.inputPitch = inputPitch
  }

  /// Whether a convolution is computed with fewer multiply-adds in this form, by at least a third: windows of 3 × 3, one position apart,
  /// over maps whose pixels are whole vectors. On a map of one position the form would do more.
  package static func suits(_ windows: WindowedMaps, _ output: MapLayout) -> Bool {
    let input = windows.layout
    return windows.window.size == 3 && windows.window.stride == 1 && input.spacing == 1 && input.pitch % 16 == 0
      && 9 * output.height * output.width >= 24 * output.tiles
  }

  /// Fills the block from a convolution's weights.
  ///
  /// - Complexity: O(weights).
  package mutating func transform(_ parameters: AlignedFloats, _ weight: PanelLayout) {
    precondition(weight.rows == 9 * inputPitch && weight.panelWidth == layout.panelWidth)
    precondition(weight.columns == layout.columns)
    let (pitch, layout) = (inputPitch, layout)
    parameters.withFloats { from in
      block.withMutableFloats { to in
        for panel in 0..<layout.panels {
          for input in 0..<pitch {
            for column in stride(from: 0, to: layout.panelWidth, by: 16) {
              let source = from + weight.index(input, panel * layout.panelWidth + column)
              let target = to + layout.index(input, panel * layout.panelWidth + column)
              WinogradWeights.transform(
                source, pitch * weight.panelWidth, to: target, pitch * layout.panelWidth)
            }
          }
        }
      }
    }
  }

  /// Transforms the weights of one input and sixteen outputs: the `i`-th of nine windows' places lies `i` times `spacing` behind
  /// `source`.
  private static func transform(
    _ source: UnsafePointer<Float>, _ spacing: Int, to target: UnsafeMutablePointer<Float>, _ targetSpacing: Int
  ) {
    for column in 0..<4 {
      /// A line of the window times a column of Gᵀ.
      func across(_ line: Int) -> SIMD16<Float> {
        let (a, b, c) = (
          vector(source + 3 * line * spacing), vector(source + (3 * line + 1) * spacing),
          vector(source + (3 * line + 2) * spacing)
        )
        switch column {
        case 0: return a
        case 1: return 0.5 * (a + c + b)
        case 2: return 0.5 * (a + c - b)
        default: return c
        }
      }
      let (a, b, c) = (across(0), across(1), across(2))
      store(a, target + column * targetSpacing)
      store(0.5 * (a + c + b), target + (4 + column) * targetSpacing)
      store(0.5 * (a + c - b), target + (8 + column) * targetSpacing)
      store(c, target + (12 + column) * targetSpacing)
    }
  }
}

/// The gradient of transformed weights, from which the gradient of the weights is made.
enum WinogradSums {
  /// Adds the gradient of the weights, Gᵀ S G for the sums S of each pair of channels, to the matrix at `weight` behind `target`.
  ///
  /// - Complexity: O(weights).
  static func add(
    _ sums: UnsafePointer<Float>, _ layout: PanelLayout, inputPitch: Int, to target: UnsafeMutablePointer<Float>,
    _ weight: PanelLayout
  ) {
    let (spacing, targetSpacing) = (inputPitch * layout.panelWidth, inputPitch * weight.panelWidth)
    for panel in 0..<layout.panels {
      for input in 0..<inputPitch {
        for column in stride(from: 0, to: layout.panelWidth, by: 16) {
          let source = sums + layout.index(input, panel * layout.panelWidth + column)
          let place = target + weight.index(input, panel * layout.panelWidth + column)
          for line in 0..<3 {
            /// A column of the sums times a row of Gᵀ.
            func down(_ column: Int) -> SIMD16<Float> {
              let (b, c) = (
                vector(source + (4 + column) * spacing), vector(source + (8 + column) * spacing)
              )
              switch line {
              case 0: return vector(source + column * spacing) + 0.5 * (b + c)
              case 1: return 0.5 * (b - c)
              default: return 0.5 * (b + c) + vector(source + (12 + column) * spacing)
              }
            }
            let (a, b, c, d) = (down(0), down(1), down(2), down(3))
            let first = place + 3 * line * targetSpacing
            let (second, third) = (first + targetSpacing, first + 2 * targetSpacing)
            store(vector(first) + (a + 0.5 * (b + c)), first)
            store(vector(second) + 0.5 * (b - c), second)
            store(vector(third) + (0.5 * (b + c) + d), third)
          }
        }
      }
    }
  }
}

private func vector(_ source: UnsafePointer<Float>) -> SIMD16<Float> {
  UnsafeRawPointer(source).loadUnaligned(as: SIMD16<Float>.self)
}

private func store(_ vector: SIMD16<Float>, _ target: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(target).storeBytes(of: vector, as: SIMD16<Float>.self)
}
