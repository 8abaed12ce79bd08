import KernelCalls

// The work of convolutional layers, with its sizes checked. Each row of a matrix is one image's map.

/// Who multiplies: a convolution's window over maps of one layout.
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

  /// Whether positions of a map of `output` read inside the input and its border only.
  func reaches(_ output: MapLayout) -> Bool {
    func reach(_ count: Int, _ padded: Int) -> Bool {
      layout.border - padding + (count - 1) * window.stride + window.size <= padded
    }
    return reach(output.height, layout.paddedHeight) && reach(output.width, layout.paddedWidth)
  }
}

/// `output = bias + input ⊛ weight` for the first `images` rows.
package func convolution(
  _ input: Matrix, _ windows: WindowedMaps, images: Int, _ parameters: AlignedFloats, weight: PanelLayout,
  bias: PanelLayout?, into output: inout Matrix, _ layout: MapLayout, team: Team = .alone
) {
  precondition(input.columns == windows.layout.count && output.columns == layout.count)
  precondition(images <= input.rows && images <= output.rows && windows.reaches(layout))
  precondition(weight.rows == windows.window.size * windows.window.size * windows.layout.pitch)
  precondition(weight.columns <= layout.pitch && weight.panels * weight.panelWidth >= layout.pitch)
  input.withRows { input in
    parameters.withFloats { base in
      output.withWritableRows { output in
        team(
          .convolution(
            Convolution(
              images: images, Maps(input, windows.layout), window: windows.window, padding: windows.padding,
              weights: base + weight.offset, layout: weight, bias: bias.map { base + $0.offset },
              output: WritableMaps(output, layout))))
      }
    }
  }
}

/// What a layer does with what its weights compute, ready for the kernels.
package struct ChannelActivation: Sendable, Hashable {
  package enum Pool: Sendable, Hashable { case maximum, average }
  package struct Pooling: Sendable, Hashable {
    package let kind: Pool
    package let window: Window
    package init(_ kind: Pool, _ window: Window) {
      self.kind = kind
      self.window = window
    }
  }

  package let rectifies: Bool
  package let pooling: Pooling?

  package init(rectifies: Bool, pooling: Pooling?) {
    self.rectifies = rectifies
    self.pooling = pooling
  }

  fileprivate func withCall(_ affine: ChannelAffine?, _ body: (Activation) -> Void) {
    let pooling = pooling.map { (kind: $0.kind == .maximum ? Activation.Pool.maximum : .average, window: $0.window) }
    guard let affine else {
      return body(Activation(affine: nil, rectifies: rectifies, pooling: pooling))
    }
    affine.scale.withFloats { scale in
      affine.shift.withFloats { shift in
        body(Activation(affine: (scale, shift), rectifies: rectifies, pooling: pooling))
      }
    }
  }

  fileprivate func fits(_ input: MapLayout, _ output: MapLayout) -> Bool {
    let (size, stride) = pooling.map { ($0.window.size, $0.window.stride) } ?? (1, 1)
    return input.pitch == output.pitch && (output.height - 1) * stride + size <= input.height
      && (output.width - 1) * stride + size <= input.width && output.height > 0 && output.width > 0
  }
}

/// A factor and a summand for each channel.
package struct ChannelAffine: Sendable {
  package var scale: AlignedFloats
  package var shift: AlignedFloats
  package init(channels: Int) {
    scale = AlignedFloats(zeros: channels)
    shift = AlignedFloats(zeros: channels)
  }
}

extension ChannelActivation {
  /// Scales, rectifies and pools the first `images` maps.
  package func callAsFunction(
    _ input: Matrix, _ layout: MapLayout, images: Int, _ affine: ChannelAffine?, into output: inout Matrix,
    _ outputLayout: MapLayout, team: Team = .alone
  ) {
    precondition(fits(layout, outputLayout) && images <= input.rows && images <= output.rows)
    precondition(input.stride >= layout.count && output.stride >= outputLayout.count)
    input.withRows { input in
      output.withWritableRows { output in
        withCall(affine) { activation in
          team(
            .activation(
              ActivationCall(
                images: images, Maps(input, layout), activation, into: WritableMaps(output, outputLayout))))
        }
      }
    }
  }

  /// From ∂loss/∂output, with the output that the forward pass left, to the gradient of the scaled input, with each image's sums over the positions.
  package func backward(
    _ input: Matrix, _ layout: MapLayout, images: Int, _ affine: ChannelAffine?, output: Matrix,
    _ outputLayout: MapLayout, gradient outputGradient: Matrix, _ outputGradientLayout: MapLayout, into inputGradient: inout Matrix, _ gradientLayout: MapLayout,
    _ memory: inout ChannelSums, _ moments: ChannelMoments?, team: Team = .alone
  ) {
    precondition(fits(layout, outputLayout) && gradientLayout.pitch == layout.pitch)
    precondition(images <= input.rows && images <= outputGradient.rows && images <= inputGradient.rows)
    precondition(input.stride >= layout.count && outputGradient.stride >= outputGradientLayout.count)
    precondition(outputGradientLayout.hasSamePixels(as: outputLayout) && images <= output.rows)
    precondition(output.stride >= outputLayout.count)
    precondition(inputGradient.stride >= gradientLayout.count)
    input.withRows { input in
      output.withRows { output in
        outputGradient.withRows { outputGradient in
          inputGradient.withWritableRows { inputGradient in
            withCall(affine) { activation in
              memory.withRows(moments) { sums, normalized in
                team(
                  .activationGradient(
                    ActivationGradient(
                      images: images, Maps(input, layout), activation, output: Maps(output, outputLayout),
                      outputGradient: Maps(outputGradient, outputGradientLayout),
                      inputGradient: WritableMaps(inputGradient, gradientLayout), sums: sums, normalized: normalized)))
              }
            }
          }
        }
      }
    }
  }
}

/// For each image and channel the sum of a gradient over the positions, and of its product with the normalised input.
package struct ChannelSums: Sendable {
  package var sums: Matrix
  /// Empty where nothing is normalised.
  package var products: Matrix

  package init(images: Int, channels: Int, isNormalized: Bool) {
    sums = Matrix(rows: images, columns: channels)
    products = Matrix(rows: isNormalized ? images : 0, columns: channels)
  }

  fileprivate mutating func withRows(
    _ moments: ChannelMoments?, _ body: (WritableRows, ActivationGradient.Normalized?) -> Void
  ) {
    guard let moments else { return sums.withWritableRows { body($0, nil) } }
    sums.withWritableRows { sums in
      products.withWritableRows { products in
        moments.mean.withFloats { mean in
          moments.inverseDeviation.withFloats { inverse in
            body(sums, ActivationGradient.Normalized(mean: mean, inverseDeviation: inverse, products: products))
          }
        }
      }
    }
  }
}

/// Mean and 1 / deviation of each channel over a batch.
package struct ChannelMoments: Sendable {
  package var mean: AlignedFloats
  package var inverseDeviation: AlignedFloats
  /// Of the batch: the sum of squared distances over one less than their number, what running statistics take over.
  package var unbiasedVariance: AlignedFloats
  private var means: Matrix
  private var squares: Matrix

  package init(images: Int, channels: Int) {
    mean = AlignedFloats(zeros: channels)
    inverseDeviation = AlignedFloats(zeros: channels)
    unbiasedVariance = AlignedFloats(zeros: channels)
    means = Matrix(rows: images, columns: channels)
    squares = Matrix(rows: images, columns: channels)
  }

  /// Measures the first `images` maps. Images are put together in Double, in their order (Chan, Golub and LeVeque, "Algorithms
  /// for computing the sample variance", The American Statistician 37, 1983, equation 2.1), so the bits do not depend on threads.
  ///
  /// - Parameter epsilon: Added to the variance.
  package mutating func measure(
    _ input: Matrix, _ layout: MapLayout, images: Int, epsilon: Double, team: Team = .alone
  ) {
    precondition(images > 0 && images <= input.rows && images <= means.rows && input.stride >= layout.count)
    precondition(layout.pitch <= means.stride)
    input.withRows { input in
      means.withWritableRows { means in
        squares.withWritableRows { squares in
          team(.moments(MomentsCall(images: images, Maps(input, layout), means: means, squares: squares)))
        }
      }
    }
    let positions = Double(layout.height * layout.width)
    let count = positions * Double(images)
    for channel in 0..<layout.channels {
      var total = 0.0
      for image in 0..<images { total += Double(means[image, channel]) }
      let average = total / Double(images)
      var sum = 0.0
      for image in 0..<images {
        let distance = Double(means[image, channel]) - average
        sum += Double(squares[image, channel]) + positions * distance * distance
      }
      mean[channel] = Float(average)
      inverseDeviation[channel] = Float(1 / (sum / count + epsilon).squareRoot())
      unbiasedVariance[channel] = Float(sum / max(count - 1, 1))
    }
  }
}

/// Factors of the way back through a batch's normalisation.
package struct ChannelFactors: Sendable {
  package var a: AlignedFloats
  package var b: AlignedFloats
  package var c: AlignedFloats

  package init(channels: Int) {
    a = AlignedFloats(zeros: channels)
    b = AlignedFloats(zeros: channels)
    c = AlignedFloats(zeros: channels)
  }

  /// `gradient = gradient · a + input · b + c`, channel by channel.
  package func callAsFunction(
    _ input: Matrix, _ layout: MapLayout, images: Int, on gradient: inout Matrix, _ gradientLayout: MapLayout,
    team: Team = .alone
  ) {
    precondition(images <= input.rows && images <= gradient.rows && gradientLayout.pitch == layout.pitch)
    precondition(input.stride >= layout.count && gradient.stride >= gradientLayout.count)
    input.withRows { input in
      gradient.withWritableRows { gradient in
        a.withFloats { a in
          b.withFloats { b in
            c.withFloats { c in
              team(
                .normalizationGradient(
                  NormalizationGradient(
                    images: images, Maps(input, layout), gradient: WritableMaps(gradient, gradientLayout), a: a, b: b,
                    c: c)))
            }
          }
        }
      }
    }
  }
}

// MARK: - Pixels into maps

extension Matrix {
  /// Writes `rows` of a sparse matrix, each element to the place that `places` names for its column; all else becomes zero.
  package mutating func scatter(_ rows: ArraySlice<Int>, of source: SparseRows, to places: [Int]) {
    precondition(places.count == source.columns && rows.count <= self.rows && (places.max() ?? 0) < columns)
    let stride = stride
    block.withMutableFloats { to in
      for (place, row) in rows.enumerated() {
        let target = to + place * stride
        target.update(repeating: 0, count: stride)
        for entry in source.offsets[row]..<source.offsets[row + 1] {
          target[places[Int(source.columnIndices[entry])]] = source.values[entry]
        }
      }
    }
  }

  /// The same from a dense matrix. Places that no column names keep their zeros.
  package mutating func scatter(_ rows: ArraySlice<Int>, of source: Matrix, to places: [Int]) {
    precondition(places.count == source.columns && rows.count <= self.rows && (places.max() ?? 0) < columns)
    for (place, row) in rows.enumerated() {
      precondition(row >= 0 && row < source.rows)
      source.block.withFloats { from in
        block.withMutableFloats { to in
          let (line, target) = (from + row * source.stride, to + place * stride)
          for (column, index) in places.enumerated() { target[index] = line[column] }
        }
      }
    }
  }

  /// Columns in another order: column `i` of the result is column `places[i]` of this one.
  package func selecting(columns places: [Int]) -> Matrix {
    precondition(places.allSatisfy { $0 >= 0 && $0 < columns })
    var result = Matrix(rows: rows, columns: places.count)
    let target = result.stride
    block.withFloats { from in
      result.block.withMutableFloats { to in
        for row in 0..<rows {
          for (column, place) in places.enumerated() { to[row * target + column] = from[row * stride + place] }
        }
      }
    }
    return result
  }
}

/// `inputGradient[y · stride + i - padding, …] += Σ outputGradient[y, x] · weights[i, j]`, from zero, for the first `images` rows.
package func convolutionSpread(
  _ outputGradient: Matrix, _ gradientLayout: MapLayout, images: Int, _ weights: SpreadWeights, stride: Int,
  padding: Int, into inputGradient: inout Matrix, _ inputLayout: MapLayout, team: Team = .alone
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
              layout: weights.layout, inputGradient: WritableMaps(inputGradient, inputLayout))))
      }
    }
  }
}

extension MapLayout {
  fileprivate func hasSamePixels(as other: MapLayout) -> Bool {
    (channels, height, width, pitch) == (other.channels, other.height, other.width, other.pitch)
  }
}

/// Weights for the way back by spreading: for each line of the window [output pitch × positions · input pitch].
package struct SpreadWeights: Sendable {
  package private(set) var block: AlignedFloats
  /// Of one line of the window.
  package let layout: PanelLayout
  let window: Int

  package init(window: Int, inputPitch: Int, outputPitch: Int) {
    layout = PanelLayout(rows: outputPitch, columns: window * inputPitch)
    block = AlignedFloats(zeros: window * layout.footprint)
    self.window = window
  }

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

/// Weights turned for the way back: the window upside down, inputs and outputs exchanged.
package struct TurnedWeights: Sendable {
  package private(set) var block: AlignedFloats
  package let layout: PanelLayout
  private let window: Int
  private let inputPitch: Int
  private let outputPitch: Int

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
