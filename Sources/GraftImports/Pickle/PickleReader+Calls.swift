import GraftFiles

// The values of the calls in a state dict, made without calling anything.

extension PickleReader {
  /// The value of a call.
  mutating func call(_ function: PickleValue, _ arguments: PickleValue) throws(FormatError) -> PickleValue {
    guard case .name(let name) = function else {
      throw failure("expected a function to call, found \(function.kind)")
    }
    guard let parts = objects.tuple(arguments) else {
      throw failure("expected a tuple of arguments for '\(name.text)', found \(arguments.kind)")
    }
    switch name {
    case .orderedDictionary: return objects.makeDictionary(try items(parts))
    case .rebuildTensor where parts.count == 4: return try tensor(parts, type: nil)
    case .rebuildTensorV2 where (6...7).contains(parts.count): return try tensor(parts, type: nil)
    case .rebuildTensorV3 where (7...8).contains(parts.count):
      guard case .name(.elementType(let type)) = parts[6] else {
        throw failure("expected an element type such as 'torch.float32', found \(parts[6].kind)")
      }
      return try tensor(parts, type: type)
    case .rebuildParameter where parts.count == 3, .parameter where (1...2).contains(parts.count):
      guard case .tensor = parts[0] else { throw failure("expected a tensor as parameter, found \(parts[0].kind)") }
      return parts[0]
    case .size where parts.count == 1 && objects.elements(parts[0]) != nil: return parts[0]
    case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3, .rebuildParameter, .parameter, .size:
      throw failure("the file calls '\(name.text)' with arguments that do not fit it")
    case .storage, .untypedStorage, .elementType:
      throw failure("the file calls '\(name.text)', which no state dict does: nothing of it is run")
    }
  }

  /// The entries of an ordered dictionary, which Python 2 wrote as one list of pairs and Python 3 sets afterwards.
  private mutating func items(_ arguments: [PickleValue]) throws(FormatError) -> [PickleObjects.Item] {
    guard let list = arguments.first else { return [] }
    guard arguments.count == 1, let pairs = objects.elements(list) else {
      throw failure("expected a list of pairs for '\(PickleName.orderedDictionary.text)', found \(list.kind)")
    }
    try spend(pairs.count)
    var items: [PickleObjects.Item] = []
    for pair in pairs {
      guard let parts = objects.elements(pair), parts.count == 2, parts[0].isHashable else {
        throw failure("expected pairs of keys and values for '\(PickleName.orderedDictionary.text)'")
      }
      items.append(PickleObjects.Item(key: parts[0], value: parts[1]))
    }
    return items
  }

  /// Checks the state that an object is given. It is dropped: an ordered dictionary has the versions of a network's layers
  /// in it (`_metadata`), a parameter of PyTorch 0.3 whether it is trained.
  func checkState(_ state: PickleValue, of object: PickleValue) throws(FormatError) {
    switch (object, state) {
    case (.dictionary, .dictionary), (.tensor, .tuple): break
    default: throw failure("the file gives \(state.kind) as state to \(object.kind), which no state dict does")
    }
  }

  // MARK: Storages and tensors

  /// The storage that a persistent number means: a tuple of "storage", class, key, place (such as "cuda:0"), number of
  /// elements, and in the older file None (`persistent_id` in torch/serialization.py).
  mutating func storage(_ reference: PickleValue) throws(FormatError) -> PickleValue {
    guard let parts = objects.tuple(reference), (5...6).contains(parts.count), case .text("storage") = parts[0],
      case .text(let key) = parts[2], case .text = parts[3], case .integer(let count) = parts[4]
    else { throw failure("expected a storage with class, key, place and size, found another reference") }
    let type: StateDict.ElementType
    switch parts[1] {
    case .name(.storage(let known)): type = known
    case .name(.untypedStorage): type = .uint8
    default: throw failure("expected the class of a storage, found \(parts[1].kind)")
    }
    if parts.count == 6 {
      guard case .none = parts[5] else { throw failure("views of storages in old files of PyTorch are not supported") }
    }
    let storage = try PickledStorage(key: key, type: type, count: count, offset: position)
    guard (storages[key] ?? storage) == storage else {
      throw failure("the storage \(quoted(key)) has two types or sizes")
    }
    storages[key] = storage
    return objects.makeStorage(storage)
  }

  /// The tensor that `_rebuild_tensor` and its successors make of a storage, an offset, sizes and strides.
  private mutating func tensor(
    _ arguments: [PickleValue], type: StateDict.ElementType?
  ) throws(FormatError) -> PickleValue {
    guard var storage = objects.storage(arguments[0]) else {
      throw failure("expected a storage for a tensor, found \(arguments[0].kind)")
    }
    if let type { storage = try storage.reinterpreted(as: type, offset: position) }
    guard case .integer(let offset) = arguments[1] else {
      throw failure("expected the offset of a tensor, found \(arguments[1].kind)")
    }
    let shape = try integers(arguments[2], as: "the sizes of a tensor")
    let strides = try integers(arguments[3], as: "the strides of a tensor")
    return objects.makeTensor(
      try PickledTensor(storage: storage, offset: offset, shape: shape, strides: strides, at: position))
  }

  private mutating func integers(_ value: PickleValue, as what: String) throws(FormatError) -> [Int] {
    guard let parts = objects.tuple(value) else { throw failure("expected \(what), found \(value.kind)") }
    guard parts.count <= PickledTensor.dimensionLimit else {
      throw failure("expected at most \(PickledTensor.dimensionLimit) numbers as \(what), found \(parts.count)")
    }
    try spend(parts.count)
    var numbers: [Int] = []
    for part in parts {
      guard case .integer(let number) = part else {
        throw failure("expected whole numbers below 2^63 as \(what), found \(part.kind)")
      }
      numbers.append(number)
    }
    return numbers
  }
}
