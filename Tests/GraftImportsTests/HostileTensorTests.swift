import GraftFiles
import Testing

@testable import GraftImports

/// Tensors, storages and containers of a file that contradict each other.
@Suite struct HostileTensorTests {
  typealias A = PickleAssembler

  private static func error(of pickle: [UInt8]) -> String? {
    refusal { _ = try StateDict(decodingPyTorch: TorchFileBuilder.archive(A.pickle(pickle))) }
  }

  // MARK: Tensors

  private static let views: [(shape: [Int], strides: [Int], offset: Int, error: String)] = [
    ([2, 3], [1000, 1], 0, "found sizes [2, 3], strides [1000, 1] and offset 0"),
    (
      [7], [1], 0, "expected a tensor within the 6 elements of storage \"0\", found sizes [7], strides [1] and offset 0"
    ),
    ([6], [1], 1, "found sizes [6], strides [1] and offset 1"),
    ([], [], 6, "found sizes [], strides [] and offset 6"),
    ([6], [1], 1 << 62, "found sizes [6], strides [1] and offset 4611686018427387904"),
    (
      [6], [1], -1,
      "expected a tensor with sizes, strides and offset from 0, found sizes [6], strides [1] and offset -1"
    ),
    ([2, 3], [-3, 1], 0, "found sizes [2, 3], strides [-3, 1] and offset 0"),
    ([-2, -3], [3, 1], 0, "found sizes [-2, -3], strides [3, 1] and offset 0"),
    (
      [1 << 32, 1 << 32], [1, 1], 0,
      "a tensor with sizes [4294967296, 4294967296], strides [1, 1] and offset 0 is too large"
    ),
    ([3, 2], [1 << 62, 1], 0, "strides [4611686018427387904, 1] and offset 0 is too large"),
    ([2, 2], [.max, 1], 1, "strides [9223372036854775807, 1] and offset 1 is too large"),
    ([2, 3], [1], 0, "expected a tensor of at most 64 sizes with as many strides, found 2 and 1"),
    (
      Array(repeating: 1, count: 65), Array(repeating: 1, count: 65), 0,
      "expected at most 64 numbers as the sizes of a tensor, found 65"
    ),
    (Array(repeating: 2, count: 9), Array(repeating: 1, count: 9), 0, "sizes [2, 2, 2, 2, 2, 2, 2, 2, …]"),
  ]

  @Test(arguments: views.indices) func refusesViewsBeyondTheStorage(_ index: Int) {
    let (shape, strides, offset, error) = Self.views[index]
    let found = Self.error(of: A.dictionary(["w": A.tensor(shape, strides: strides, offset: offset)]))
    #expect(found?.hasPrefix("byte ") == true)
    #expect(found?.contains(error) == true, "\(found ?? "nothing")")
  }

  /// A single number, seen 2^40 times: nothing is allocated for it.
  @Test func refusesHugeExpansions() {
    #expect(
      Self.error(of: A.dictionary(["w": A.tensor([1 << 20, 1 << 20], strides: [0, 0])]))
        == "expected at most 268435456 numbers in all tensors, found more: \"w\" has shape [1048576, 1048576]")
    #expect(Self.error(of: A.dictionary(["w": A.tensor([0, 1 << 20], strides: [0, 0])])) == nil)
  }

  private static let arguments: [(pickle: [UInt8], error: String)] = [
    (
      A.call("torch._utils", "_rebuild_tensor_v2", A.storage()),
      "the file calls 'torch._utils._rebuild_tensor_v2' with arguments that do not fit it"
    ),
    (
      A.call("torch._utils", "_rebuild_tensor", A.text("a"), A.text("b"), A.text("c"), A.text("d")),
      "expected a storage for a tensor, found text"
    ),
    (
      A.call("torch._utils", "_rebuild_tensor", A.storage(), A.op(.none), A.tuple([6]), A.tuple([1])),
      "expected the offset of a tensor, found None"
    ),
    (
      A.call("torch._utils", "_rebuild_tensor", A.storage(), A.number(0), A.number(6), A.tuple([1])),
      "expected the sizes of a tensor, found a number"
    ),
    (
      A.call(
        "torch._utils", "_rebuild_tensor", A.storage(), A.number(0), A.tuple([A.op(.long1, [9] + A.little(1, 9))]),
        A.tuple([1])),
      "expected whole numbers below 2^63 as the sizes of a tensor, found a number"
    ),
    (
      A.call("torch._utils", "_rebuild_parameter", A.text("a"), A.op(.newTrue), A.op(.none)),
      "expected a tensor as parameter, found text"
    ),
    (A.number(5) + A.op(.binPersID), "expected a storage with class, key, place and size, found another reference"),
    (
      A.tuple([A.text("module"), A.op(.none), A.text("a"), A.text("b"), A.number(1)]) + A.op(.binPersID),
      "expected a storage with class, key, place and size, found another reference"
    ),
    (
      A.tuple([A.text("storage"), A.text("FloatStorage"), A.text("0"), A.text("cpu"), A.number(6)]) + A.op(.binPersID),
      "expected the class of a storage, found text"
    ),
    (A.storage(count: -6), "expected the number of elements of storage \"0\", found -6"),
    (A.storage(count: 1 << 62), "expected the number of elements of storage \"0\", found 4611686018427387904"),
    (A.storage(count: 6) + A.storage(count: 7), "the storage \"0\" has two types or sizes"),
    (A.storage() + A.storage(kind: "IntStorage"), "the storage \"0\" has two types or sizes"),
  ]

  @Test(arguments: arguments.indices) func refusesWrongArguments(_ index: Int) {
    let (pickle, error) = Self.arguments[index]
    #expect(Self.error(of: pickle)?.hasSuffix(": \(error)") == true, "\(Self.error(of: pickle) ?? "nothing")")
  }

  // MARK: Archives

  private static let good = A.pickle(A.dictionary(["w": A.tensor()]))

  private static let archives: [(file: [UInt8], error: String)] = [
    (TorchFileBuilder.archive(nil), "expected one entry NAME/data.pkl, as torch.save writes it, found none"),
    (
      TorchFileBuilder.archive(good, more: ["other/data.pkl": good]),
      "expected one entry NAME/data.pkl, as torch.save writes it, found 2"
    ),
    (TorchFileBuilder.archive(good, storages: [:]), "expected the storage \"model/data/0\" in the archive, found none"),
    (
      TorchFileBuilder.archive(good, storages: ["0": [1, 2, 3]]),
      "expected 24 bytes in the storage \"model/data/0\", found 3 bytes"
    ),
    (
      TorchFileBuilder.archive(good, byteOrder: "big"),
      "expected little-endian numbers (byteorder \"little\"), found \"big\""
    ),
    (
      TorchFileBuilder.archive(good + [0x4e]),
      "byte 141 of \"model/data.pkl\": expected the end of the pickle, found 1 byte more"
    ),
    (
      TorchFileBuilder.archive(
        A.pickle(A.dictionary(["w": A.tensor(storage: A.storage("../../etc/passwd"))]))),
      "expected the storage \"model/data/../../etc/passwd\" in the archive, found none"
    ),
  ]

  @Test(arguments: archives.indices) func refusesWrongArchives(_ index: Int) {
    let (file, error) = Self.archives[index]
    #expect(refusal { _ = try StateDict(decodingPyTorch: file) } == error)
  }

  /// Files from before PyTorch 1.5 do not tell the byte order; only Intel's was in use.
  @Test func acceptsArchivesWithoutByteOrder() throws {
    #expect(try StateDict(decodingPyTorch: TorchFileBuilder.archive(Self.good, byteOrder: nil)).tensors.count == 1)
  }

  // MARK: Streams

  private static let inStream = A.pickle(A.dictionary(["w": A.tensor(storage: A.storage(isInStream: true))]))
  private static let six = TorchFileBuilder.six

  private static let streams: [(file: [UInt8], error: String)] = [
    (
      TorchFileBuilder.stream(inStream, magic: [0x6d, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]),
      "expected a pickle that begins with PyTorch's magic number, found another pickle"
    ),
    (TorchFileBuilder.stream(inStream, version: 1002), "expected a file of PyTorch's protocol 1001, found another"),
    (
      TorchFileBuilder.stream(inStream, isLittleEndian: false),
      "expected little-endian numbers (little_endian: True), found others"
    ),
    (
      TorchFileBuilder.stream(inStream, storages: [("0", 1 << 40, six)]),
      "expected 6 elements in storage \"0\", found 1099511627776"
    ),
    (
      TorchFileBuilder.stream(inStream, storages: [("0", -1, six)]),
      "expected 6 elements in storage \"0\", found 18446744073709551615"
    ),
    (
      TorchFileBuilder.stream(inStream, storages: [("0", 6, [1])]),
      "expected 24 bytes for the storage \"0\", found 1 byte"
    ),
    (
      TorchFileBuilder.stream(inStream, storages: [("0", 6, six), ("1", 6, six)]),
      "expected the keys of storages that tensors refer to, each once, found another"
    ),
    (
      TorchFileBuilder.stream(inStream, storages: [("0", 6, six), ("0", 6, six)]),
      "expected the keys of storages that tensors refer to, each once, found another"
    ),
    (TorchFileBuilder.stream(inStream, storages: []), "expected the storage \"0\" in the file, found none"),
    (
      TorchFileBuilder.stream(inStream) + [1, 2], "expected the end of the file after the storages, found 2 bytes more"
    ),
    (
      TorchFileBuilder.stream(
        A.pickle(
          A.tuple([
            A.text("storage"), A.global("torch", "FloatStorage"), A.text("0"), A.text("cpu"), A.number(6),
            A.tuple([1, 2, 3]),
          ]), A.op(.binPersID))), "views of storages in old files of PyTorch are not supported"
    ),
  ]

  @Test(arguments: streams.indices) func refusesWrongStreams(_ index: Int) {
    let (file, error) = Self.streams[index]
    let found = refusal { _ = try StateDict(decodingPyTorch: file) }
    #expect(found?.hasSuffix(error) == true, "\(found ?? "nothing")")
  }

  // MARK: Damage

  @Test func refusesCutFiles() {
    for file in [TorchFileBuilder.archive(Self.good), TorchFileBuilder.stream(Self.inStream)] {
      #expect(refusal { _ = try StateDict(decodingPyTorch: file) } == nil)
      for length in 0..<file.count {
        #expect(refusal { _ = try StateDict(decodingPyTorch: Array(file[..<length])) } != nil, "\(length) bytes")
      }
    }
  }

  /// Any byte may have any of a few values: the file is read or refused, in one line.
  @Test func surviveChangedBytes() {
    for file in [TorchFileBuilder.archive(Self.good), TorchFileBuilder.stream(Self.inStream)] {
      for position in file.indices {
        for value: UInt8 in [0, 1, 0x28, 0x52, 0x7f, 0x80, 0xff] {
          var changed = file
          changed[position] = value
          let text = refusal { _ = try StateDict(decodingPyTorch: changed) }
          #expect(text?.contains("\n") != true)
        }
      }
    }
  }
}
