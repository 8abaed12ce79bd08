extension Safetensors {
  /// A tensor of single-precision numbers.
  /// - Throws: `FormatError` if the number of values does not fit the shape.
  package static func floats32(_ name: String, _ shape: [Int], _ values: [Float]) throws(FormatError) -> Tensor {
    let size = try DType.f32.byteCount(of: shape, named: name, at: nil)
    guard size == 4 * values.count else {
      throw .expected("\(size / 4) values for \(quoted(name)), shape \(shape)", found: "\(values.count)")
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      for (index, value) in values.enumerated() {
        raw.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
      }
      filled = size
    }
    return Tensor(name: name, dtype: .f32, shape: shape, bytes: bytes[...])
  }
}

extension Safetensors.Tensor {
  /// The elements in single precision: F32 unchanged, F16 and BF16 exactly, F64 rounded to the nearest (to infinity
  /// beyond the range of `Float`). NaN and infinity are accepted, as the format allows them.
  /// - Throws: `FormatError` for any other element type.
  package func floats() throws(FormatError) -> [Float] {
    switch dtype {
    case .f32: return map(UInt32.self, Float.init(bitPattern:))
    case .bf16: return map(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .f16: return map(UInt16.self, HalfPrecision.single)
    case .f64: return map(UInt64.self) { Float(Double(bitPattern: $0)) }
    default:
      throw .expected("numbers of type F32, F16, BF16 or F64 in the tensor \(quoted(name))", found: dtype.rawValue)
    }
  }

  private func map<Bits: FixedWidthInteger>(_ type: Bits.Type, _ number: (Bits) -> Float) -> [Float] {
    let width = Bits.bitWidth / 8
    let count = bytes.count / width
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.withUnsafeBytes { raw in
        for index in 0..<count {
          let bits = Bits(littleEndian: raw.loadUnaligned(fromByteOffset: width * index, as: Bits.self))
          buffer.initializeElement(at: index, to: number(bits))
        }
      }
      filled = count
    }
  }
}
