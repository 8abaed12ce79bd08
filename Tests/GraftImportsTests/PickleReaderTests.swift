import GraftFiles
import Testing

@testable import GraftImports

@Suite struct PickleReaderTests {
  typealias A = PickleAssembler

  /// A value as Python prints it, names and objects by their kind.
  static func text(_ value: PickleValue, in objects: PickleObjects) -> String {
    func list(_ values: [PickleValue]?) -> String {
      (values ?? []).map { text($0, in: objects) }.joined(separator: ", ")
    }
    switch value {
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .integer(let value): return "\(value)"
    case .wideInteger(let bytes): return "\(bytes.count) bytes"
    case .float(let value): return "\(value)"
    case .text(let text): return "'\(text)'"
    case .name(let name): return name.text
    case .tuple: return "(\(list(objects.elements(value))))"
    case .list: return "[\(list(objects.elements(value)))]"
    case .dictionary:
      let items = (objects.items(value) ?? []).map { "\(text($0.key, in: objects)): \(text($0.value, in: objects))" }
      return "{\(items.joined(separator: ", "))}"
    case .storage: return "storage \(objects.storage(value)?.key ?? "")"
    case .tensor: return "tensor \(objects.tensor(value)?.shape ?? [])"
    }
  }

  static func read(_ bytes: [UInt8], limits: PickleReader.Limits = .init()) throws(FormatError) -> String {
    var reader = PickleReader(ByteReader(bytes), limits: limits)
    let pickle = try reader.read()
    #expect(reader.reader.isAtEnd)
    return text(pickle.root, in: pickle.objects)
  }

  private static let values: [(bytes: [UInt8], text: String)] = [
    (A.op(.none), "None"), (A.op(.newTrue), "True"), (A.op(.newFalse), "False"),
    (A.op(.binInt, [0xfe, 0xff, 0xff, 0xff]), "-2"), (A.op(.binInt1, [200]), "200"),
    (A.op(.binInt2, [1, 2]), "513"),
    (A.op(.long1, [0]), "0"), (A.op(.long1, [1, 0xff]), "-1"), (A.op(.long1, [2, 0xff, 0]), "255"),
    (A.op(.long1, [8] + A.little(.min, 8)), "\(Int.min)"), (A.op(.long1, [9] + A.little(0, 8) + [1]), "9 bytes"),
    (A.op(.binFloat, [0xbf, 0xf8, 0, 0, 0, 0, 0, 0]), "-1.5"),
    (A.text("ä"), "'ä'"), (A.op(.shortBinUnicode, [2] + Array("ab".utf8)), "'ab'"),
    (A.op(.binString, [2, 0, 0, 0] + Array("ab".utf8)), "'ab'"),
    (A.op(.shortBinString, [2] + Array("ab".utf8)), "'ab'"),
    (A.op(.emptyTuple), "()"), (A.op(.emptyList), "[]"), (A.op(.emptyDict), "{}"),
    (A.tuple([1, 2, 3, 4]), "(1, 2, 3, 4)"), (A.number(1) + A.op(.tuple1), "(1)"),
    (A.number(1) + A.number(2) + A.op(.tuple2), "(1, 2)"),
    (A.number(1) + A.number(2) + A.number(3) + A.op(.tuple3), "(1, 2, 3)"),
    (A.op(.emptyList) + A.number(1) + A.op(.append), "[1]"),
    (A.op(.emptyList) + A.op(.mark) + A.number(1) + A.number(2) + A.op(.appends), "[1, 2]"),
    (A.op(.emptyDict) + A.text("a") + A.number(1) + A.op(.setItem), "{'a': 1}"),
    (A.dictionary(["a": A.number(1), "b": A.op(.none)]), "{'a': 1, 'b': None}"),
    (A.number(7) + A.op(.binPut, [3]) + A.op(.tuple1) + A.op(.binGet, [3]) + A.op(.tuple2), "((7), 7)"),
    (
      A.number(7) + A.op(.longBinPut, A.little(70000, 4)) + A.op(.longBinGet, A.little(70000, 4)) + A.op(.tuple2),
      "(7, 7)"
    ),
    (A.number(7) + A.op(.memoize) + A.op(.tuple1) + A.op(.memoize) + A.op(.binGet, [1]) + A.op(.tuple2), "((7), (7))"),
    (A.global("torch", "float16"), "torch.float16"), (A.global("torch", "LongStorage"), "torch.LongStorage"),
    (A.text("torch") + A.text("Size") + A.op(.stackGlobal), "torch.Size"),
    (A.call("torch", "Size", A.tuple([2, 3])), "(2, 3)"),
    (A.orderedDictionary(["a": A.number(1)]), "{'a': 1}"),
    (A.global("collections", "OrderedDict") + A.op(.emptyTuple) + A.op(.newObj), "{}"),
    // Python 2 gave the entries to the class.
    (
      A.call(
        "collections", "OrderedDict", A.op(.emptyList) + A.text("a") + A.number(1) + A.op(.tuple2) + A.op(.append)),
      "{'a': 1}"
    ),
    (
      A.orderedDictionary() + A.dictionary(["_metadata": A.orderedDictionary()]) + A.op(.build), "{}"
    ),
    (A.storage("7"), "storage 7"), (A.tensor(), "tensor [2, 3]"),
    (A.call("torch._utils", "_rebuild_tensor", A.storage(), A.number(0), A.tuple([6]), A.tuple([1])), "tensor [6]"),
    (
      A.call("torch._utils", "_rebuild_parameter", A.tensor(), A.op(.newTrue), A.orderedDictionary()), "tensor [2, 3]"
    ),
    (
      A.call("torch.nn.parameter", "Parameter", A.tensor()) + A.tuple([A.op(.newTrue), A.op(.none)]) + A.op(.build),
      "tensor [2, 3]"
    ),
  ]

  @Test(arguments: values.indices) func readsEveryInstruction(_ index: Int) throws {
    let (bytes, text) = Self.values[index]
    for version: UInt8 in 2...5 {
      #expect(try Self.read(A.pickle(bytes, version: version)) == text)
      let framed = A.pickle(A.op(.frame, A.little(bytes.count + 1, 8)), bytes, version: version)
      #expect(try Self.read(framed) == text)
    }
  }

  /// A reference is one object: what is added later is seen by all that name it.
  @Test func containersAreShared() throws {
    let bytes = A.op(.emptyList) + A.op(.memoize) + A.op(.binGet, [0]) + A.number(1) + A.op(.append) + A.op(.tuple2)
    #expect(try Self.read(A.pickle(bytes)) == "([1], [1])")
  }

  @Test func readsUntypedStorages() throws {
    let storage =
      A.tuple([
        A.text("storage"), A.global("torch.storage", "UntypedStorage"), A.text("0"), A.text("cpu"), A.number(6),
      ]) + A.op(.binPersID)
    let tensor = A.call(
      "torch._utils", "_rebuild_tensor_v3", storage, A.number(0), A.tuple([3]), A.tuple([1]), A.op(.newFalse),
      A.orderedDictionary(), A.global("torch", "uint16"))
    let file = TorchFileBuilder.archive(A.pickle(A.dictionary(["w": tensor])), storages: ["0": [1, 0, 2, 0, 0, 255]])
    let state = try StateDict(decodingPyTorch: file)
    #expect(state.tensors.map(\.values) == [[1, 2, 65280]])
    #expect(state.tensors.map(\.elementType) == [.uint16])
  }

  @Test func boundsTheWork() {
    var limits = PickleReader.Limits()
    limits.steps = 100
    let many = A.op(.emptyList) + A.op(.mark) + (0..<100).flatMap { _ in A.op(.none) } + A.op(.appends)
    #expect(
      refusal { _ = try Self.read(A.pickle(many), limits: limits) }
        == "byte 101: the pickle takes more than the 100 steps allowed")
    // A copy counts each time: otherwise three bytes could copy a list of any length.
    let pairs =
      A.op(.emptyList) + A.op(.mark) + (0..<10).flatMap { _ in A.text("a") + A.op(.none) + A.op(.tuple2) }
      + A.op(.appends) + A.op(.tuple1) + A.op(.memoize)
    let copies = (0..<10).flatMap { _ in
      A.global("collections", "OrderedDict") + A.op(.binGet, [0]) + A.op(.reduce)
    }
    let bomb = A.pickle(A.op(.mark), pairs, copies, A.op(.tuple))
    #expect(refusal { _ = try Self.read(bomb) } == nil)
    #expect(refusal { _ = try Self.read(bomb, limits: limits) }?.hasSuffix("steps allowed") == true)
    limits = PickleReader.Limits(stack: 3)
    #expect(
      refusal { _ = try Self.read(A.pickle(A.tuple([1, 2, 3, 4])), limits: limits) }
        == "byte 9: the pickle piles up more than 3 values")
  }
}
