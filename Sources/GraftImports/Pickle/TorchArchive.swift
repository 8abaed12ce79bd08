import GraftFiles

/// A file of `torch.save` since PyTorch 1.6: a zip archive with the pickle in `NAME/data.pkl` and the storages in
/// `NAME/data/KEY` (torch/serialization.py, `_save`).
struct TorchArchive: TorchFile {
  let pickle: Pickle
  private let archive: ZIPArchive
  private let entries: [String: ZIPArchive.Entry]
  /// `NAME/`.
  private let folder: String

  init(decoding bytes: [UInt8]) throws(FormatError) {
    let archive = try ZIPArchive(decoding: bytes)
    let entries = Dictionary(archive.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let pickles = archive.entries.filter { $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let entry = pickles.first else {
      throw .expected(
        "one entry NAME/data.pkl, as torch.save writes it", found: pickles.isEmpty ? "none" : "\(pickles.count)")
    }
    let folder = String(entry.name.dropLast("data.pkl".count))
    // TorchScript, which torch.load tells apart in the same way.
    guard entries["\(folder)constants.pkl"] == nil else {
      throw FormatError(
        problem: "this is a program saved by torch.jit.save, not a state dict: save model.state_dict() with torch.save")
    }
    if let order = entries["\(folder)byteorder"] {
      let text = order.size <= 16 ? String(decoding: try archive.unpack(order), as: UTF8.self) : "other bytes"
      guard text == "little" else {
        throw .expected("little-endian numbers (byteorder \"little\")", found: quoted(text))
      }
    }
    // PyTorch compresses nothing.
    guard entry.size <= bytes.count else {
      throw .expected("a pickle within the \(byteCount(bytes.count)) of the file", found: byteCount(entry.size))
    }
    pickle = try Self.pickle(try archive.unpack(entry), name: entry.name)
    self.archive = archive
    self.entries = entries
    self.folder = folder
  }

  private static func pickle(_ bytes: [UInt8], name: String) throws(FormatError) -> Pickle {
    do throws(FormatError) {
      var reader = PickleReader(ByteReader(bytes))
      let pickle = try reader.read()
      guard reader.reader.isAtEnd else {
        throw .expected(
          "the end of the pickle", found: "\(byteCount(reader.reader.remaining)) more", offset: reader.reader.offset)
      }
      return pickle
    } catch {
      throw error.inside(quoted(name))
    }
  }

  func bytes(of storage: PickledStorage) throws(FormatError) -> ArraySlice<UInt8> {
    let name = "\(folder)data/\(storage.key)"
    guard let entry = entries[name] else {
      throw .expected("the storage \(quoted(name)) in the archive", found: "none")
    }
    guard entry.size == storage.byteCount else {
      throw .expected("\(byteCount(storage.byteCount)) in the storage \(quoted(name))", found: byteCount(entry.size))
    }
    return try archive.unpack(entry)[...]
  }
}
