import GraftKernelCalls

/// Factors of the backward pass through batch normalisation, one of each kind for each channel.
package struct ChannelFactors: Sendable {
  package var a: AlignedFloats
  package var b: AlignedFloats
  package var c: AlignedFloats

  package init(channels: Int) {
    a = AlignedFloats(zeros: channels)
    b = AlignedFloats(zeros: channels)
    c = AlignedFloats(zeros: channels)
  }

  /// Sets `gradient = gradient · a + input · b + c`, channel by channel.
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
