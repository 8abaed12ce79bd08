import Testing

@testable import GraftFiles

@Suite struct SafetensorsTests {
  /// Written by the reference, safetensors 0.8.0:
  /// `save({"b": float32 [1.5, -2], "a": uint8 [[1],[2],[3]], "h": float16 [1, 65504], 'é"\n': int64 7,
  /// "z": float32 of shape [2, 0]}, {"k": "v \u2028<"})`.
  static func golden() throws -> [UInt8] {
    bytes(
      hex: """
        38010000000000007b225f5f6d657461646174615f5f223a7b226b223a227620e280a83c227d2c22c3a95c225c6e223a7b22647479706522
        3a22493634222c227368617065223a5b5d2c22646174615f6f666673657473223a5b302c385d7d2c2262223a7b226474797065223a224633
        32222c227368617065223a5b325d2c22646174615f6f666673657473223a5b382c31365d7d2c227a223a7b226474797065223a2246333222
        2c227368617065223a5b322c305d2c22646174615f6f666673657473223a5b31362c31365d7d2c2268223a7b226474797065223a22463136
        222c227368617065223a5b325d2c22646174615f6f666673657473223a5b31362c32305d7d2c2261223a7b226474797065223a225538222c
        227368617065223a5b332c315d2c22646174615f6f666673657473223a5b32302c32335d7d7d202007000000000000000000c03f000000c0
        003cff7b010203
        """)
  }

  @Test func readsWhatTheReferenceWrote() throws {
    let file = try Safetensors(decoding: Self.golden())
    #expect(file.tensors.map(\.name) == ["é\"\n", "b", "z", "h", "a"])
    #expect(file.tensors.map(\.shape) == [[], [2], [2, 0], [2], [3, 1]])
    #expect(file.tensors.map(\.dtype) == [.i64, .f32, .f32, .f16, .u8])
    #expect(file.metadata("k") == "v \u{2028}<" && file.metadata("x") == nil)
    #expect(try file.tensor("b")?.floats() == [1.5, -2])
    #expect(try file.tensor("h")?.floats() == [1, 65504])
    #expect(try file.tensor("z")?.floats() == [])
    #expect(file.tensor("a")?.bytes == [1, 2, 3])
    #expect(file.tensor("nothing") == nil)
    #expect(
      text { try file.tensor("a")?.floats() }
        == #"expected numbers of type F32, F16, BF16 or F64 in the tensor "a", found U8"#)
  }

  @Test func writesWhatTheReferenceWrote() throws {
    var file = try Safetensors(decoding: Self.golden())
    file.tensors.reverse()
    #expect(try file.encoded() == Self.golden())
  }

  @Test(arguments: 0..<30)
  func randomFilesRoundTrip(seed: Int) throws {
    var random = Seeded(seed)
    var file = Safetensors()
    for index in 0..<Int.random(in: 0..<20, using: &random) {
      let shape = (0..<Int.random(in: 0..<4, using: &random)).map { _ in Int.random(in: 0..<4, using: &random) }
      let dtype = Safetensors.DType.allCases[Int.random(in: 0..<22, using: &random)]
      guard let size = try? dtype.byteCount(of: shape, named: "", at: nil) else { continue }
      let bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      file.tensors.append(
        .init(name: "t\(index % 2 == 0 ? "é" : "")\(index)", dtype: dtype, shape: shape, bytes: bytes[...]))
    }
    for index in 0..<Int.random(in: 0..<5, using: &random) { file.metadata.append(("k\(index)", "v\"\(seed)")) }
    let encoded = try file.encoded()
    let decoded = try Safetensors(decoding: encoded)
    #expect(decoded.tensors.sorted { $0.name < $1.name } == file.tensors.sorted { $0.name < $1.name })
    #expect(decoded.metadata.map(\.key) == file.metadata.map(\.key))
    #expect(decoded.metadata.map(\.value) == file.metadata.map(\.value))
    #expect(try decoded.encoded() == encoded)
    let header = encoded.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(header % 8 == 0)
  }

  @Test func whatCannotBeWritten() throws {
    let tensor = try Safetensors.floats32("w", [2, 1], [1, 2])
    func refusal(_ tensors: [Safetensors.Tensor], _ metadata: [(key: String, value: String)] = []) -> String {
      text { try Safetensors(tensors: tensors, metadata: metadata).encoded() }
    }
    #expect(refusal([tensor, tensor]) == #"the name "w" is taken"#)
    #expect(
      refusal([.init(name: "__metadata__", dtype: .u8, shape: [0], bytes: [])])
        == #"the name "__metadata__" is taken"#)
    #expect(
      refusal([.init(name: "w", dtype: .u8, shape: [3], bytes: [1, 2])])
        == #"expected 3 bytes in the tensor "w", found 2 bytes"#)
    #expect(
      refusal([.init(name: "w", dtype: .f4, shape: [3], bytes: [1, 2])])
        == #"12 bits of F4 in "w" do not fill whole bytes"#)
    #expect(
      refusal([.init(name: "w", dtype: .u8, shape: [-1], bytes: [])])
        == #"the shape [-1] of "w" is too large"#)
    // 54 bytes of JSON for this tensor, padded to 56.
    let file = Safetensors(tensors: [tensor])
    #expect(throws: Never.self) { try file.encoded(headerLimit: 56) }
    #expect(text { try file.encoded(headerLimit: 55) } == "expected a header of at most 55 bytes, found 56 bytes")
    #expect(refusal([], [("k", "1"), ("k", "2")]) == #"the metadata key "k" is there twice"#)
    #expect(
      text { try Safetensors.floats32("w", [2, 2], [1]) }
        == #"expected 4 values for "w", shape [2, 2], found 1"#)
  }

  @Test func floatsKeepTheirBits() throws {
    let values: [Float] = [
      0, -0.0, 1, .pi, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    let file = Safetensors(tensors: [try Safetensors.floats32("w", [3, 3], values)])
    let read = try Safetensors(decoding: file.encoded()).tensors[0].floats()
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test func otherFloatingPointTypes() throws {
    func floats(_ dtype: Safetensors.DType, _ hex: String) throws -> [Float] {
      try Safetensors.Tensor(name: "t", dtype: dtype, shape: [], bytes: bytes(hex: hex)[...]).floats()
    }
    // Largest, smallest normal, largest and smallest subnormal, negative zero, infinities (IEEE 754-2008, binary16).
    #expect(
      try floats(.f16, "ff7b 0004 ff03 0100 007c 00fc 5535 0180")
        == [65504, 0x1p-14, 0x1.ff8p-15, 0x1p-24, .infinity, -.infinity, 0x1.554p-2, -0x1p-24])
    #expect(try floats(.f16, "0080")[0].sign == .minus)
    #expect(try floats(.f16, "007e")[0].isNaN)
    #expect(try floats(.bf16, "803f 40c0 807f 0100") == [1, -3, .infinity, 0x1p-133])
    #expect(try floats(.f64, "000000000000f03f 9a9999999999b93f 9c7500883ce4377e") == [1, 0.1, .infinity])
  }

  #if arch(arm64) || os(Linux)
    /// All 65,536 half-precision numbers against the compiler's own conversion.
    @Test func everyHalf() throws {
      let data = (0..<65536).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
      let floats = try Safetensors.Tensor(name: "t", dtype: .f16, shape: [65536], bytes: data[...]).floats()
      let differences = floats.indices.filter { index in
        let expected = Float(Float16(bitPattern: UInt16(index)))
        return expected.isNaN ? !floats[index].isNaN : floats[index].bitPattern != expected.bitPattern
      }
      #expect(differences == [])
    }
  #endif
}
