extension StateDict {
  /// An element type of a tensor; the raw value is PyTorch's name of it.
  package enum ElementType: String, Sendable, CaseIterable {
    case float16, bfloat16, float32, float64
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case bool

    /// The type in a storage of PyTorch's class of that name.
    init?(storageClass: String) {
      guard let type = Self.allCases.first(where: { $0.storageClass == storageClass }) else { return nil }
      self = type
    }

    /// The storage's class; nil for types that came after such classes.
    var storageClass: String? {
      switch self {
      case .float16: "HalfStorage"
      case .bfloat16: "BFloat16Storage"
      case .float32: "FloatStorage"
      case .float64: "DoubleStorage"
      case .int8: "CharStorage"
      case .int16: "ShortStorage"
      case .int32: "IntStorage"
      case .int64: "LongStorage"
      case .uint8: "ByteStorage"
      case .bool: "BoolStorage"
      case .uint16, .uint32, .uint64: nil
      }
    }

    /// Size of an element in bytes.
    var width: Int {
      switch self {
      case .int8, .uint8, .bool: 1
      case .float16, .bfloat16, .int16, .uint16: 2
      case .float32, .int32, .uint32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }
}
