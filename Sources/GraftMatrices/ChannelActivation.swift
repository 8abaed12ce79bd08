import GraftKernelCalls

/// The operations between a layer's weights and its output (scaling, a residual connection, the nonlinearity, pooling), ready for the
/// kernels.
package struct ChannelActivation: Sendable, Hashable {
  package typealias Pooling = Activation.Pool

  package let function: ActivationFunction
  package let pooling: Pooling?

  package init(_ function: ActivationFunction, pooling: Pooling? = nil) {
    self.function = function
    self.pooling = pooling
  }

  fileprivate func withCall(
    _ affine: ChannelAffine?, _ added: AddedMaps?, _ body: (Activation) -> Void
  ) {
    func run(_ added: Maps?) {
      guard let affine else {
        return body(Activation(affine: nil, added: added, function: function, pooling: pooling))
      }
      affine.scale.withFloats { scale in
        affine.shift.withFloats { shift in
          body(Activation(affine: (scale, shift), added: added, function: function, pooling: pooling))
        }
      }
    }
    guard let added else { return run(nil) }
    added.matrix.withRows { run(Maps($0, added.layout)) }
  }

  fileprivate func fits(_ input: MapLayout, _ output: MapLayout) -> Bool {
    let (size, stride, padding) = pooling.map { ($0.window.size, $0.window.stride, $0.padding) } ?? (1, 1, 0)
    return input.pitch == output.pitch && (output.height - 1) * stride + size <= input.height + 2 * padding
      && (output.width - 1) * stride + size <= input.width + 2 * padding && output.height > 0 && output.width > 0
      && (output.height - 1) * stride < input.height + padding && (output.width - 1) * stride < input.width + padding
  }
}

/// The maps that a residual connection adds: rows of a matrix, and the layout of each.
package struct AddedMaps {
  let matrix: Matrix
  let layout: MapLayout

  package init(_ matrix: Matrix, _ layout: MapLayout) {
    self.matrix = matrix
    self.layout = layout
  }

  func fits(_ input: MapLayout, images: Int) -> Bool {
    layout.hasSamePixels(as: input) && matrix.stride >= layout.count && images <= matrix.rows
  }
}

extension ChannelActivation {
  /// Scales the feature maps of the first `images` rows, adds others to them, applies the nonlinearity and pools.
  package func callAsFunction(
    _ input: Matrix, _ layout: MapLayout, images: Int, _ affine: ChannelAffine?, adding added: AddedMaps? = nil,
    into output: inout Matrix, _ outputLayout: MapLayout, team: Team = .alone
  ) {
    precondition(fits(layout, outputLayout) && images <= input.rows && images <= output.rows)
    precondition(input.stride >= layout.count && output.stride >= outputLayout.count)
    precondition(added?.fits(layout, images: images) ?? true)
    input.withRows { input in
      output.withWritableRows { output in
        withCall(affine, added) { activation in
          team(
            .activation(
              ActivationCall(
                images: images, Maps(input, layout), activation, into: WritableMaps(output, outputLayout))))
        }
      }
    }
  }

  /// Computes the gradient of the nonlinearity's input from ∂loss/∂output and the output of the forward pass, and each image's sums
  /// of it over the positions.
  package func backward(
    _ input: Matrix, _ layout: MapLayout, images: Int, _ affine: ChannelAffine?, adding added: AddedMaps? = nil,
    output: Matrix, _ outputLayout: MapLayout, gradient outputGradient: Matrix, _ outputGradientLayout: MapLayout,
    into inputGradient: inout Matrix, _ gradientLayout: MapLayout,
    _ memory: inout ChannelSums, _ moments: ChannelMoments?, team: Team = .alone
  ) {
    precondition(fits(layout, outputLayout) && gradientLayout.pitch == layout.pitch)
    precondition(images <= input.rows && images <= outputGradient.rows && images <= inputGradient.rows)
    precondition(input.stride >= layout.count && outputGradient.stride >= outputGradientLayout.count)
    precondition(outputGradientLayout.hasSamePixels(as: outputLayout) && images <= output.rows)
    precondition(output.stride >= outputLayout.count)
    precondition(inputGradient.stride >= gradientLayout.count)
    precondition(added?.fits(layout, images: images) ?? true)
    input.withRows { input in
      output.withRows { output in
        outputGradient.withRows { outputGradient in
          inputGradient.withWritableRows { inputGradient in
            withCall(affine, added) { activation in
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

extension MapLayout {
  func hasSamePixels(as other: MapLayout) -> Bool {
    (channels, height, width, pitch) == (other.channels, other.height, other.width, other.pitch)
  }
}
