import GraftFiles

/// A file of `torch.save`: a pickle, and the storages that it refers to.
protocol TorchFile {
  var pickle: Pickle { get }

  /// The bytes of a storage, little-endian.
  /// - Throws: `FormatError` if the file has no such storage, or one of another size.
  func bytes(of storage: PickledStorage) throws(FormatError) -> ArraySlice<UInt8>
}

extension StateDict {
  /// Tells PyTorch's two forms apart, and names what is neither.
  static func torchFile(_ bytes: [UInt8]) throws(FormatError) -> any TorchFile {
    if bytes.starts(with: [0x50, 0x4b]) { return try TorchArchive(decoding: bytes) }
    if bytes.first == PickleOpcode.proto.rawValue { return try TorchStream(decoding: bytes) }
    switch ContentGuess.phrase(for: bytes) {
    case "a tar archive":
      throw FormatError(
        offset: 0,
        problem: "this is a tar archive, as the first releases of PyTorch saved them: load it there and save it again "
          + "with a newer one")
    case let phrase?: throw FormatError(offset: 0, problem: "this is \(phrase), not a state dict of PyTorch")
    case nil:
      throw .expected("a state dict of PyTorch (a zip archive or a pickle)", found: "other bytes", offset: 0)
    }
  }
}
