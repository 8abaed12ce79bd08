import Testing

@testable import GraftFiles

@Suite struct JSONParsingTests {
  private static let valid: [(String, JSON)] = [
    ("null", nil), (" \t\r\n true \n", true), ("false", false), ("0", 0), ("-1", -1),
    ("9223372036854775807", 9_223_372_036_854_775_807), ("9223372036854775808", .number(0x1p63)),
    ("-9223372036854775808", .integer(.min)), ("4.0", .number(4)), ("1e2", .number(100)), ("1E+2", .number(100)),
    ("-0", .number(-0.0)), ("0.1", .number(0.1)), ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-999", .number(0)),
    ("\"\"", ""), ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{c}\n\r\t"), ("\"\\u0041\\u00e9\\u0000\"", "Aé\0"),
    ("\"\\ud83d\\ude42 🙂\"", "🙂 🙂"), ("[]", []), ("[1,[2],{}]", [1, [2], [:]]), ("{}", [:]),
    ("{\"b\":1,\"a\":{\"c\":[null]}}", ["b": 1, "a": ["c": [nil]]]),
  ]

  @Test(arguments: valid)
  func accepts(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  @Test(arguments: [
    ("", "byte 0: expected a JSON value, found the end of the JSON text"),
    ("  ", "byte 2: expected a JSON value, found the end of the JSON text"),
    ("\u{feff}1", "byte 0: expected JSON in UTF-8 without a byte order mark, found a byte order mark"),
    ("1 2", "byte 2: expected the end of the JSON text, found '2'"),
    ("1\0", "byte 1: expected the end of the JSON text, found a NUL byte"),
    ("[1,]", "byte 3: expected a JSON value, found ']'"),
    ("[1 2]", "byte 3: expected ',' or ']', found '2'"),
    ("[1", "byte 2: expected ',' or ']', found the end of the JSON text"),
    ("{\"a\":1,}", "byte 7: expected a key in quotation marks, found '}'"),
    ("{a:1}", "byte 1: expected a key in quotation marks, found 'a'"),
    ("{'a':1}", "byte 1: expected a key in quotation marks, found '''"),
    ("{\"a\" 1}", "byte 5: expected ':' after the key \"a\", found '1'"),
    ("{\"a\":}", "byte 5: expected a JSON value, found '}'"),
    ("{\"a\":1 \"b\":2}", "byte 7: expected ',' or '}', found '\"'"),
    ("{\"a\":1,\"b\":2,\"a\":3}", "byte 13: the key \"a\" is there twice"),
    ("{\"a\":1,\"\\u0061\":3}", "byte 7: the key \"a\" is there twice"),
    ("[{\"a\":{\"k\":1,\"k\":1}}]", "byte 13: the key \"k\" is there twice"),
    ("tru", "byte 3: expected 'true', found the end of the JSON text"),
    ("nul1", "byte 3: expected 'null', found '1'"),
    ("True", "byte 0: expected a JSON value, found 'T'"),
    ("NaN", "byte 0: expected a JSON value, found 'N'"),
    ("-Infinity", "byte 1: expected a digit, found 'I'"),
    ("+1", "byte 0: expected a JSON value, found '+'"),
    (".5", "byte 0: expected a JSON value, found '.'"),
    ("1.", "byte 2: expected a digit, found the end of the JSON text"),
    ("1e", "byte 2: expected a digit, found the end of the JSON text"),
    ("01", "byte 0: a number must not start with a zero"),
    ("-01", "byte 0: a number must not start with a zero"),
    ("0x10", "byte 1: expected the end of the JSON text, found 'x'"),
    ("[1e400]", "byte 1: the number \"1e400\" is out of range"),
    ("1 // one", "byte 2: expected the end of the JSON text, found '/'"),
    ("\"a", "byte 2: expected '\"' at the end of the string, found the end of the JSON text"),
    ("\"a\nb\"", "byte 2: expected control characters as escapes, found byte 0x0a"),
    ("\"\\x\"", "byte 1: no such escape in a JSON string"),
    ("\"\\", "byte 1: no such escape in a JSON string"),
    ("\"\\u12g4\"", "byte 5: expected four hexadecimal digits, found 'g'"),
    ("\"\\u12", "byte 5: expected four hexadecimal digits, found the end of the JSON text"),
    ("\"\\ud83d\"", "byte 1: half a surrogate pair in a JSON string"),
    ("\"x\\ude42\\ud83d\"", "byte 2: half a surrogate pair in a JSON string"),
    ("\"\\ude42\\ude42\"", "byte 1: half a surrogate pair in a JSON string"),
    ("\"\\ud83d\\u0041\"", "byte 1: half a surrogate pair in a JSON string"),
    ("\"\\ud83d\\n\"", "byte 1: half a surrogate pair in a JSON string"),
  ])
  func refuses(json: String, message: String) {
    #expect(text { try JSON(parsing: json) } == message)
  }

  /// Table 3-7 of the Unicode standard, its borders from both sides.
  @Test func onlyWellFormedUTF8() throws {
    for hex in ["c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"] {
      #expect(try JSON(parsing: [0x22] + bytes(hex: hex) + [0x22]).string?.unicodeScalars.count == 1, "\(hex)")
    }
    for hex in ["80", "bf", "c080", "c1bf", "f5808080", "ff"] {
      #expect(
        text { try JSON(parsing: [0x22] + bytes(hex: hex) + [0x22]) }
          == "byte 1: expected UTF-8, found byte 0x\(hex.prefix(2))")
    }
    for (hex, count) in [("e09fbf", 1), ("eda080", 1), ("f08fbfbf", 1), ("f4908080", 1), ("c2", 1), ("e180", 2)] {
      #expect(
        text { try JSON(parsing: [0x22] + bytes(hex: hex) + [0x22]) }
          == "byte 1: expected UTF-8, found a sequence that breaks off after \(byteCount(count))", "\(hex)")
    }
    #expect(text { try JSON(parsing: [0xff]) } == "byte 0: expected a JSON value, found byte 0xff")
  }

  @Test func depthAndNumberOfValuesAreBounded() throws {
    let deep = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try JSON(parsing: deep(64)) }
    #expect(text { try JSON(parsing: deep(65)) } == "byte 64: more than 64 arrays or objects in each other")
    #expect(
      text { try JSON(parsing: String(repeating: "{\"a\":", count: 100_000)) }
        == "byte 320: more than 64 arrays or objects in each other")
    #expect(try JSON(parsing: "[1,2]", valueLimit: 3) == [1, 2])
    #expect(text { try JSON(parsing: "[1,2]", valueLimit: 2) } == "byte 3: too many values in the JSON text")
  }

  @Test func offsetsAreThoseOfTheSlice() {
    let bytes = Array("xxxx[1,]xx".utf8)
    #expect(text { try JSON(parsing: bytes[4..<8]) } == "byte 7: expected a JSON value, found ']'")
    #expect(text { try JSON(parsing: bytes[4..<7]) } == "byte 7: expected a JSON value, found the end of the JSON text")
  }

  @Test func keysAreTheSameOnlyByteForByte() throws {
    let value = try JSON(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
    #expect(value["\u{e9}"] == 1 && value["e\u{301}"] == 2)
  }

  @Test func accessors() throws {
    let value = try JSON(parsing: "{\"i\":3,\"d\":0.5,\"s\":\"x\",\"b\":true,\"a\":[1],\"n\":null}")
    #expect(value["i"]?.int == 3 && value["i"]?.double == 3 && value["d"]?.double == 0.5 && value["d"]?.int == nil)
    #expect(value["s"]?.string == "x" && value["b"]?.bool == true && value["a"]?.array == [1])
    #expect(value["n"]?.isNull == true && value["missing"] == nil && value["s"]?["x"] == nil)
    #expect(value.object?.keys == ["i", "d", "s", "b", "a", "n"])
    var object = JSON.Object()
    (object["a"], object["b"], object["c"]) = (1, 2, 3)
    (object["a"], object["b"]) = (4, nil)
    #expect(JSON.object(object) == ["a": 4, "c": 3])
    #expect(object.map(\.key) == ["a", "c"] && object.count == 2 && !object.isEmpty)
  }

  /// Every byte at every place of a small text: an error within the text or a value that writes and reads back.
  @Test func everyByteAtEveryPlace() throws {
    let valid = Array("{\"a\":[-1.5e3,\"\\u00e9é\",null]}".utf8)
    for position in valid.indices {
      for byte in UInt8.min...UInt8.max {
        var bytes = valid
        bytes[position] = byte
        do throws(FormatError) {
          let value = try JSON(parsing: bytes)
          #expect(try JSON(parsing: value.bytes()) == value)
        } catch {
          #expect((error.offset ?? -1) >= 0 && (error.offset ?? 999) <= bytes.count)
        }
      }
    }
  }
}
