import GraftFiles

extension StateDict {
  /// The most elements that all tensors of a file may have by default: 2^28, which are 1 GiB in single precision.
  package static let defaultLimit = 1 << 28

  /// Reads a file of `torch.save` that is a dictionary of tensors, or has one under `state_dict`, `model`,
  /// `model_state_dict` or `net`. Dictionaries within it give names with a point between: `encoder.weight`.
  ///
  /// Nothing in the file is run. A name that a state dict does not need is an error, wherever it stands.
  /// - Parameters:
  ///   - bytes: The file, in either of PyTorch's two forms.
  ///   - limit: The most elements of all tensors together, counted before any of them is read.
  /// - Throws: `FormatError` with the position in the file, or in the pickle within it.
  package init(decodingPyTorch bytes: [UInt8], limit: Int = defaultLimit) throws(FormatError) {
    let file = try Self.torchFile(bytes)
    let entries = try StateDictEntries(file.pickle)
    try Self.check(entries.tensors, limit: limit, fileSize: bytes.count)

    // A storage is kept until the last of its tensors has been read.
    var uses: [String: Int] = [:]
    for (_, tensor) in entries.tensors { uses[tensor.storage.key, default: 0] += 1 }
    var storages: [String: ArraySlice<UInt8>] = [:]
    var tensors: [Tensor] = []
    tensors.reserveCapacity(entries.tensors.count)
    for (name, tensor) in entries.tensors {
      let key = tensor.storage.key
      let bytes: ArraySlice<UInt8>
      if let known = storages[key] { bytes = known } else { bytes = try file.bytes(of: tensor.storage) }
      uses[key, default: 1] -= 1
      storages[key] = uses[key] == 0 ? nil : bytes
      tensors.append(
        Tensor(
          name: name, shape: tensor.shape, values: try tensor.floats(in: bytes), elementType: tensor.storage.type))
    }
    self.init(tensors: tensors, key: entries.key, ignoredCount: entries.ignoredCount)
  }

  /// Counts the elements, and the bytes of the storages that they are views of, before anything is allocated for them.
  /// PyTorch compresses nothing, so that the storages together are no larger than the file.
  private static func check(
    _ tensors: [(name: String, tensor: PickledTensor)], limit: Int, fileSize: Int
  ) throws(FormatError) {
    var count = 0
    var size = 0
    var keys: Set<String> = []
    for (name, tensor) in tensors {
      // Each summand is at most the limit, so that the sum cannot overflow.
      guard tensor.count <= limit - count else {
        throw .expected(
          "at most \(limit) numbers in all tensors", found: "more: \(quoted(name)) has shape \(tensor.shape)")
      }
      count += tensor.count
      guard keys.insert(tensor.storage.key).inserted else { continue }
      guard tensor.storage.byteCount <= fileSize - size else {
        throw .expected(
          "storages within the \(byteCount(fileSize)) of the file", found: "more: that of \(quoted(name))")
      }
      size += tensor.storage.byteCount
    }
  }
}
