import GraftFiles
import Testing

@testable import GraftImports

/// Files that would run something, take all memory or lead beyond their bytes if they were believed.
@Suite struct HostilePickleTests {
  typealias A = PickleAssembler
  typealias Case = (what: String, pickle: [UInt8], error: String)

  private static func needless(_ name: String, at offset: Int = 2) -> String {
    "byte \(offset) of \"model/data.pkl\": the file asks for '\(name)', which no state dict needs: nothing of it is run"
  }

  private static func inside(_ offset: Int, _ problem: String) -> String {
    "byte \(offset) of \"model/data.pkl\": \(problem)"
  }

  // MARK: Foreign names

  private static let calls: [Case] = [
    ("a command", A.call("os", "system", A.text("touch x")), needless("os.system")),
    ("the same by its own name", A.call("posix", "system", A.text("touch x")), needless("posix.system")),
    ("an expression", A.call("builtins", "eval", A.text("1")), needless("builtins.eval")),
    ("the name of Python 2", A.call("__builtin__", "eval", A.text("1")), needless("__builtin__.eval")),
    ("a process", A.call("subprocess", "Popen", A.text("touch")), needless("subprocess.Popen")),
    (
      "a chain of getattr",
      A.call("builtins", "getattr", A.call("builtins", "__import__", A.text("os")), A.text("system")),
      needless("builtins.getattr")
    ),
    ("a name behind a point", A.global("torch.serialization", "os.system"), needless("torch.serialization.os.system")),
    (
      "a name that begins like one that is needed", A.global("torch._utils", "_rebuild_tensor_v2.__globals__"),
      needless("torch._utils._rebuild_tensor_v2.__globals__")
    ),
    ("a name from the stack", A.text("os") + A.text("system") + A.op(.stackGlobal), needless("os.system", at: 20)),
    ("another file", A.call("torch", "load", A.text("x.pth")), needless("torch.load")),
    (
      "a tensor's hooks",
      A.call(
        "torch._utils", "_rebuild_tensor_v2", A.storage(), A.number(0), A.tuple([6]), A.tuple([1]), A.op(.newFalse),
        A.call("os", "system", A.text("x"))), needless("os.system", at: 98)
    ),
    (
      "beside a good tensor", A.dictionary(["w": A.tensor(), "x": A.call("os", "system", A.text("x"))]),
      needless("os.system", at: 145)
    ),
    ("an instance", A.global("subprocess", "Popen") + A.op(.emptyTuple) + A.op(.newObj), needless("subprocess.Popen")),
    (
      "a state for a foreign class",
      A.global("logging", "Handler") + A.op(.emptyTuple) + A.op(.newObj) + A.op(.emptyDict) + A.op(.build),
      needless("logging.Handler")
    ),
    (
      "a whole network", A.global("torch.nn.modules.linear", "Linear") + A.op(.emptyTuple) + A.op(.newObj),
      needless("torch.nn.modules.linear.Linear") + "; save model.state_dict() instead of the model"
    ),
    (
      "a network of torchvision", A.global("torchvision.models.resnet", "ResNet"),
      needless("torchvision.models.resnet.ResNet") + "; save model.state_dict() instead of the model"
    ),
    ("a control character", A.global("os\u{1b}[2J", "system"), needless("os\\u{1b}[2J.system")),
    (
      "INST", A.op(.mark) + A.text("x") + Array("ios\nsystem\n".utf8),
      inside(9, "the pickle has the instruction 0x69, which no state dict needs")
    ),
    (
      "OBJ", A.op(.mark) + A.op(.emptyList) + [0x6f],
      inside(4, "the pickle has the instruction 0x6f, which no state dict needs")
    ),
    ("EXT1", [0x82, 1], inside(2, "the pickle has the instruction 0x82, which no state dict needs")),
    (
      "the size of a storage as a call", A.call("torch", "FloatStorage", A.number(1 << 50)),
      inside(34, "the file calls 'torch.FloatStorage', which no state dict does: nothing of it is run")
    ),
    (
      "a state for a tensor", A.tensor() + A.op(.emptyDict) + A.op(.build),
      inside(132, "the file gives a dictionary as state to a tensor, which no state dict does")
    ),
    (
      "a call of a text", A.text("x") + A.op(.emptyTuple) + A.op(.reduce),
      inside(9, "expected a function to call, found text")
    ),
    (
      "an unknown storage", A.storage(kind: "EvilStorage"),
      inside(
        15, "expected tensors of real numbers in 8 to 64 bits, such as 'torch.FloatStorage', found 'torch.EvilStorage'")
    ),
  ]

  @Test(arguments: calls.map(\.what)) func refusesForeignNames(_ what: String) throws {
    let (_, pickle, error) = try #require(Self.calls.first { $0.what == what })
    #expect(refusal { _ = try StateDict(decodingPyTorch: TorchFileBuilder.archive(A.pickle(pickle))) } == error)
    let stream = refusal { _ = try StateDict(decodingPyTorch: TorchFileBuilder.stream(A.pickle(pickle))) }
    #expect(stream?.hasPrefix("byte ") == true)
  }

  // MARK: Lengths and depths

  private static let sizes: [Case] = [
    ("a text of 4 GB", [0x58, 255, 255, 255, 255], inside(7, "expected 4294967295 bytes for a text, found 1 byte")),
    ("a text below 0", [0x54, 0xfb, 255, 255, 255], inside(2, "expected the length of a text, found -5")),
    ("no UTF-8", [0x8c, 2, 0xc0, 0x80], inside(2, "expected text in UTF-8")),
    ("a long number", [0x8a, 255, 1], inside(4, "expected 255 bytes for a number, found 2 bytes")),
    ("LONG4", [0x8b, 255, 255, 255, 127], inside(2, "the pickle has the instruction 0x8b, which no state dict needs")),
    (
      "BINBYTES8", [0x8e] + A.little(1 << 60, 8),
      inside(2, "the pickle has the instruction 0x8e, which no state dict needs")
    ),
    (
      "a frame", [0x95] + A.little(1 << 60, 8),
      inside(2, "expected a frame of 1152921504606846976 bytes, found 1 byte")
    ),
    (
      "a name without end", [0x63] + Array(repeating: 0x61, count: 1000),
      inside(2, "expected a name of at most 256 bytes and the end of its line")
    ),
    (
      "a memo number", A.op(.longBinGet, [255, 255, 255, 255]),
      inside(2, "the pickle takes memo 4294967295, which is not there")
    ),
    ("marks", Array(repeating: 0x28, count: 5000), inside(1002, "containers are nested deeper than 1000")),
    ("lists", Array(repeating: 0x5d, count: 100_000), inside(65538, "the pickle piles up more than 65536 values")),
    (
      "tuples", A.op(.none) + Array(repeating: 0x85, count: 100_000),
      "expected a dictionary of tensors, found a tuple"
    ),
    ("nothing", [], inside(2, "expected one value at the end of the pickle, found 0")),
    ("two values", A.op(.none) + A.op(.none), inside(4, "expected one value at the end of the pickle, found 2")),
    ("a call without a function", A.op(.reduce), inside(2, "the pickle takes a value that is not there")),
    (
      "a value below a mark", A.op(.none) + A.op(.mark) + A.op(.tuple1),
      inside(4, "the pickle takes a value that is not there")
    ),
    ("no mark", A.op(.none) + A.op(.tuple), inside(3, "the pickle takes values up to a mark that is not there")),
    (
      "a key without a value", A.op(.emptyDict) + A.op(.mark) + A.number(1) + A.op(.setItems),
      inside(6, "the pickle sets a key without a value")
    ),
    (
      "a list as key", A.op(.emptyDict) + A.op(.emptyList) + A.number(1) + A.op(.setItem),
      inside(6, "expected the key of a dictionary, found a list")
    ),
    (
      "a key for a list", A.op(.emptyList) + A.number(1) + A.number(1) + A.op(.setItem),
      inside(7, "expected a dictionary to add to, found a list")
    ),
    (
      "an element for a dictionary", A.op(.emptyDict) + A.number(1) + A.op(.append),
      inside(5, "expected a list to append to, found a dictionary")
    ),
    (
      "a dictionary within itself",
      A.op(.emptyDict) + A.op(.memoize) + A.text("a") + A.op(.binGet, [0]) + A.op(.setItem),
      "dictionaries are nested deeper than 32"
    ),
    ("a number", A.number(5), "expected a dictionary of tensors, found a number"),
    (
      "no tensors", A.dictionary(["epoch": A.number(5)]),
      "expected a dictionary of tensors, found a dictionary without any"
    ),
    ("a name twice", A.dictionary(["w": A.tensor(), "w": A.tensor()]), "the tensor \"w\" is there twice"),
    (
      "a long name", A.dictionary([String(repeating: "a", count: 2000): A.tensor()]),
      "expected names of at most 1024 bytes, found \"\(String(repeating: "a", count: 60))…\""
    ),
  ]

  @Test(arguments: sizes.map(\.what)) func refusesFalseSizes(_ what: String) throws {
    let (_, pickle, error) = try #require(Self.sizes.first { $0.what == what })
    #expect(refusal { _ = try StateDict(decodingPyTorch: TorchFileBuilder.archive(A.pickle(pickle))) } == error)
  }

  /// Each of twenty dictionaries names the one before it ten times: 10^20 entries in a walk.
  @Test func boundsTheWalkThroughSharedDictionaries() {
    var pickle = A.op(.emptyDict) + A.op(.binPut, [0])
    for level: UInt8 in 1...20 {
      let again = (1..<10).flatMap { A.text("\($0)") + A.op(.binGet, [level - 1]) }
      pickle = A.op(.emptyDict) + A.op(.binPut, [level]) + A.op(.mark) + A.text("0") + pickle + again + A.op(.setItems)
    }
    #expect(
      refusal { _ = try StateDict(decodingPyTorch: TorchFileBuilder.archive(A.pickle(pickle))) }
        == "expected at most 262144 entries in all dictionaries, found more")
  }
}
