/// Scratch memory for a kernel's sums. Copies share it: a writer first makes sure that it has no other owner.
package final class ScratchFloats: @unchecked Sendable {
  private var block: AlignedFloats

  package init(count: Int) { block = AlignedFloats(zeros: count) }

  package var count: Int { block.count }

  func withMutableFloats(_ body: (UnsafeMutablePointer<Float>) -> Void) { block.withMutableFloats(body) }
}
