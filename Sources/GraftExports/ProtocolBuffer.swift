/// A message in the wire format of Protocol Buffers, written field by field (https://protobuf.dev/programming-guides/encoding).
///
/// Graft writes messages and reads none, and their fields are few, so this is all of the format that it needs; swift-protobuf would
/// double the time of a first build. The tests give what it writes to `protoc`.
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// Adds an integer, enumeration or truth value; a negative one takes ten bytes.
  mutating func add(_ field: Int, _ number: Int) {
    tag(field, .varint)
    varint(UInt64(bitPattern: Int64(number)))
  }

  /// Adds a `float`.
  mutating func add(_ field: Int, _ number: Float) {
    tag(field, .fixed32)
    bytes.append(littleEndian: number.bitPattern)
  }

  /// Adds a `double`.
  mutating func add(_ field: Int, _ number: Double) {
    tag(field, .fixed64)
    bytes.append(littleEndian: number.bitPattern)
  }

  /// Adds a text, as UTF-8.
  mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

  /// Adds a message.
  mutating func add(_ field: Int, _ message: ProtocolBuffer) { add(field, bytes: message.bytes) }

  /// Adds bytes.
  mutating func add(_ field: Int, bytes content: [UInt8]) {
    tag(field, .lengthDelimited)
    varint(UInt64(content.count))
    bytes += content
  }

  /// Adds a `repeated float` as one packed field.
  mutating func add(_ field: Int, packed numbers: [Float]) { add(field, bytes: numbers.littleEndianBytes) }

  /// Adds a `repeated double` as one packed field.
  mutating func add(_ field: Int, packed numbers: [Double]) {
    var content: [UInt8] = []
    for number in numbers { content.append(littleEndian: number.bitPattern) }
    add(field, bytes: content)
  }

  /// Adds a `repeated int64` as one packed field.
  mutating func add(_ field: Int, packed numbers: [Int]) {
    var content = ProtocolBuffer()
    for number in numbers { content.varint(UInt64(bitPattern: Int64(number))) }
    add(field, bytes: content.bytes)
  }

  /// A message that `body` fills.
  static func message(_ body: (inout ProtocolBuffer) -> Void) -> ProtocolBuffer {
    var message = ProtocolBuffer()
    body(&message)
    return message
  }

  private mutating func tag(_ field: Int, _ type: WireType) { varint(UInt64(field) << 3 | type.rawValue) }

  /// Seven bits a byte, the lowest first; the eighth bit says that more follow.
  private mutating func varint(_ number: UInt64) {
    var rest = number
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
