import GraftFiles

extension PickledTensor {
  /// The elements in single precision, row-major whatever the strides: halves exactly, doubles and whole numbers rounded to
  /// the nearest, truth values as 0 and 1.
  /// - Parameter bytes: The whole storage, little-endian.
  /// - Throws: `FormatError` if the storage has another size.
  func floats(in bytes: ArraySlice<UInt8>) throws(FormatError) -> [Float] {
    guard bytes.count == storage.byteCount else {
      throw .expected(
        "\(byteCount(storage.byteCount)) in storage \(quoted(storage.key))", found: byteCount(bytes.count))
    }
    switch storage.type {
    case .float16: return gather(bytes, UInt16.self, HalfPrecision.single)
    case .bfloat16: return gather(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: return gather(bytes, UInt32.self) { Float(bitPattern: $0) }
    case .float64: return gather(bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
    case .int8: return gather(bytes, Int8.self) { Float($0) }
    case .int16: return gather(bytes, Int16.self) { Float($0) }
    case .int32: return gather(bytes, Int32.self) { Float($0) }
    case .int64: return gather(bytes, Int64.self) { Float($0) }
    case .uint8: return gather(bytes, UInt8.self) { Float($0) }
    case .uint16: return gather(bytes, UInt16.self) { Float($0) }
    case .uint32: return gather(bytes, UInt32.self) { Float($0) }
    case .uint64: return gather(bytes, UInt64.self) { Float($0) }
    case .bool: return gather(bytes, UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }

  /// Collects the elements. The initializer has checked that none lies beyond the storage, `floats(in:)` that the bytes are
  /// the whole of it.
  @inline(__always)
  private func gather<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: ArraySlice<UInt8>, _ type: Bits.Type, _ number: (Bits) -> Float
  ) -> [Float] {
    guard count > 0 else { return [] }
    var outer = joinedDimensions
    let inner = outer.popLast() ?? (size: 1, stride: 1)
    let width = MemoryLayout<Bits>.size
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.withUnsafeBytes { raw in
        var index = [Int](repeating: 0, count: outer.count)
        var start = offset
        while true {
          for place in 0..<inner.size {
            let bits = raw.loadUnaligned(fromByteOffset: (start + place * inner.stride) * width, as: Bits.self)
            buffer.initializeElement(at: filled, to: number(Bits(littleEndian: bits)))
            filled += 1
          }
          // The next row: the last dimension that can advance does, and those within it begin again.
          var dimension = outer.count - 1
          while dimension >= 0, index[dimension] == outer[dimension].size - 1 {
            start -= index[dimension] * outer[dimension].stride
            index[dimension] = 0
            dimension -= 1
          }
          guard dimension >= 0 else { return }
          index[dimension] += 1
          start += outer[dimension].stride
        }
      }
    }
  }

  /// The dimensions as few as possible: those of size 1 are left out, and two neighbours become one if the outer one goes on
  /// where the inner one ends. A contiguous tensor has one dimension.
  private var joinedDimensions: [(size: Int, stride: Int)] {
    var joined: [(size: Int, stride: Int)] = []
    for (size, stride) in zip(shape, strides) where size != 1 {
      if let last = joined.last, last.stride == size * stride {
        joined[joined.count - 1] = (last.size * size, stride)
      } else {
        joined.append((size, stride))
      }
    }
    return joined
  }
}
