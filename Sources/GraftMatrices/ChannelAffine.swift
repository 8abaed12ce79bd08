/// A factor (`scale`) and a summand (`shift`) for each channel.
package struct ChannelAffine: Sendable {
  package var scale: AlignedFloats
  package var shift: AlignedFloats
  package init(channels: Int) {
    scale = AlignedFloats(zeros: channels)
    shift = AlignedFloats(zeros: channels)
  }
}
