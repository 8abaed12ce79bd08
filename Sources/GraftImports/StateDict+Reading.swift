import GraftData
import GraftFiles

extension StateDict {
  /// Reads the weights in a file: safetensors, NPZ, a file of `torch.save` in either form, or a `.whl` or `.zip` archive with one of
  /// these in it.
  ///
  /// Nothing in the file is run. A file whose name ends as PyTorch's published ones do (`resnet18-f37072fd.pth`) must have a SHA-256
  /// that begins so.
  /// - Throws: `FileFailure` if it cannot be read, `FormatError` with its path if it has no weights.
  package init(contentsOf path: String) throws {
    let bytes = try readFile(at: path)
    do throws(FormatError) {
      try StateDict.checkName(path, bytes)
      try self.init(decoding: bytes)
    } catch {
      throw error.at(path: path)
    }
  }

  /// Reads the bytes of such a file.
  package init(decoding bytes: [UInt8]) throws(FormatError) {
    guard let entry = try StateDict.onlyWeights(in: bytes) else {
      self = try StateDict.plain(bytes)
      return
    }
    do throws(FormatError) {
      try StateDict.checkName(entry.name, entry.bytes)
      self = try StateDict.plain(entry.bytes)
    } catch {
      throw error.container == nil ? error.inside(entry.name) : error
    }
  }

  /// The weights of a file that is no archive of others.
  private static func plain(_ bytes: [UInt8]) throws(FormatError) -> StateDict {
    if bytes.starts(with: [0x50, 0x4b]) {
      let names = try ZIPArchive(decoding: bytes).entries.map(\.name)
      return names.contains { $0.hasSuffix(".npy") }
        ? StateDict(arrays: try NamedFloats.npz(bytes)) : try StateDict(decodingPyTorch: bytes)
    }
    if isSafetensors(bytes) { return try StateDict(try Safetensors(decoding: bytes)) }
    if bytes.count > 2, bytes[0] == 0x80 { return try StateDict(decodingPyTorch: bytes) }
    let found = ContentGuess.phrase(for: bytes) ?? "something else"
    throw .expected("weights: safetensors, NPZ, or a state dict of PyTorch", found: found)
  }

  /// Whether bytes begin as a safetensors file: a length of eight bytes, then an object, perhaps after white space.
  ///
  /// The length of a header may begin with 0x80, as a pickle does (128, 2944). A pickle has other bytes than zeros in the upper half of it.
  private static func isSafetensors(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 8, bytes[0] != 0x80 || bytes[4..<8].allSatisfy({ $0 == 0 }) else { return false }
    return bytes[8...].first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "{")
  }

  /// The most bytes of a file in an archive.
  private static let mostBytes = 2 << 30

  /// The one file of weights in a zip archive; nil if the bytes are none, or are weights themselves.
  private static func onlyWeights(in bytes: [UInt8]) throws(FormatError) -> (name: String, bytes: [UInt8])? {
    guard bytes.starts(with: [0x50, 0x4b]) else { return nil }
    let archive = try ZIPArchive(decoding: bytes)
    func has(_ ending: String) -> Bool { archive.entries.contains { $0.name.hasSuffix(ending) } }
    if has("data.pkl") || has(".npy") { return nil }
    let inner = archive.entries.filter { entry in
      [".pth", ".pt", ".safetensors", ".npz"].contains { entry.name.hasSuffix($0) }
    }
    guard inner.count == 1, let entry = inner.first else {
      let named = inner.prefix(8).map { quoted($0.name) }.joined(separator: ", ")
      throw .expected(
        "one file of weights in the archive",
        found: inner.isEmpty ? "none" : named + (inner.count > 8 ? " and \(inner.count - 8) more" : ""))
    }
    guard entry.size <= mostBytes else {
      throw .expected("at most \(byteCount(mostBytes)) in \(quoted(entry.name))", found: byteCount(entry.size))
    }
    return (entry.name, try archive.unpack(entry))
  }

  private init(_ file: Safetensors) throws(FormatError) {
    var tensors: [Tensor] = []
    var ignored = 0
    for tensor in file.tensors {
      let types: [Safetensors.DType: ElementType] = [.f16: .float16, .bf16: .bfloat16, .f32: .float32, .f64: .float64]
      guard let type = types[tensor.dtype] else {
        ignored += 1
        continue
      }
      tensors.append(Tensor(name: tensor.name, shape: tensor.shape, values: try tensor.floats(), elementType: type))
    }
    self.init(tensors: tensors, key: nil, ignoredCount: ignored)
  }

  private init(arrays: [NamedFloats]) {
    self.init(
      tensors: arrays.map { Tensor(name: $0.name, shape: $0.shape, values: $0.values, elementType: .float32) },
      key: nil,
      ignoredCount: 0)
  }

  /// Compares the digest with the eight digits at the end of a published name, if there are such.
  private static func checkName(_ path: String, _ bytes: [UInt8]) throws(FormatError) {
    let name = path.split(separator: "/").last ?? ""
    guard let match = name.firstMatch(of: /-([0-9a-f]{8})\.(pth|pt)$/) else { return }
    let digest = SHA256Digest.hex(of: bytes)
    guard digest.hasPrefix(match.1) else {
      throw .expected("a SHA-256 that begins with \(match.1), as the name says", found: digest)
    }
  }
}
