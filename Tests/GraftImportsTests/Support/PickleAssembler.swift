@testable import GraftImports

/// Pickles put together from instructions, right or wrong.
enum PickleAssembler {
  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A whole pickle: protocol, instructions, end.
  static func pickle(_ parts: [UInt8]..., version: UInt8 = 2) -> [UInt8] {
    [0x80, version] + parts.flatMap { $0 } + op(.stop)
  }

  static func op(_ opcode: PickleOpcode, _ argument: [UInt8] = []) -> [UInt8] { [opcode.rawValue] + argument }

  // MARK: Values

  static func text(_ text: String) -> [UInt8] {
    op(.binUnicode, little(text.utf8.count, 4) + Array(text.utf8))
  }

  /// A number in the shortest form that Python writes.
  static func number(_ value: Int) -> [UInt8] {
    if (0..<256).contains(value) { return op(.binInt1, little(value, 1)) }
    if (0..<65536).contains(value) { return op(.binInt2, little(value, 2)) }
    if Int(Int32.min)...Int(Int32.max) ~= value { return op(.binInt, little(value, 4)) }
    return op(.long1, [8] + little(value, 8))
  }

  static func tuple(_ parts: [[UInt8]]) -> [UInt8] { op(.mark) + parts.flatMap { $0 } + op(.tuple) }

  static func tuple(_ numbers: [Int]) -> [UInt8] { tuple(numbers.map(number)) }

  static func dictionary(_ items: KeyValuePairs<String, [UInt8]>) -> [UInt8] { op(.emptyDict) + filled(items) }

  static func orderedDictionary(_ items: KeyValuePairs<String, [UInt8]> = [:]) -> [UInt8] {
    global("collections", "OrderedDict") + op(.emptyTuple) + op(.reduce) + (items.isEmpty ? [] : filled(items))
  }

  private static func filled(_ items: KeyValuePairs<String, [UInt8]>) -> [UInt8] {
    op(.mark) + items.flatMap { text($0.key) + $0.value } + op(.setItems)
  }

  // MARK: Names and calls

  static func global(_ module: String, _ name: String) -> [UInt8] {
    op(.global, Array("\(module)\n\(name)\n".utf8))
  }

  static func call(_ module: String, _ name: String, _ arguments: [UInt8]...) -> [UInt8] {
    global(module, name) + tuple(arguments) + op(.reduce)
  }

  /// A reference to a storage.
  static func storage(
    _ key: String = "0", count: Int = 6, kind: String = "FloatStorage", isInStream: Bool = false
  ) -> [UInt8] {
    tuple(
      [text("storage"), global("torch", kind), text(key), text("cpu"), number(count)]
        + (isInStream ? [op(.none)] : [])) + op(.binPersID)
  }

  /// A tensor as PyTorch writes it: a matrix of 2 x 3 over a storage of 6 numbers.
  static func tensor(
    _ shape: [Int] = [2, 3], strides: [Int] = [3, 1], offset: Int = 0, storage: [UInt8]? = nil
  ) -> [UInt8] {
    call(
      "torch._utils", "_rebuild_tensor_v2", storage ?? self.storage(), number(offset), tuple(shape), tuple(strides),
      op(.newFalse), orderedDictionary())
  }
}
