import GraftFiles
import Testing

@testable import GraftImports

@Suite struct StateDictTests {
  typealias A = PickleAssembler

  @Test(arguments: [true, false]) func readsArchives(_ hasZIP64: Bool) throws {
    let pickle = A.pickle(
      A.orderedDictionary([
        "b.weight": A.tensor(), "a.bias": A.tensor([2], strides: [1], offset: 4, storage: A.storage()),
        "epoch": A.number(3),
      ]))
    let state = try StateDict(decodingPyTorch: TorchFileBuilder.archive(pickle, hasZIP64: hasZIP64))
    #expect(state.tensors.map(\.name) == ["b.weight", "a.bias"])
    #expect(state.tensors.map(\.shape) == [[2, 3], [2]])
    #expect(state.tensors.map(\.values) == [[0, 1, 2, 3, 4, 5], [4, 5]])
    #expect(state.tensors.map(\.elementType) == [.float32, .float32])
    #expect(state.ignoredCount == 1)
    #expect(state.key == nil)
    #expect(state.tensor("a.bias")?.values == [4, 5])
    #expect(state.tensor("a") == nil)
  }

  @Test func readsStreams() throws {
    let first = A.tensor(storage: A.storage("one", isInStream: true))
    let second = A.tensor(
      [], strides: [], storage: A.storage("two", count: 1, kind: "LongStorage", isInStream: true))
    let file = TorchFileBuilder.stream(
      A.pickle(A.orderedDictionary(["w": first, "n": second])),
      storages: [("one", 6, TorchFileBuilder.six), ("two", 1, A.little(-17, 8))])
    let state = try StateDict(decodingPyTorch: file)
    #expect(state.tensors.map(\.name) == ["w", "n"])
    #expect(state.tensors.map(\.values) == [[0, 1, 2, 3, 4, 5], [-17]])
    #expect(state.tensors.map(\.shape) == [[2, 3], []])
    #expect(state.tensors.map(\.elementType) == [.float32, .int64])
  }

  private static let types: [(kind: String, bytes: [UInt8], values: [Float])] = [
    ("HalfStorage", [0x00, 0x3c, 0x00, 0xc1], [1, -2.5]), ("BFloat16Storage", [0x80, 0x3f, 0x20, 0xc0], [1, -2.5]),
    ("FloatStorage", TorchFileBuilder.floats([1, -0.0]), [1, -0.0]),
    ("DoubleStorage", A.little(Int((0.1).bitPattern), 8) + A.little(Int((1e300).bitPattern), 8), [0.1, .infinity]),
    ("CharStorage", [1, 0xff], [1, -1]), ("ShortStorage", [1, 0, 0, 0x80], [1, -32768]),
    ("IntStorage", A.little(16_777_217, 4) + A.little(-1, 4), [16_777_216, -1]),
    ("LongStorage", A.little(.max, 8) + A.little(.min, 8), [0x1p63, -0x1p63]),
    ("ByteStorage", [1, 0xff], [1, 255]), ("BoolStorage", [0, 1], [0, 1]),
  ]

  @Test(arguments: types.indices) func convertsEveryType(_ index: Int) throws {
    let (kind, bytes, values) = Self.types[index]
    let tensor = A.tensor([2], strides: [1], storage: A.storage(count: 2, kind: kind))
    let file = TorchFileBuilder.archive(A.pickle(A.dictionary(["w": tensor])), storages: ["0": bytes])
    let state = try StateDict(decodingPyTorch: file)
    #expect(state.tensors.first?.values.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(state.tensors.first?.elementType.storageClass == kind)
  }

  /// Views of the storage 0…23, compared with the sum of index times stride.
  @Test(arguments: [
    ([2, 3, 4], [12, 4, 1], 0), ([4, 3, 2], [1, 4, 12], 0), ([3, 2], [1, 12], 5), ([4], [5], 3), ([], [], 23),
    ([1, 1, 6], [99, 7, 1], 2), ([3, 2], [0, 1], 4), ([2, 2, 2], [12, 1, 2], 1), ([2, 1, 3, 2], [12, 0, 4, 1], 0),
    ([0, 5], [5, 1], 0), ([5, 0], [1, 1], 24), ([2, 3, 4, 1], [12, 1, 3, 100], 0),
  ]) func readsViews(_ shape: [Int], _ strides: [Int], _ offset: Int) throws {
    let tensor = A.tensor(shape, strides: strides, offset: offset, storage: A.storage(count: 24))
    let file = TorchFileBuilder.archive(
      A.pickle(A.dictionary(["w": tensor])), storages: ["0": TorchFileBuilder.floats((0..<24).map(Float.init))])
    var expected: [Float] = shape.contains(0) ? [] : [Float(offset)]
    for (size, stride) in zip(shape, strides) {
      expected = expected.flatMap { start in (0..<size).map { start + Float($0 * stride) } }
    }
    #expect(try StateDict(decodingPyTorch: file).tensors.map(\.values) == [expected])
  }

  @Test(arguments: ["state_dict", "model", "model_state_dict", "net"]) func takesTheInnerDictionary(
    _ key: String
  ) throws {
    let inner = A.orderedDictionary(["w": A.tensor(), "steps": A.number(5)])
    let pickle =
      A.op(.emptyDict) + A.op(.mark) + A.text("epoch") + A.number(3) + A.text(key) + inner + A.text("optimizer")
      + A.dictionary(["state": A.tensor()]) + A.op(.setItems)
    let state = try StateDict(decodingPyTorch: TorchFileBuilder.archive(A.pickle(pickle)))
    #expect(state.tensors.map(\.name) == ["w"])
    #expect(state.key == key)
    #expect(state.ignoredCount == 3)
  }

  @Test func joinsTheNamesOfInnerDictionaries() throws {
    let pickle = A.dictionary([
      "encoder": A.dictionary(["block": A.dictionary(["w": A.tensor()]), "b": A.tensor()]),
      // A tensor under such a key is a tensor like others.
      "model": A.tensor(), "sizes": A.tuple([1, 2]),
    ])
    let state = try StateDict(decodingPyTorch: TorchFileBuilder.archive(A.pickle(pickle)))
    #expect(state.tensors.map(\.name) == ["encoder.block.w", "encoder.b", "model"])
    #expect(state.ignoredCount == 1)
  }

  @Test func limitsTheNumbers() throws {
    let pickle = A.pickle(A.dictionary(["a": A.tensor(), "b": A.tensor()]))
    let file = TorchFileBuilder.archive(pickle)
    #expect(try StateDict(decodingPyTorch: file, limit: 12).tensors.count == 2)
    #expect(
      refusal { _ = try StateDict(decodingPyTorch: file, limit: 11) }
        == "expected at most 11 numbers in all tensors, found more: \"b\" has shape [2, 3]")
    let view = A.tensor([1], strides: [1], storage: A.storage(count: 1 << 40))
    let small = TorchFileBuilder.archive(A.pickle(A.dictionary(["a": view])))
    #expect(
      refusal { _ = try StateDict(decodingPyTorch: small) }
        == "expected storages within the \(small.count) bytes of the file, found more: that of \"a\"")
  }

  private static let foreign: [(bytes: [UInt8], text: String)] = [
    ([], "byte 0: this is an empty file, not a state dict of PyTorch"),
    (Array("<!doctype html>".utf8), "byte 0: this is an HTML page, not a state dict of PyTorch"),
    (Array("hello".utf8), "byte 0: expected a state dict of PyTorch (a zip archive or a pickle), found other bytes"),
    (
      Array(repeating: 0, count: 257) + Array("ustar".utf8) + Array(repeating: 0, count: 250),
      "byte 0: this is a tar archive, as the first releases of PyTorch saved them: load it there and save it again "
        + "with a newer one"
    ),
    (
      TorchFileBuilder.archive(A.pickle(A.op(.emptyDict)), more: ["model/constants.pkl": []]),
      "this is a program saved by torch.jit.save, not a state dict: save model.state_dict() with torch.save"
    ),
    (
      A.pickle(A.op(.emptyDict)),
      "byte 0: expected a pickle that begins with PyTorch's magic number, found another pickle"
    ),
  ]

  @Test(arguments: foreign.indices) func namesForeignFiles(_ index: Int) {
    let (bytes, text) = Self.foreign[index]
    #expect(refusal { _ = try StateDict(decodingPyTorch: bytes) } == text)
  }
}
