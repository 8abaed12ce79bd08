import GraftStatistics
import Testing

@testable import GraftFiles

/// Files made by hand, as in the reference's verdict script (shared/reference/safetensors_verdicts.py).
enum Sample {
  static let fields = #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#
  static let data = [UInt8](repeating: 0, count: 8)

  static func file(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    file(Array(header.utf8), data, length: length)
  }

  static func file(_ header: [UInt8], _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + data
  }

  static func tensor(_ dtype: String, _ shape: String, _ offsets: String, _ data: [UInt8] = data) -> [UInt8] {
    file(#"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#, data)
  }
}

/// The reference's verdicts (safetensors 0.8.0 in Python, all 44 cases in its order); `verdict` is ours, and `differs`
/// marks where ours is the stricter one.
@Suite struct SafetensorsVerdictTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Names of the tensors where accepted, the error's text where not.
    let verdict: String
    var differs = false
    var testDescription: String { name }
  }

  static let cases: [Case] = {
    let t = Sample.fields
    let d = Sample.data
    let ok = #"{"a":{\#(t)}}"#
    return [
      Case(name: "ok", bytes: Sample.file(ok, d), verdict: #"["a"]"#),
      Case(name: "empty {}", bytes: Sample.file("{}"), verdict: "[]"),
      Case(name: "leading ws", bytes: Sample.file(" \n" + ok, d), verdict: #"["a"]"#),
      Case(name: "trailing \\t\\n", bytes: Sample.file(ok + "\t\n", d), verdict: #"["a"]"#),
      Case(
        name: "trailing NUL", bytes: Sample.file(ok + "\0\0", d),
        verdict: "byte 62: expected the header padded with spaces, found NUL padding"),
      Case(name: "empty file", bytes: [], verdict: "byte 0: expected a safetensors file, found an empty file"),
      Case(
        name: "7 bytes", bytes: [1, 0, 0, 0, 0, 0, 0],
        verdict: "byte 0: expected 8 bytes for the header length, found 7 bytes"),
      Case(
        name: "n=0", bytes: Sample.file(""),
        verdict: "byte 8: expected a JSON object as header, found the end of the JSON text"),
      Case(
        name: "n>file", bytes: Sample.file(ok, d, length: 1000),
        verdict: "byte 8: expected a header of 1000 bytes, found 62 bytes"),
      Case(
        name: "n=100_000_001", bytes: Sample.file("{}", length: 100_000_001),
        verdict: "byte 0: expected a header of at most 100000000 bytes, found a header length of 100000001"),
      Case(
        name: "n=2^63", bytes: Sample.file("{}", length: 1 << 63),
        verdict: "byte 0: expected a header of at most 100000000 bytes, found a header length of 9223372036854775808"),
      Case(
        name: "n=2^64-1", bytes: Sample.file("{}", length: .max),
        verdict: "byte 0: expected a header of at most 100000000 bytes, found a header length of 18446744073709551615"),
      Case(
        name: "array header", bytes: Sample.file("[]"),
        verdict: "byte 8: expected a JSON object as header, found '['"),
      Case(
        name: "bad utf8", bytes: Sample.file([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
        verdict: "byte 10: expected UTF-8, found byte 0xff"),
      Case(
        name: "dup tensor same off", bytes: Sample.file(#"{"a":{\#(t)},"a":{\#(t)}}"#, d),
        verdict: #"byte 62: the key "a" is there twice"#, differs: true),
      Case(
        name: "dup tensor diff off",
        bytes: Sample.file(#"{"a":{\#(t)},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#, d + d),
        verdict: #"byte 62: the key "a" is there twice"#),
      Case(
        name: "dup __metadata__",
        bytes: Sample.file(#"{"__metadata__":{"k":"1"},"__metadata__":{"k":"2"},"a":{\#(t)}}"#, d),
        verdict: #"byte 34: the key "__metadata__" is there twice"#),
      Case(
        name: "dup key inside metadata", bytes: Sample.file(#"{"__metadata__":{"k":"1","k":"2"},"a":{\#(t)}}"#, d),
        verdict: #"byte 33: the key "k" is there twice"#, differs: true),
      Case(
        name: "dup field dtype",
        bytes: Sample.file(#"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, d),
        verdict: #"byte 28: the key "dtype" is there twice"#),
      Case(name: "unknown field", bytes: Sample.file(#"{"a":{\#(t),"x":1}}"#, d), verdict: #"["a"]"#),
      Case(
        name: "metadata int value", bytes: Sample.file(#"{"__metadata__":{"k":1},"a":{\#(t)}}"#, d),
        verdict: #"byte 29: expected a string as value of the metadata key "k", found '1'"#),
      Case(
        name: "metadata null", bytes: Sample.file(#"{"__metadata__":null,"a":{\#(t)}}"#, d), verdict: #"["a"]"#),
      Case(
        name: "missing dtype", bytes: Sample.file(#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, d),
        verdict: #"byte 9: the tensor "a" has no dtype"#),
      Case(
        name: "lowercase dtype", bytes: Sample.tensor("f32", "[2]", "[0,8]"),
        verdict: #"byte 22: expected a safetensors dtype such as "F32", found "f32""#),
      Case(
        name: "shape 2.0", bytes: Sample.tensor("F32", "[2.0]", "[0,8]"),
        verdict: #"byte 37: expected integers from 0 to 2^63 - 1 in the shape of "a""#),
      Case(
        name: "shape -2", bytes: Sample.tensor("F32", "[-2]", "[0,8]"),
        verdict: #"byte 37: expected integers from 0 to 2^63 - 1 in the shape of "a""#),
      Case(
        name: "shape overflow", bytes: Sample.tensor("F32", "[4294967296,4294967296]", "[0,8]"),
        verdict: #"byte 9: the shape [4294967296, 4294967296] of "a" is too large"#),
      Case(
        name: "shape overflow *0", bytes: Sample.tensor("F32", "[4294967296,4294967296,0]", "[0,0]", []),
        verdict: #"byte 9: the shape [4294967296, 4294967296, 0] of "a" is too large"#),
      Case(name: "scalar []", bytes: Sample.tensor("F32", "[]", "[0,4]", [0, 0, 0, 0]), verdict: #"["a"]"#),
      Case(name: "zero dim", bytes: Sample.tensor("F32", "[3,0]", "[0,0]", []), verdict: #"["a"]"#),
      Case(
        name: "size mismatch", bytes: Sample.tensor("F32", "[3]", "[0,8]"),
        verdict: #"byte 9: expected 12 bytes (F32 [3]) for the tensor "a", found 8 bytes"#),
      Case(
        name: "overlap", bytes: Sample.file(#"{"a":{\#(t)},"b":{\#(t)}}"#, d),
        verdict: #"byte 62: expected data from 8 for the tensor "b", found data_offsets from 0"#),
      Case(
        name: "hole",
        bytes: Sample.file(#"{"a":{\#(t)},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}"#, d + d + d),
        verdict: #"byte 62: expected data from 8 for the tensor "b", found data_offsets from 12"#),
      Case(
        name: "starts at 4", bytes: Sample.tensor("F32", "[2]", "[4,12]", d + d),
        verdict: #"byte 9: expected data from 0 for the tensor "a", found data_offsets from 4"#),
      Case(
        name: "end<begin", bytes: Sample.tensor("F32", "[2]", "[8,0]"),
        verdict: #"byte 9: expected rising data_offsets for the tensor "a", found 8 and 0"#),
      Case(
        name: "trailing bytes", bytes: Sample.file(ok, d + [0x50, 0x4b]),
        verdict: "byte 70: expected the end of the file after the last tensor, found 2 bytes more"),
      Case(
        name: "truncated data", bytes: Sample.file(ok, Array(d.prefix(6))),
        verdict: #"byte 9: expected data up to 8 for the tensor "a", found a file with 6 bytes of data"#),
      Case(
        name: "F4 odd", bytes: Sample.tensor("F4", "[3]", "[0,2]", [0, 0]),
        verdict: #"byte 9: 12 bits of F4 in "a" do not fill whole bytes"#),
      Case(name: "C64", bytes: Sample.tensor("C64", "[1]", "[0,8]"), verdict: #"["a"]"#),
      Case(
        name: "deep nest",
        bytes: Sample.file(
          #"{"a":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}"),
        verdict: #"byte 13: expected an object for the tensor "a", found '['"#),
      Case(
        name: "trailing comma", bytes: Sample.file(#"{"a":{\#(t)},}"#, d),
        verdict: "byte 62: expected a key in quotation marks, found '}'"),
      Case(name: "name ''", bytes: Sample.file(#"{"":{\#(t)}}"#, d), verdict: #"[""]"#),
      Case(name: "name ../x", bytes: Sample.file(#"{"../x":{\#(t)}}"#, d), verdict: #"["../x"]"#),
      Case(
        name: "BOM", bytes: Sample.file("\u{feff}" + ok, d),
        verdict: "byte 8: expected JSON in UTF-8 without a byte order mark, found a byte order mark"),
    ]
  }()

  @Test(arguments: cases)
  func verdict(of sample: Case) {
    do throws(FormatError) {
      let file = try Safetensors(decoding: sample.bytes)
      #expect("\(file.tensors.map(\.name))" == sample.verdict)
    } catch {
      #expect(error.description == sample.verdict)
    }
  }

  @Test func allOfThemAndTwoStricter() {
    #expect(Self.cases.count == 44)
    #expect(Self.cases.filter(\.differs).map(\.name) == ["dup tensor same off", "dup key inside metadata"])
  }

  @Test(
    arguments: [
      (Array("PK\u{3}\u{4}archive/data.pkl".utf8), "a zip archive"),
      ([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9], "a Python pickle"),
      ([0x80, 0x02, 0x2e], "a Python pickle"),
    ] as [([UInt8], String)])
  func picklesAreNamed(bytes: [UInt8], phrase: String) {
    #expect(
      text { try Safetensors(decoding: bytes) }
        == "this is \(phrase), not safetensors; weights of another program become a checkpoint with graft import, "
        + "which runs nothing in them")
  }

  @Test func otherFilesAreNamed() {
    for (content, phrase) in [
      ("<!DOCTYPE html><html>", "an HTML page"), ("{\"weight_map\": {}}", "JSON text"),
      ("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer (the file itself was not downloaded)"),
    ] {
      #expect(text { try Safetensors(decoding: Array(content.utf8)) } == "this is \(phrase), not safetensors")
    }
  }

  @Test func aHeaderWhoseLengthLooksLikeAPickleIsRead() throws {
    // 0x0280 = 640: the first two bytes are 80 02.
    let bytes = Sample.file("{}" + String(repeating: " ", count: 638))
    #expect(bytes.prefix(2) == [0x80, 0x02])
    #expect(try Safetensors(decoding: bytes).tensors.isEmpty)
  }

  @Test func moreThanTheReferenceChecks() {
    #expect(
      text { try Safetensors(decoding: Sample.tensor("F32", "[2]", "[0,8,8]")) }
        == #"byte 60: expected at most 2 numbers in the data_offsets of "a", found more"#)
    #expect(
      text { try Safetensors(decoding: Sample.tensor("F32", "[2]", "[8]")) }
        == #"byte 9: expected two data_offsets for "a", found 1"#)
    #expect(
      text { try Safetensors(decoding: Sample.tensor("F32", "[-0]", "[0,0]", [])) }
        == #"byte 37: expected integers from 0 to 2^63 - 1 in the shape of "a""#)
    #expect(
      text { try Safetensors(decoding: Sample.tensor("F32", "[9223372036854775807]", "[0,8]")) }
        == #"byte 9: the shape [9223372036854775807] of "a" is too large"#)
    #expect(
      text { try Safetensors(decoding: Sample.tensor("U8", "[18446744073709551616]", "[0,8]")) }
        == #"byte 36: expected integers from 0 to 2^63 - 1 in the shape of "a""#)
    #expect(
      text { try Safetensors(decoding: Sample.tensor("F4", "[9223372036854775807,2]", "[0,8]")) }
        == #"byte 9: the shape [9223372036854775807, 2] of "a" is too large"#)
    let long = String(repeating: "n", count: 100_000)
    #expect(text { try Safetensors(decoding: Sample.file(#"{"\#(long)":{}}"#)) }.utf8.count < 120)
  }

  @Test(arguments: 0..<20)
  func damagedFilesNeverTrap(seed: Int) throws {
    var random = Seeded(seed)
    let valid = try SafetensorsTests.golden()
    for _ in 0..<200 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<330, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      do throws(FormatError) {
        let file = try Safetensors(decoding: bytes)
        for tensor in file.tensors { _ = try? tensor.floats() }
        #expect(try Safetensors(decoding: file.encoded()).tensors.count == file.tensors.count)
      } catch {
        #expect((error.offset ?? 0) >= 0 && (error.offset ?? 0) <= bytes.count)
        #expect(!error.problem.isEmpty)
      }
    }
  }
}
