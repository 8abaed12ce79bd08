import GraftKernelCalls

/// The gradient of a parameter as an unevaluated product.
///
/// A layer's backward pass hands these out, and the receiver decides how to use one: added into a buffer (the reference, and the
/// way to sum over parts of a batch), or used at once to move the weights, tile by tile while the gradient is still in registers
/// (the fast path, which saves a pass over memory).
package enum WeightGradient: Sendable {
  /// `leftᵀ · right` over the first `rows` rows: [left columns × right columns].
  case product(left: Matrix, right: Matrix, rows: Int)
  /// `pixelsᵀ · outputGradient`: [pixels × outputs], the first layer's.
  case pixels(PixelBatch, outputGradient: Matrix)
  /// The sum of the first `rows` rows: a bias's gradient.
  case columnSums(Matrix, rows: Int)
  /// The gradient of a convolution's weights: [window positions · input pitch × output channels].
  case convolution(ConvolutionFactors)
  /// The gradient of a depthwise convolution's weights: [window positions × channels].
  case depthwise(ConvolutionFactors)
}

/// A convolution's input and the gradient of its output, over the first `images` rows.
package struct ConvolutionFactors: Sendable {
  let input: Matrix
  let windows: WindowedMaps
  let outputGradient: Matrix
  let layout: MapLayout
  let images: Int
  /// Scratch memory as long as all parameters. The gradient of some images does not stay in registers while others are read, so
  /// it is summed here before it moves a weight.
  let scratch: ScratchFloats
  /// Memory for tiles if the gradient is computed in Winograd's form.
  let winograd: WinogradMemory?

  package init(
    _ input: Matrix, _ windows: WindowedMaps, outputGradient: Matrix, _ layout: MapLayout, images: Int,
    scratch: ScratchFloats, winograd: WinogradMemory? = nil
  ) {
    precondition(input.columns == windows.layout.count && outputGradient.columns == layout.count)
    precondition(images <= input.rows && images <= outputGradient.rows && windows.reaches(layout))
    self.input = input
    self.windows = windows
    self.outputGradient = outputGradient
    self.layout = layout
    self.images = images
    self.scratch = scratch
    self.winograd = winograd
  }
}

extension WeightGradient {
  /// Adds the gradient to the matrix at `layout` in `block`.
  package func add(to block: inout AlignedFloats, at layout: PanelLayout, team: Team = .alone) {
    block.withMutableFloats { base in add(to: base, at: layout, team: team) }
  }

  /// Moves the weights at `layout` along the gradient by one step of `update`, in the same pass.
  package func move(
    _ weights: inout AlignedFloats, at layout: PanelLayout, by update: UpdateStep, state: inout OptimizerState,
    team: Team = .alone
  ) {
    if case .convolution(let factors) = self {
      precondition(layout.offset + layout.footprint <= factors.scratch.count)
      return factors.scratch.withMutableFloats { sum in
        (sum + layout.offset).update(repeating: 0, count: layout.footprint)
        add(to: sum, at: layout, team: team)
        state.withBlocks(beside: &weights) { blocks in
          team(.move(ParameterMove(layout: layout, along: UnsafePointer(sum), step: update, blocks: blocks)))
        }
      }
    }
    state.withBlocks(beside: &weights) { blocks in
      withFactors(layout) { team(.gradient(GradientCall($0, layout: layout, destination: .step(update, blocks)))) }
    }
  }

  private func add(to block: UnsafeMutablePointer<Float>, at layout: PanelLayout, team: Team) {
    if case .convolution(let factors) = self, let memory = factors.winograd {
      return factors.addThroughTiles(to: block, at: layout, in: memory, team: team)
    }
    withFactors(layout) { team(.gradient(GradientCall($0, layout: layout, destination: .sum(block)))) }
  }

  private func withFactors(_ layout: PanelLayout, _ body: (GradientCall.Factors) -> Void) {
    switch self {
    case .product(let left, let right, let rows):
      precondition(left.columns == layout.rows && right.columns == layout.columns)
      precondition(rows <= left.rows && rows <= right.rows)
      left.withRows { left in right.withRows { right in body(.dense(left: left, right: right, rows: rows)) } }
    case .pixels(let pixels, let outputGradient):
      precondition(pixels.columns == layout.rows && outputGradient.columns == layout.columns)
      precondition(pixels.isPaired == (layout.panelWidth > 16) && pixels.count <= outputGradient.rows)
      precondition(pixels.isArranged, "the gradient of a batch that was filled and not arranged")
      outputGradient.withRows { gradient in
        pixels.withEntries { entries in
          body(
            pixels.isPaired
              ? .columnPairs(pixels.pairs, outputGradient: gradient)
              : .pixels(entries, outputGradient: gradient, scratch: pixels.scratch))
        }
      }
    case .columnSums(let matrix, let rows):
      precondition(layout.paddedRows == 1 && matrix.columns == layout.columns && rows <= matrix.rows)
      matrix.withRows { body(.columnSums($0, rows: rows)) }
    case .convolution(let factors):
      let windows = factors.windows
      precondition(layout.rows == windows.window.size * windows.window.size * windows.layout.pitch)
      precondition(layout.columns <= factors.layout.pitch)
      factors.input.withRows { input in
        factors.outputGradient.withRows { gradient in
          body(
            .convolution(
              ConvolutionGradient(
                images: factors.images, Maps(input, windows.layout), window: windows.window, padding: windows.padding,
                outputGradient: Maps(gradient, factors.layout))))
        }
      }
    case .depthwise(let factors):
      let windows = factors.windows
      precondition(layout.fits(windows, factors.layout))
      factors.input.withRows { input in
        factors.outputGradient.withRows { gradient in
          body(
            .depthwise(
              ConvolutionGradient(
                images: factors.images, Maps(input, windows.layout), window: windows.window, padding: windows.padding,
                outputGradient: Maps(gradient, factors.layout))))
        }
      }
    }
  }
}

extension UpdateStep {
  /// Moves the weights at `layout` along a gradient that was written to memory first: the reference path.
  package func move(
    _ weights: inout AlignedFloats, at layout: PanelLayout, along gradient: AlignedFloats, state: inout OptimizerState,
    team: Team = .alone
  ) {
    gradient.withFloats { gradient in
      state.withBlocks(beside: &weights) { blocks in
        team(.move(ParameterMove(layout: layout, along: gradient, step: self, blocks: blocks)))
      }
    }
  }
}
