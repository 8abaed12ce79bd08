import GraftFiles

/// The tensors of a pickle by name: those of one dictionary and of the dictionaries within it.
struct StateDictEntries {
  /// The tensors, in the order of the file.
  private(set) var tensors: [(name: String, tensor: PickledTensor)] = []
  /// The key of the dictionary that was taken; nil if it is the pickle's own value.
  private(set) var key: String?
  /// The number of entries that are no tensors.
  private(set) var ignoredCount = 0

  /// The names under which training programs put a state dict beside other values, the first one first.
  private static let keys = ["state_dict", "model", "model_state_dict", "net"]
  /// The most dictionaries within each other.
  private static let depthLimit = 32
  /// The most entries. A dictionary counts as often as it is named: a short pickle can name one 2^60 times.
  private static let entryLimit = 1 << 18
  /// The longest name in bytes.
  private static let nameLimit = 1024

  private let objects: PickleObjects
  private var names: Set<[UInt8]> = []
  private var entryCount = 0

  /// - Throws: `FormatError` if the value is no dictionary, has no tensors or has two of one name.
  init(_ pickle: Pickle) throws(FormatError) {
    objects = pickle.objects
    guard var items = objects.items(pickle.root) else {
      throw .expected("a dictionary of tensors", found: pickle.root.kind)
    }
    if let (key, inner) = nested(in: items) {
      self.key = key
      ignoredCount = items.count - 1
      items = inner
    }
    try collect(items, prefix: "", depth: 0)
    guard !tensors.isEmpty else {
      throw .expected("a dictionary of tensors", found: "a dictionary without any")
    }
  }

  private func nested(in items: [PickleObjects.Item]) -> (key: String, items: [PickleObjects.Item])? {
    for key in Self.keys {
      let found = items.last { item in
        guard case .text(key) = item.key, case .dictionary = item.value else { return false }
        return true
      }
      if let found, let inner = objects.items(found.value) { return (key, inner) }
    }
    return nil
  }

  private mutating func collect(
    _ items: [PickleObjects.Item], prefix: String, depth: Int
  ) throws(FormatError) {
    guard depth < Self.depthLimit else {
      throw FormatError(problem: "dictionaries are nested deeper than \(Self.depthLimit)")
    }
    for item in items {
      entryCount += 1
      guard entryCount <= Self.entryLimit else {
        throw .expected("at most \(Self.entryLimit) entries in all dictionaries", found: "more")
      }
      guard case .text(let text) = item.key else {
        ignoredCount += 1
        continue
      }
      let name = prefix + text
      if let tensor = objects.tensor(item.value) {
        try add(name, tensor)
      } else if let inner = objects.items(item.value) {
        guard name.utf8.count <= Self.nameLimit else { throw tooLong(name) }
        try collect(inner, prefix: name + ".", depth: depth + 1)
      } else {
        ignoredCount += 1
      }
    }
  }

  private mutating func add(_ name: String, _ tensor: PickledTensor) throws(FormatError) {
    guard name.utf8.count <= Self.nameLimit else { throw tooLong(name) }
    guard names.insert(Array(name.utf8)).inserted else {
      throw FormatError(problem: "the tensor \(quoted(name)) is there twice")
    }
    tensors.append((name, tensor))
  }

  private func tooLong(_ name: String) -> FormatError {
    .expected("names of at most \(Self.nameLimit) bytes", found: quoted(name))
  }
}
