import GraftKernelCalls

// 3 × 3 convolutions in Winograd's form, with their sizes checked. Each row of a matrix is one image's feature map.

/// Memory in which the tiles of Winograd convolutions are transformed and their weights' gradients summed, allocated once for all layers
/// of a network.
package struct WinogradMemory: Sendable {
  private(set) var tiles: ScratchFloats
  private(set) var sums: ScratchFloats
  /// Parts of a call that the tiles have room for.
  private let parts: Int

  /// Memory for convolutions of the given sizes; nil if there are none.
  ///
  /// - Parameters:
  ///   - pitches: Floats between positions of each convolution's input and output.
  ///   - parts: Members of the team that runs them.
  package init?(pitches: [(input: Int, output: Int)], parts: Int, trains: Bool) {
    if pitches.isEmpty { return nil }
    // In the backward pass input and output change places.
    let floats = pitches.map {
      max(
        TileMemory.floats(inputPitch: $0.input, outputPitch: $0.output),
        TileMemory.floats(inputPitch: $0.output, outputPitch: $0.input))
    }
    tiles = ScratchFloats(count: parts * (floats.max() ?? 0))
    let sums = pitches.map { PanelLayout(rows: 16 * $0.input, columns: $0.output).footprint }
    self.sums = ScratchFloats(count: trains ? sums.max() ?? 0 : 0)
    self.parts = parts
  }

  /// Replaces memory that a copy of this value shares.
  package mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&tiles) { tiles = ScratchFloats(count: tiles.count) }
    if !isKnownUniquelyReferenced(&sums) { sums = ScratchFloats(count: sums.count) }
  }

  /// Whether there is room for a convolution on `team`.
  func fits(inputPitch: Int, outputPitch: Int, _ team: Team) -> Bool {
    team.size <= parts
      && tiles.count >= team.size * TileMemory.floats(inputPitch: inputPitch, outputPitch: outputPitch)
  }
}

/// Computes what `convolution` computes, but for rounding, from transformed weights.
///
/// - Parameters:
///   - bias: A block and the bias's place in it.
///   - accumulates: Whether the result is added to what the output holds.
package func winogradConvolution(
  _ input: Matrix, _ windows: WindowedMaps, images: Int, _ weights: WinogradWeights,
  bias: (block: AlignedFloats, layout: PanelLayout)?, accumulates: Bool = false, finishing finish: MapFinish? = nil,
  into output: inout Matrix, _ layout: MapLayout, in memory: WinogradMemory, team: Team = .alone
) {
  let pitch = windows.layout.pitch
  precondition(WinogradWeights.suits(windows, layout) && weights.layout.rows == 16 * pitch)
  precondition(input.columns >= windows.layout.count && output.columns >= layout.count)
  precondition(finish?.added.map { $0.fits(layout, images: images) } ?? true)
  precondition(images <= input.rows && images <= output.rows && windows.reaches(layout))
  precondition(weights.layout.columns <= layout.pitch)
  precondition(weights.layout.panels * weights.layout.panelWidth >= layout.pitch)
  precondition(memory.fits(inputPitch: pitch, outputPitch: layout.pitch, team))
  input.withRows { input in
    weights.block.withFloats { base in
      withBias(bias) { bias in
        output.withWritableRows { output in
          memory.tiles.withMutableFloats { tiles in
            MapFinish.withEpilogue(finish) { epilogue in
              team(
                .winograd(
                  WinogradConvolution(
                    images: images, Maps(input, windows.layout), padding: windows.padding, weights: base,
                    layout: weights.layout, bias: bias, accumulates: accumulates, epilogue: epilogue,
                    output: WritableMaps(output, layout),
                    tiles: TileMemory(
                      tiles, stride: TileMemory.floats(inputPitch: pitch, outputPitch: layout.pitch)))))
            }
          }
        }
      }
    }
  }
}

private func withBias(
  _ bias: (block: AlignedFloats, layout: PanelLayout)?, _ body: (UnsafePointer<Float>?) -> Void
) {
  guard let bias else { return body(nil) }
  bias.block.withFloats { body($0 + bias.layout.offset) }
}

extension ConvolutionFactors {
  /// Adds the gradient of the weights to the matrix at `layout` in `block`, through the gradient of the transformed weights.
  func addThroughTiles(
    to block: UnsafeMutablePointer<Float>, at layout: PanelLayout, in memory: WinogradMemory, team: Team
  ) {
    let pitch = windows.layout.pitch
    let sumLayout = PanelLayout(rows: 16 * pitch, columns: layout.columns)
    precondition(layout.rows == 9 * pitch && layout.columns <= self.layout.pitch)
    precondition(memory.sums.count >= sumLayout.footprint)
    precondition(memory.fits(inputPitch: pitch, outputPitch: self.layout.pitch, team))
    input.withRows { input in
      outputGradient.withRows { gradient in
        memory.tiles.withMutableFloats { tiles in
          memory.sums.withMutableFloats { sums in
            team(
              .winogradGradient(
                WinogradGradient(
                  images: images, Maps(input, windows.layout), padding: windows.padding,
                  outputGradient: Maps(gradient, self.layout), sums: sums, layout: sumLayout,
                  tiles: TileMemory(
                    tiles, stride: TileMemory.floats(inputPitch: pitch, outputPitch: self.layout.pitch)))))
            WinogradSums.add(sums, sumLayout, inputPitch: pitch, to: block, layout)
          }
        }
      }
    }
  }
}
