extension Safetensors {
  /// The file's bytes, laid out as by the reference's writer: tensors by falling alignment, then by name, after a
  /// header padded with spaces to a multiple of eight bytes, so that every tensor starts aligned.
  /// - Throws: `FormatError` if a name or metadata key occurs twice, a name is `__metadata__`, a tensor's bytes do not
  ///   fit its shape, or the header is over the format's limit.
  package func encoded() throws(FormatError) -> [UInt8] {
    try encoded(headerLimit: Self.headerLimit)
  }

  /// The same with another limit, for tests of the limit.
  func encoded(headerLimit: Int) throws(FormatError) -> [UInt8] {
    let ordered = tensors.sorted { one, other in
      if one.dtype != other.dtype { return one.dtype.rank > other.dtype.rank }
      return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
    }
    let header = try header(of: ordered, limit: headerLimit)
    var output: [UInt8] = []
    output.reserveCapacity(8 + header.count + ordered.reduce(0) { $0 + $1.bytes.count })
    for shift in stride(from: 0, to: 64, by: 8) { output.append(UInt8(truncatingIfNeeded: header.count >> shift)) }
    output += header
    for tensor in ordered { output += tensor.bytes }
    return output
  }

  private func header(of ordered: [Tensor], limit: Int) throws(FormatError) -> [UInt8] {
    var members: [JSON.Object.Member] = []
    if !metadata.isEmpty { members.append(JSON.Object.Member(key: "__metadata__", value: try encodedMetadata())) }
    var names = NameSet()
    var end = 0
    for tensor in ordered {
      guard tensor.name != "__metadata__", names.insert(tensor.name) else {
        throw FormatError(problem: "the name \(quoted(tensor.name)) is taken")
      }
      let size = try tensor.dtype.byteCount(of: tensor.shape, named: tensor.name, at: nil)
      guard size == tensor.bytes.count else {
        throw .expected(
          "\(byteCount(size)) in the tensor \(quoted(tensor.name))", found: byteCount(tensor.bytes.count))
      }
      members.append(
        JSON.Object.Member(
          key: tensor.name,
          value: [
            "dtype": .string(tensor.dtype.rawValue), "shape": .array(tensor.shape.map(JSON.integer)),
            "data_offsets": [.integer(end), .integer(end + size)],
          ]))
      end += size
    }
    var header = JSON.object(JSON.Object(uniqueMembers: members)).bytes()
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= limit else {
      throw .expected("a header of at most \(limit) bytes", found: byteCount(header.count))
    }
    return header
  }

  private func encodedMetadata() throws(FormatError) -> JSON {
    var members: [JSON.Object.Member] = []
    var keys = NameSet()
    for (key, value) in metadata {
      guard keys.insert(key) else { throw FormatError(problem: "the metadata key \(quoted(key)) is there twice") }
      members.append(JSON.Object.Member(key: key, value: .string(value)))
    }
    return .object(JSON.Object(uniqueMembers: members))
  }
}
