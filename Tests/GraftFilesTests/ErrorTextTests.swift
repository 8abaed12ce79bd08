import Testing

@testable import GraftFiles

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct ErrorTextTests {
  @Test func formatErrorSaysAsMuchAsItKnows() {
    let error = FormatError.expected("X", found: "Y", offset: 3)
    #expect(error.description == "byte 3: expected X, found Y")
    #expect(error.at(path: "a/b").description == "a/b: byte 3: expected X, found Y")
    #expect(
      error.at(path: "a").inside("the unpacked data").description
        == "a: byte 3 of the unpacked data: expected X, found Y")
    #expect(
      FormatError(path: "a", container: "the unpacked data", problem: "P").description
        == "a: in the unpacked data: P")
    #expect(FormatError(problem: "P").description == "P")
    #expect(error.kind == .badData)
    #expect(FailureKind.badData.rawValue == 65)
  }

  @Test func textsStayOnOneLineAndInert() {
    #expect(FormatError(path: "a\nb\u{1b}[2J", problem: "P").description == "a\\u{a}b\\u{1b}[2J: P")
    #expect(singleLine("é 日本 🙂 \u{202e}\u{2028}") == "é 日本 🙂 \\u{202e}\\u{2028}")
    #expect(GraftFailure(.usage, "a\r\nb").description == "a\\u{d}\\u{a}b")
    #expect(quoted("abc") == "\"abc\"")
    #expect(quoted(String(repeating: "x", count: 60)) == "\"" + String(repeating: "x", count: 60) + "\"")
    #expect(quoted(String(repeating: "x", count: 61)) == "\"" + String(repeating: "x", count: 60) + "…\"")
    #expect(quoted("e" + String(repeating: "\u{301}", count: 10_000)).utf8.count < 200)
  }

  @Test("text of several lines keeps its lines and nothing else that drives a terminal; JSON stays JSON")
  func printableText() throws {
    #expect(printable("a\tb\n\u{1B}[2J é 日本\n\u{202e}\u{9b}") == "a\\u{9}b\n\\u{1b}[2J é 日本\n\\u{202e}\\u{9b}")
    let value: JSON = ["name": "\u{202e}\u{9b}\u{E0001}\n\u{7f}é"]
    let text = printable(value.text(.pretty) + "\n")
    #expect(
      text.unicodeScalars.allSatisfy { $0 == "\n" || ![.control, .format].contains($0.properties.generalCategory) })
    #expect(try JSON(parsing: text) == value)
  }

  @Test func wordsForNumbers() {
    #expect([0, 1, 2].map(byteCount) == ["no bytes", "1 byte", "2 bytes"])
    #expect(hexadecimal(UInt32(0x803)) == "0x00000803")
    #expect(hexadecimal(UInt8.max) == "0xff")
    #expect(dimensionText([60000, 28, 28]) == "60000 x 28 x 28")
  }

  @Test(arguments: [
    (FileFailure.Action.read, ENOENT, FailureKind.missingInput, "p: cannot read: No such file or directory"),
    (.read, EISDIR, .missingInput, "p: cannot read: Is a directory"),
    (.read, EACCES, .noPermission, "p: cannot read: Permission denied"),
    (.list, ENOENT, .missingInput, "p: cannot list: No such file or directory"),
    (.create, ENOENT, .cannotCreate, "p: cannot create: No such file or directory"),
    (.create, EISDIR, .cannotCreate, "p: cannot create: Is a directory"),
    (.create, EROFS, .cannotCreate, "p: cannot create: Read-only file system"),
    (.create, EPERM, .noPermission, "p: cannot create: Operation not permitted"),
    (.create, ENOSPC, .inputOutput, "p: cannot create: No space left on device"),
    (.createFolder, ENOTDIR, .cannotCreate, "p: cannot create the folder: Not a directory"),
    (.write, ENOSPC, .inputOutput, "p: cannot write: No space left on device"),
    (.write, EFBIG, .inputOutput, "p: cannot write: File too large"),
    (.replace, EXDEV, .cannotCreate, "p: cannot replace: \(String(cString: strerror(EXDEV)))"),
    (.lock, EWOULDBLOCK, .resumable, "p: cannot lock: Resource temporarily unavailable"),
  ])
  func fileFailuresKnowTheirExitCode(action: FileFailure.Action, code: Int32, kind: FailureKind, text: String) {
    let failure = FileFailure(path: "p", action: action, errno: code)
    #expect(failure.description == text)
    #expect(failure.kind == kind)
  }
}

@Suite struct ContentGuessTests {
  @Test(arguments: [
    ("", "an empty file"), ("%PDF-1.7", "a PDF document"), ("SQLite format 3\0", "an SQLite database"),
    (String(repeating: "x", count: 257) + "ustar\0", "a tar archive"), ("RIFF1234WEBPVP8 ", "a WebP image"),
    ("GIF89a", "a GIF image"), ("BM1234", "a BMP image"), ("\n<?xml version", "an HTML page"), ("  {}", nil),
    ("hello", nil), ("RIFF1234WAVE", nil), ("<b", nil), (String(repeating: "x", count: 257) + "usta", nil),
  ])
  func phrases(content: String, phrase: String?) {
    #expect(ContentGuess.phrase(for: Array(content.utf8)) == phrase)
  }

  @Test("short signatures are no reason to refuse pixels")
  func besidePixels() {
    for bytes in [
      [0x7b, 1], [0x42, 0x4d, 200, 3, 0, 0, 1, 0, 0, 0, 54], [0x78, 0x9c], [0x80, 4, 3], [0x1f, 0x8b, 9],
    ]
      as [[UInt8]]
    {
      #expect(ContentGuess.phrase(for: bytes) != nil && ContentGuess.phraseBesidePixels(for: bytes) == nil)
    }
    #expect(ContentGuess.phraseBesidePixels(for: Gzip.compress([1])) == "gzip-compressed data")
    #expect(ContentGuess.phraseBesidePixels(for: Array("GIF89a".utf8)) == "a GIF image")
    #expect(ContentGuess.phraseBesidePixels(for: [0x80, 4, 0x95]) == "a Python pickle")
    #expect(
      ContentGuess.phraseBesidePixels(for: [0, 0, 0, 7]) == nil && ContentGuess.phraseBesidePixels(for: []) == nil)
  }
}

@Suite struct ByteReaderTests {
  @Test func readsBothByteOrders() throws {
    var reader = ByteReader([1, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(try reader.readUInt8(as: "a") == 1)
    #expect(try reader.readBigEndianUInt16(as: "b") == 0x0102)
    #expect(try reader.readBigEndianUInt32(as: "c") == 0x0102_0304)
    #expect(try reader.readLittleEndianUInt32(as: "d") == 0x0403_0201)
    #expect(try reader.readLittleEndianUInt64(as: "e") == 0x0807_0605_0403_0201)
    #expect(reader.peek() == 9 && reader.peek(1) == 10 && reader.peek(2) == nil && reader.peek(-1) == nil)
    #expect(try reader.readLittleEndianUInt16(as: "f") == 0x0a09)
    #expect(reader.isAtEnd && reader.remaining == 0 && reader.offset == 21)
  }

  @Test func refusesWhatIsNotThereAndStaysWhereItWas() {
    var reader = ByteReader([0, 1, 2, 3, 4][1..<4])
    #expect(
      text { try reader.readBigEndianUInt32(as: "the size") }
        == "byte 1: expected 4 bytes for the size, found 3 bytes")
    #expect(text { try reader.readBytes(-1, as: "x") } == "byte 1: expected -1 bytes for x, found 3 bytes")
    #expect(
      text { try reader.readBytes(.max, as: "x") }
        == "byte 1: expected \(Int.max) bytes for x, found 3 bytes")
    #expect(text { try reader.skip(2, as: "x") } == "no error: ()")
    #expect(text { try Array(reader.readBytes(1, as: "x")) } == "no error: [3]")
    #expect(text { try reader.readUInt8(as: "the flag") } == "byte 4: expected 1 byte for the flag, found no bytes")
  }
}
