extension Safetensors {
  /// Element types in the reference's order, by increasing alignment; the raw value is the name in a header.
  package enum DType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case f4 = "F4"
    case f6E2M3 = "F6_E2M3"
    case f6E3M2 = "F6_E3M2"
    case u8 = "U8"
    case i8 = "I8"
    case f8E5M2 = "F8_E5M2"
    case f8E4M3 = "F8_E4M3"
    case f8E8M0 = "F8_E8M0"
    case f8E4M3FNUZ = "F8_E4M3FNUZ"
    case f8E5M2FNUZ = "F8_E5M2FNUZ"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case c64 = "C64"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"

    /// Size of an element in bits.
    package var bits: Int {
      switch self {
      case .f4: 4
      case .f6E2M3, .f6E3M2: 6
      case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 8
      case .i16, .u16, .f16, .bf16: 16
      case .i32, .u32, .f32: 32
      case .c64, .f64, .i64, .u64: 64
      }
    }

    /// Rank in the order in which the writer puts tensors.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Size of a tensor in bytes.
    /// - Parameters:
    ///   - shape: Sizes from 0; a negative one is refused.
    ///   - offset: Position for the error.
    /// - Throws: `FormatError` if the size is too large or no whole number of bytes.
    func byteCount(of shape: [Int], named name: String, at offset: Int?) throws(FormatError) -> Int {
      // Elements first, then bits, both in unsigned 64 bits: the reference decides in this way which shapes overflow,
      // and a later zero does not save a shape that has overflowed.
      var bits: UInt = 1
      for factor in shape + [self.bits] {
        let (product, overflow) = bits.multipliedReportingOverflow(by: UInt(clamping: factor))
        guard factor >= 0, !overflow else {
          let sizes = shape.prefix(8).map(String.init).joined(separator: ", ") + (shape.count > 8 ? ", …" : "")
          throw FormatError(offset: offset, problem: "the shape [\(sizes)] of \(quoted(name)) is too large")
        }
        bits = product
      }
      guard bits % 8 == 0 else {
        throw FormatError(
          offset: offset, problem: "\(bits) bits of \(rawValue) in \(quoted(name)) do not fill whole bytes")
      }
      return Int(bits / 8)
    }
  }
}
