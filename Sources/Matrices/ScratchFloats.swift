/// Memory for sums that a kernel works on and nobody keeps. Copies share it, so it belongs to one training at a time.
package final class ScratchFloats: @unchecked Sendable {
  private var block: AlignedFloats

  package init(count: Int) { block = AlignedFloats(zeros: count) }

  var count: Int { block.count }

  func withMutableFloats(_ body: (UnsafeMutablePointer<Float>) -> Void) { block.withMutableFloats(body) }
}
