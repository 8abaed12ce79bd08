/// A value of a pickle. Containers, storages and tensors are numbers of objects in `PickleObjects`.
///
/// Python's values are references: a pickle may put a list into itself, or name one list a thousand times. References by number
/// make neither a cycle in memory nor a tree that grows by copies, and releasing them needs no recursion.
enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// A number that needs more than 64 bits: two's complement, the lowest byte first.
  case wideInteger([UInt8])
  case float(Double)
  case text(String)
  /// A function or class.
  case name(PickleName)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case storage(Int)
  case tensor(Int)

  /// The kind of value, as an error names it.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .integer, .wideInteger, .float: "a number"
    case .text: "text"
    case .name(let name): "'\(name.text)'"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }

  /// Whether the value may be the key of a dictionary: Python hashes no list and no dictionary.
  var isHashable: Bool {
    switch self {
    case .list, .dictionary: false
    default: true
    }
  }
}

/// The objects of a pickle, by number.
struct PickleObjects: Sendable {
  /// An entry of a dictionary. A key that is set twice is there twice.
  struct Item: Sendable {
    let key: PickleValue
    let value: PickleValue
  }

  private var sequences: [[PickleValue]] = []
  private var dictionaries: [[Item]] = []
  private var storages: [PickledStorage] = []
  private var tensors: [PickledTensor] = []

  // MARK: Making

  mutating func makeTuple(_ elements: [PickleValue]) -> PickleValue {
    sequences.append(elements)
    return .tuple(sequences.count - 1)
  }

  mutating func makeList() -> PickleValue {
    sequences.append([])
    return .list(sequences.count - 1)
  }

  mutating func makeDictionary(_ items: [Item] = []) -> PickleValue {
    dictionaries.append(items)
    return .dictionary(dictionaries.count - 1)
  }

  mutating func makeStorage(_ storage: PickledStorage) -> PickleValue {
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  mutating func makeTensor(_ tensor: PickledTensor) -> PickleValue {
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  // MARK: Reading

  /// The elements of a tuple or list; nil for another value.
  func elements(_ value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let number), .list(let number): sequences[number]
    default: nil
    }
  }

  /// The elements of a tuple; nil for another value.
  func tuple(_ value: PickleValue) -> [PickleValue]? {
    if case .tuple(let number) = value { sequences[number] } else { nil }
  }

  func items(_ value: PickleValue) -> [Item]? {
    if case .dictionary(let number) = value { dictionaries[number] } else { nil }
  }

  func storage(_ value: PickleValue) -> PickledStorage? {
    if case .storage(let number) = value { storages[number] } else { nil }
  }

  func tensor(_ value: PickleValue) -> PickledTensor? {
    if case .tensor(let number) = value { tensors[number] } else { nil }
  }

  // MARK: Changing

  /// Appends to a list; returns whether the value is one.
  mutating func append(_ elements: some Sequence<PickleValue>, to value: PickleValue) -> Bool {
    guard case .list(let number) = value else { return false }
    sequences[number].append(contentsOf: elements)
    return true
  }

  /// Adds entries to a dictionary; returns whether the value is one.
  mutating func add(_ items: some Sequence<Item>, to value: PickleValue) -> Bool {
    guard case .dictionary(let number) = value else { return false }
    dictionaries[number].append(contentsOf: items)
    return true
  }
}

/// A pickle that has been read: its value, the objects that this refers to, and the storages that are named anywhere in it.
struct Pickle: Sendable {
  let root: PickleValue
  let objects: PickleObjects
  let storages: [String: PickledStorage]
}
