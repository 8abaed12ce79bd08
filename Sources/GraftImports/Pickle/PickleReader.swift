import GraftFiles

/// A reader of pickles that runs nothing: it follows the instructions that a state dict needs and makes plain values of them.
///
/// Python's own reader imports and calls what a file names. This one knows ten functions and classes (`PickleName`) and makes
/// of each call the value that it would have given. Whatever else the file asks for is an error, and so is every number that
/// does not fit the bytes at hand.
struct PickleReader {
  /// The bounds of the work that a file may ask for. Files of PyTorch stay far below: a state dict takes about forty steps
  /// for each tensor.
  struct Limits {
    /// The most instructions, together with the values that instructions copy.
    var steps = 1 << 22
    /// The most values on the stack. Python writes at most a thousand before it collects them.
    var stack = 1 << 16
    /// The most marks that are open at once, which is how deep containers are nested in the file.
    var marks = 1000
  }

  var reader: ByteReader
  var objects = PickleObjects()
  var storages: [String: PickledStorage] = [:]
  /// Position of the current instruction.
  var position: Int
  private let limits: Limits
  private var stack: [PickleValue] = []
  /// Heights of the stack at the open marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var steps = 0

  init(_ reader: ByteReader, limits: Limits = Limits()) {
    self.reader = reader
    self.position = reader.offset
    self.limits = limits
  }

  /// Reads one pickle up to its end; `reader` then stands behind it.
  mutating func read() throws(FormatError) -> Pickle {
    guard reader.peek() == PickleOpcode.proto.rawValue else {
      throw .expected(
        "a pickle of protocol 2 to 5", found: reader.isAtEnd ? "no bytes" : "other bytes", offset: reader.offset)
    }
    while true {
      position = reader.offset
      let code = try reader.readUInt8(as: "the next instruction of the pickle")
      try spend(1)
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw failure("the pickle has the instruction \(hexadecimal(code)), which no state dict needs")
      }
      if opcode == .stop { return Pickle(root: try result(), objects: objects, storages: storages) }
      try follow(opcode)
    }
  }

  private mutating func follow(_ opcode: PickleOpcode) throws(FormatError) {
    switch opcode {
    case .proto, .frame: try readFraming(opcode)
    case .none, .newTrue, .newFalse, .binInt, .binInt1, .binInt2, .long1, .binFloat, .binUnicode, .shortBinUnicode,
      .binString, .shortBinString:
      try push(try readPlainValue(opcode))
    case .mark:
      guard marks.count < limits.marks else { throw failure("containers are nested deeper than \(limits.marks)") }
      marks.append(stack.count)
    case .emptyTuple: try push(objects.makeTuple([]))
    case .emptyList: try push(objects.makeList())
    case .emptyDict: try push(objects.makeDictionary())
    case .tuple: try push(objects.makeTuple(try popToMark()))
    case .tuple1: try push(objects.makeTuple(try pop(1)))
    case .tuple2: try push(objects.makeTuple(try pop(2)))
    case .tuple3: try push(objects.makeTuple(try pop(3)))
    case .append: try append(try pop(1))
    case .appends: try append(try popToMark())
    case .setItem: try setItems(try pop(2))
    case .setItems: try setItems(try popToMark())
    case .binPut: memo[Int(try reader.readUInt8(as: "a memo number"))] = try top()
    case .longBinPut: memo[Int(try reader.readLittleEndianUInt32(as: "a memo number"))] = try top()
    case .memoize: memo[memo.count] = try top()
    case .binGet: try get(Int(try reader.readUInt8(as: "a memo number")))
    case .longBinGet: try get(Int(try reader.readLittleEndianUInt32(as: "a memo number")))
    case .global: try push(.name(try readName()))
    case .stackGlobal: try push(.name(try name(try pop(2))))
    case .reduce, .newObj:
      let parts = try pop(2)
      try push(try call(parts[0], parts[1]))
    case .build:
      let state = try pop(1)[0]
      try checkState(state, of: try top())
    case .binPersID: try push(try storage(try pop(1)[0]))
    case .stop: break
    }
  }

  /// The value at the end: it must be the only one.
  private func result() throws(FormatError) -> PickleValue {
    guard marks.isEmpty, stack.count == 1 else {
      throw .expected("one value at the end of the pickle", found: "\(stack.count)", offset: position)
    }
    return stack[0]
  }

  /// An error at the current instruction.
  func failure(_ problem: String) -> FormatError { FormatError(offset: position, problem: problem) }

  /// Counts work, so that a short file cannot ask for much of it.
  mutating func spend(_ count: Int) throws(FormatError) {
    steps += count
    guard steps <= limits.steps else { throw failure("the pickle takes more than the \(limits.steps) steps allowed") }
  }
}

// MARK: - Stack

extension PickleReader {
  private mutating func push(_ value: PickleValue) throws(FormatError) {
    guard stack.count < limits.stack else { throw failure("the pickle piles up more than \(limits.stack) values") }
    stack.append(value)
  }

  /// The values that may be taken: those above the last mark.
  private var available: Int { stack.count - (marks.last ?? 0) }

  private func top() throws(FormatError) -> PickleValue {
    guard available > 0, let value = stack.last else { throw failure("the pickle takes a value that is not there") }
    return value
  }

  /// Takes the last `count` values, the topmost last.
  private mutating func pop(_ count: Int) throws(FormatError) -> [PickleValue] {
    guard available >= count else { throw failure("the pickle takes a value that is not there") }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  /// Takes the values above the last mark, and the mark.
  private mutating func popToMark() throws(FormatError) -> [PickleValue] {
    let values = try pop(available)
    guard marks.popLast() != nil else { throw failure("the pickle takes values up to a mark that is not there") }
    return values
  }

  private mutating func get(_ number: Int) throws(FormatError) {
    guard let value = memo[number] else { throw failure("the pickle takes memo \(number), which is not there") }
    try push(value)
  }

  private mutating func append(_ elements: [PickleValue]) throws(FormatError) {
    let list = try top()
    guard objects.append(elements, to: list) else { throw failure("expected a list to append to, found \(list.kind)") }
  }

  /// Adds entries to the topmost value: keys and values in turn.
  private mutating func setItems(_ parts: [PickleValue]) throws(FormatError) {
    guard parts.count % 2 == 0 else { throw failure("the pickle sets a key without a value") }
    let items = stride(from: 0, to: parts.count, by: 2).map {
      PickleObjects.Item(key: parts[$0], value: parts[$0 + 1])
    }
    if let wrong = items.first(where: { !$0.key.isHashable }) {
      throw failure("expected the key of a dictionary, found \(wrong.key.kind)")
    }
    let dictionary = try top()
    guard objects.add(items, to: dictionary) else {
      throw failure("expected a dictionary to add to, found \(dictionary.kind)")
    }
  }
}
