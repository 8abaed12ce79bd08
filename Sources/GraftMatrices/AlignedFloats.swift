import CGraftProcessor
import Foundation

/// A block of `Float`s aligned to a cache line (64 bytes), with value semantics.
///
/// Matrices, parameters, gradients and optimizer state are all such blocks. Copies share storage until one of them is written
/// (copy on write). The length is rounded up to whole vectors of 16, so that a kernel may always load a full vector. The padding
/// is zero unless a kernel wrote there.
package struct AlignedFloats: Sendable {
  /// Floats in one vector register as the kernels see it.
  package static let vectorWidth = 16

  /// Owner of the memory. It is written only while uniquely referenced, so threads may share it safely.
  @usableFromInline
  final class Storage: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutablePointer<Float>
    @usableFromInline let capacity: Int

    /// Least number of bytes for which a block lies in pages of 2 MB, if the system has them. The rows of a batch, drawn from all
    /// over a data set, then miss the table of pages less often.
    private static let largePage = 2 << 20

    @usableFromInline
    init(capacity: Int) {
      self.capacity = capacity
      let byteCount = max(capacity, 1) * MemoryLayout<Float>.stride
      let isLarge = byteCount >= Storage.largePage
      let bytes = UnsafeMutableRawPointer.allocate(
        byteCount: byteCount, alignment: isLarge ? Storage.largePage : 64)
      if isLarge { processor_use_large_pages(bytes, UInt(byteCount)) }
      base = bytes.bindMemory(to: Float.self, capacity: max(capacity, 1))
      base.initialize(repeating: 0, count: max(capacity, 1))
    }

    deinit { base.deallocate() }
  }

  @usableFromInline var storage: Storage

  /// The number of floats asked for, without the padding.
  package let count: Int

  /// A block of `count` zeros.
  package init(zeros count: Int) {
    self.count = count
    let width = AlignedFloats.vectorWidth
    storage = Storage(capacity: (count + width - 1) / width * width)
  }

  /// The memory for reading.
  @inlinable
  package func withFloats<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    withExtendedLifetime(storage) { body(UnsafePointer(storage.base)) }
  }

  /// The memory for writing, after making it this value's own.
  @inlinable
  package mutating func withMutableFloats<Result>(_ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
    makeUnique()
    return withExtendedLifetime(storage) { body(storage.base) }
  }

  @inlinable
  package mutating func makeUnique() {
    guard !isKnownUniquelyReferenced(&storage) else { return }
    let own = Storage(capacity: storage.capacity)
    own.base.update(from: storage.base, count: storage.capacity)
    storage = own
  }

  /// The float at `index`, which is less than `count`.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) outside a block of \(count) floats")
      return storage.base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) outside a block of \(count) floats")
      makeUnique()
      storage.base[index] = newValue
    }
  }

  /// Sets every float, padding included, to zero.
  /// The memory of the first `count` floats, as this machine keeps them.
  package func bytes(first count: Int) -> [UInt8] {
    precondition(count >= 0 && count <= self.count)
    return withFloats { Array(UnsafeRawBufferPointer(start: $0, count: count * MemoryLayout<Float>.size)) }
  }

  package mutating func setToZero() {
    makeUnique()
    storage.base.update(repeating: 0, count: storage.capacity)
  }

  /// Whether the first `count` floats of two blocks have the same bits.
  package func hasSameBits(as other: AlignedFloats, first count: Int) -> Bool {
    precondition(count <= self.count && count <= other.count)
    return storage === other.storage
      || memcmp(storage.base, other.storage.base, count * MemoryLayout<Float>.stride) == 0
  }

  /// Whether every float, padding included, is finite.
  ///
  /// Checked after every epoch, which with a few labelled images is every step. x - x is zero, or NaN if x is not finite, and a
  /// sum that has met NaN stays NaN, so no float needs a branch.
  package var isFinite: Bool {
    withFloats { floats in
      var sum = SIMD16<Float>()
      var start = 0
      while start < storage.capacity {
        let vector = UnsafeRawPointer(floats + start).loadUnaligned(as: SIMD16<Float>.self)
        sum += vector - vector
        start &+= 16
      }
      return sum.sum() == 0
    }
  }
}

extension AlignedFloats: Hashable {
  /// Whether every float has the same bits, so that `NaN` equals itself and `0` differs from `-0`: the meaning of "the same
  /// weights".
  package static func == (a: AlignedFloats, b: AlignedFloats) -> Bool {
    guard a.count == b.count else { return false }
    return a.withFloats { x in
      b.withFloats { y in (0..<a.count).allSatisfy { x[$0].bitPattern == y[$0].bitPattern } }
    }
  }

  /// Hashes the bits of every float.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    withFloats { floats in for index in 0..<count { hasher.combine(floats[index].bitPattern) } }
  }
}
