import GraftKernelCalls

// A convolution and its backward pass by spreading, with their sizes checked. Each row of a matrix is one image's feature map.
// The work is in the kernels.

/// Computes `output = bias + input ⊛ weight` for the first `images` rows.
///
/// - Parameter accumulates: Whether the result is added to what the output holds.
package func convolution(
  _ input: Matrix, _ windows: WindowedMaps, images: Int, _ parameters: AlignedFloats, weight: PanelLayout,
  bias: PanelLayout?, accumulates: Bool = false, finishing finish: MapFinish? = nil, into output: inout Matrix,
  _ layout: MapLayout, team: Team = .alone
) {
  precondition(input.columns >= windows.layout.count && output.columns >= layout.count)
  precondition(finish?.added.map { $0.fits(layout, images: images) } ?? true)
  precondition(images <= input.rows && images <= output.rows && windows.reaches(layout))
  precondition(weight.rows == windows.window.size * windows.window.size * windows.layout.pitch)
  precondition(weight.columns <= layout.pitch && weight.panels * weight.panelWidth >= layout.pitch)
  input.withRows { input in
    parameters.withFloats { base in
      output.withWritableRows { output in
        MapFinish.withEpilogue(finish) { epilogue in
          team(
            .convolution(
              Convolution(
                images: images, Maps(input, windows.layout), window: windows.window, padding: windows.padding,
                weights: base + weight.offset, layout: weight, bias: bias.map { base + $0.offset },
                accumulates: accumulates, epilogue: epilogue, output: WritableMaps(output, layout))))
        }
      }
    }
  }
}

/// Computes `output = bias + input · weight` position by position, a convolution with windows of one position.
///
/// - Parameters:
///   - inputLayout: Feature maps without a border.
///   - weight: [input pitch × outputs].
///   - accumulates: Whether the result is added to what the output holds; then nothing else is added.
package func pointwiseConvolution(
  _ input: Matrix, _ inputLayout: MapLayout, images: Int, _ parameters: AlignedFloats, weight: PanelLayout,
  bias: PanelLayout?, accumulates: Bool = false, finishing finish: MapFinish, into output: inout Matrix,
  _ layout: MapLayout, team: Team = .alone
) {
  precondition(inputLayout.isUnbroken && !(accumulates && finish.added != nil))
  precondition((inputLayout.height, inputLayout.width) == (layout.height, layout.width))
  precondition(input.columns >= inputLayout.count && output.columns >= layout.count)
  precondition(images <= input.rows && images <= output.rows && weight.rows == inputLayout.pitch)
  precondition(weight.columns <= layout.pitch && weight.panels * weight.panelWidth >= layout.pitch)
  precondition(finish.added.map { $0.fits(layout, images: images) } ?? true)
  input.withRows { input in
    parameters.withFloats { base in
      output.withWritableRows { output in
        MapFinish.withEpilogue(finish) { epilogue in
          guard var epilogue else { return }
          if accumulates {
            let own = Maps(Rows(output.base, stride: output.stride), layout)
            epilogue = Epilogue(adding: own, low: epilogue.low, high: epilogue.high)
          }
          team(
            .pointwise(
              PointwiseConvolution(
                images: images, Maps(input, inputLayout), weights: base + weight.offset, layout: weight,
                bias: bias.map { base + $0.offset }, epilogue: epilogue, output: WritableMaps(output, layout))))
        }
      }
    }
  }
}

/// Computes `inputGradient[y · stride + i - padding, …] += Σ outputGradient[y, x] · weights[i, j]`, from zero unless it accumulates,
/// for the first `images` rows.
package func convolutionSpread(
  _ outputGradient: Matrix, _ gradientLayout: MapLayout, images: Int, _ weights: SpreadWeights, stride: Int,
  padding: Int, accumulates: Bool = false, into inputGradient: inout Matrix, _ inputLayout: MapLayout,
  team: Team = .alone
) {
  let window = Window(size: weights.window, stride: stride)
  precondition(images <= outputGradient.rows && images <= inputGradient.rows && inputLayout.pitch % 16 == 0)
  precondition(outputGradient.stride >= gradientLayout.count && inputGradient.stride >= inputLayout.count)
  precondition(weights.layout.rows == gradientLayout.pitch && padding <= inputLayout.border)
  precondition(WindowedMaps(inputLayout, window: window, padding: padding).reaches(gradientLayout))
  outputGradient.withRows { outputGradient in
    weights.block.withFloats { base in
      inputGradient.withWritableRows { inputGradient in
        team(
          .convolutionSpread(
            ConvolutionSpread(
              images: images, Maps(outputGradient, gradientLayout), window: window, padding: padding, weights: base,
              layout: weights.layout, accumulates: accumulates,
              inputGradient: WritableMaps(inputGradient, inputLayout))))
      }
    }
  }
}
