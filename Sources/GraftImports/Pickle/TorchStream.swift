import GraftFiles

/// A file of `torch.save` before PyTorch 1.6: five pickles and the storages (torch/serialization.py, `_legacy_save`).
///
/// The pickles are a magic number, the number of the protocol, facts about the machine, the saved value and the keys of the
/// storages. For each key follow the number of elements, in eight bytes, and the elements.
struct TorchStream: TorchFile {
  let pickle: Pickle
  private let storages: [String: ArraySlice<UInt8>]

  /// 0x1950a86a20f9469cfc6c, the lowest byte first.
  private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

  init(decoding bytes: [UInt8]) throws(FormatError) {
    var reader = ByteReader(bytes)
    guard case .wideInteger(Self.magic) = try Self.read(&reader).root else {
      throw .expected("a pickle that begins with PyTorch's magic number", found: "another pickle", offset: 0)
    }
    let versionOffset = reader.offset
    guard case .integer(1001) = try Self.read(&reader).root else {
      throw .expected("a file of PyTorch's protocol 1001", found: "another", offset: versionOffset)
    }
    try Self.checkMachine(&reader)
    pickle = try Self.read(&reader)
    storages = try Self.readStorages(&reader, of: pickle)
    guard reader.isAtEnd else {
      throw .expected(
        "the end of the file after the storages", found: "\(byteCount(reader.remaining)) more", offset: reader.offset)
    }
  }

  func bytes(of storage: PickledStorage) throws(FormatError) -> ArraySlice<UInt8> {
    guard let bytes = storages[storage.key] else {
      throw .expected("the storage \(quoted(storage.key)) in the file", found: "none")
    }
    return bytes
  }

  private static func read(_ reader: inout ByteReader) throws(FormatError) -> Pickle {
    var pickles = PickleReader(reader)
    let pickle = try pickles.read()
    reader = pickles.reader
    return pickle
  }

  /// Reads the facts about the machine that wrote the file; only its byte order matters.
  private static func checkMachine(_ reader: inout ByteReader) throws(FormatError) {
    let offset = reader.offset
    let machine = try read(&reader)
    let order = machine.objects.items(machine.root)?.last { item in
      if case .text("little_endian") = item.key { true } else { false }
    }
    guard case .bool(true)? = order?.value else {
      throw .expected("little-endian numbers (little_endian: True)", found: "others", offset: offset)
    }
  }

  /// Reads the keys, and the storage of each. A storage's element type, and with it its size, stands in the pickle.
  private static func readStorages(
    _ reader: inout ByteReader, of pickle: Pickle
  ) throws(FormatError) -> [String: ArraySlice<UInt8>] {
    let offset = reader.offset
    let list = try read(&reader)
    guard let keys = list.objects.elements(list.root) else {
      throw .expected("a list of the storages' keys", found: list.root.kind, offset: offset)
    }
    var storages: [String: ArraySlice<UInt8>] = [:]
    for value in keys {
      guard case .text(let key) = value, storages[key] == nil, let storage = pickle.storages[key] else {
        throw .expected("the keys of storages that tensors refer to, each once", found: "another", offset: offset)
      }
      let position = reader.offset
      let count = try reader.readLittleEndianUInt64(as: "the number of elements of a storage")
      guard count == UInt64(storage.count) else {
        throw .expected("\(storage.count) elements in storage \(quoted(key))", found: "\(count)", offset: position)
      }
      storages[key] = try reader.readBytes(storage.byteCount, as: "the storage \(quoted(key))")
    }
    return storages
  }
}
