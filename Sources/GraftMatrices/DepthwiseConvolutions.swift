import GraftKernelCalls

// A depthwise convolution and its backward pass, with their sizes checked. Each row of a matrix is one image's feature map.

/// Computes `output = bias + input ⊛ weight`, channel by channel, for the first `images` rows.
///
/// - Parameter weight: [window positions × channels].
package func depthwiseConvolution(
  _ input: Matrix, _ windows: WindowedMaps, images: Int, _ parameters: AlignedFloats, weight: PanelLayout,
  bias: PanelLayout?, finishing finish: MapFinish? = nil, into output: inout Matrix, _ layout: MapLayout,
  team: Team = .alone
) {
  precondition(finish?.added == nil && input.stride >= windows.layout.count && output.stride >= layout.count)
  precondition(images <= input.rows && images <= output.rows && windows.reaches(layout))
  precondition(weight.fits(windows, layout))
  input.withRows { input in
    parameters.withFloats { base in
      output.withWritableRows { output in
        MapFinish.withEpilogue(finish) { epilogue in
          team(
            .depthwise(
              DepthwiseConvolution(
                images: images, Maps(input, windows.layout), window: windows.window, padding: windows.padding,
                weights: base + weight.offset, layout: weight, bias: bias.map { base + $0.offset }, epilogue: epilogue,
                output: WritableMaps(output, layout))))
        }
      }
    }
  }
}

/// Computes `inputGradient[y · stride + i - padding, …] += outputGradient[y, x] · weights[i, j]`, channel by channel, from zero
/// unless it accumulates, for the first `images` rows.
package func depthwiseSpread(
  _ outputGradient: Matrix, _ gradientLayout: MapLayout, images: Int, _ parameters: AlignedFloats, weight: PanelLayout,
  _ window: Window, padding: Int, accumulates: Bool, into inputGradient: inout Matrix, _ inputLayout: MapLayout,
  team: Team = .alone
) {
  let windows = WindowedMaps(inputLayout, window: window, padding: padding)
  precondition(images <= outputGradient.rows && images <= inputGradient.rows && padding <= inputLayout.border)
  precondition(outputGradient.stride >= gradientLayout.count && inputGradient.stride >= inputLayout.count)
  precondition(windows.reaches(gradientLayout) && weight.fits(windows, gradientLayout))
  outputGradient.withRows { outputGradient in
    parameters.withFloats { base in
      inputGradient.withWritableRows { inputGradient in
        team(
          .depthwiseSpread(
            DepthwiseSpread(
              images: images, Maps(outputGradient, gradientLayout), window: window, padding: padding,
              weights: base + weight.offset, layout: weight, accumulates: accumulates,
              inputGradient: WritableMaps(inputGradient, inputLayout))))
      }
    }
  }
}

/// Adds the pixels of maps to those of others, or copies them, for the first `images` rows.
package func addMaps(
  _ source: Matrix, _ sourceLayout: MapLayout, images: Int, accumulates: Bool, to target: inout Matrix,
  _ targetLayout: MapLayout, team: Team = .alone
) {
  precondition(sourceLayout.hasSamePixels(as: targetLayout) && sourceLayout.pitch % 16 == 0)
  precondition(images <= source.rows && images <= target.rows)
  precondition(source.stride >= sourceLayout.count && target.stride >= targetLayout.count)
  source.withRows { source in
    target.withWritableRows { target in
      team(
        .addition(
          MapAddition(
            images: images, Maps(source, sourceLayout), accumulates: accumulates,
            target: WritableMaps(target, targetLayout))))
    }
  }
}

extension PanelLayout {
  /// Whether this is the layout of a depthwise convolution's weights from one map to another: whole vectors of channels on all
  /// sides.
  func fits(_ windows: WindowedMaps, _ output: MapLayout) -> Bool {
    rows == windows.window.size * windows.window.size && windows.layout.pitch % 16 == 0
      && windows.layout.pitch == output.pitch && panels * panelWidth >= output.pitch
  }
}
