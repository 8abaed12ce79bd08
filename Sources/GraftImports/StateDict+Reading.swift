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
    guard bytes.starts(with: [0x50, 0x4b]) else {
      if bytes.count > 2, bytes[0] == 0x80 { return try self.init(decodingPyTorch: bytes) }
      if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return try self.init(try Safetensors(decoding: bytes)) }
      let found = ContentGuess.phrase(for: bytes) ?? "something else"
      throw .expected("weights: safetensors, NPZ, or a state dict of PyTorch", found: found)
    }
    let archive = try ZIPArchive(decoding: bytes)
    let names = archive.entries.map(\.name)
    if names.contains(where: { $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }) {
      return try self.init(decodingPyTorch: bytes)
    }
    if names.contains(where: { $0.hasSuffix(".npy") }) { return try self.init(arrays: NamedFloats.npz(bytes)) }
    let inner = archive.entries.filter { entry in
      [".pth", ".pt", ".safetensors", ".npz"].contains { entry.name.hasSuffix($0) }
    }
    guard inner.count == 1, let entry = inner.first else {
      throw .expected(
        "one file of weights in the archive", found: inner.isEmpty ? "none" : inner.map(\.name).joined(separator: ", "))
    }
    let unpacked = try archive.unpack(entry)
    do throws(FormatError) {
      try StateDict.checkName(entry.name, unpacked)
      try self.init(decoding: unpacked)
    } catch {
      throw error.inside(entry.name)
    }
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
