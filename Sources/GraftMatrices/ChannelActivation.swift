import GraftKernelCalls

/// The operations between a layer's weights and its output (scaling, rectifier, pooling), ready for the kernels.
package struct ChannelActivation: Sendable, Hashable {
  package typealias Pool = Activation.Pool
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
    let pooling = pooling.map { (kind: $0.kind, window: $0.window) }
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

extension ChannelActivation {
  /// Scales, rectifies and pools the feature maps of the first `images` rows.
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

  /// Computes the gradient of the scaled input from ∂loss/∂output and the output of the forward pass, and each image's sums of it
  /// over the positions.
  package func backward(
    _ input: Matrix, _ layout: MapLayout, images: Int, _ affine: ChannelAffine?, output: Matrix,
    _ outputLayout: MapLayout, gradient outputGradient: Matrix, _ outputGradientLayout: MapLayout,
    into inputGradient: inout Matrix, _ gradientLayout: MapLayout,
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

extension MapLayout {
  fileprivate func hasSamePixels(as other: MapLayout) -> Bool {
    (channels, height, width, pitch) == (other.channels, other.height, other.width, other.pitch)
  }
}
