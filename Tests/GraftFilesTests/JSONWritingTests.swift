import Testing

@testable import GraftFiles

@Suite struct JSONWritingTests {
  let value: JSON = [
    "b": 1, "a": [1, 2.5, "x", nil, true], "nested": [[1], ["k": []]], "empty": [:], "text": "é\n",
  ]

  @Test func compact() {
    #expect(
      value.text()
        == #"{"b":1,"a":[1,2.5,"x",null,true],"nested":[[1],{"k":[]}],"empty":{},"text":"é\n"}"#)
  }

  @Test func pretty() {
    #expect(
      value.text(.pretty) == #"""
        {
          "b": 1,
          "a": [1, 2.5, "x", null, true],
          "nested": [
            [1],
            {
              "k": []
            }
          ],
          "empty": {},
          "text": "é\n"
        }
        """#)
  }

  @Test func escapes() throws {
    let all = String(String.UnicodeScalarView((0..<0x20).compactMap(Unicode.Scalar.init))) + "\"\\/\u{7f}"
    #expect(
      JSON.string(all).text() == "\"" + #"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r"#
        + #"\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e"#
        + #"\u001f\"\\/"# + "\u{7f}\"")
    let hostile: JSON = ["</script>&": "\u{2028}\u{2029}\u{2027}\u{2030} ¨©"]
    #expect(hostile.text() == "{\"</script>&\":\"\u{2028}\u{2029}\u{2027}\u{2030} ¨©\"}")
    #expect(
      hostile.text(escapingHTML: true)
        == #"{"\u003c/script\u003e\u0026":"\u2028\u2029"# + "\u{2027}\u{2030} ¨©\"}")
    #expect(try JSON(parsing: hostile.text(escapingHTML: true)) == hostile)
  }

  @Test func numbers() throws {
    #expect(JSON.array([.number(.nan), .number(.infinity), .number(-.infinity)]).text() == "[null,null,null]")
    for number in [0.0, -0.0, 1, 0.1, 1 / 3, 1e16, 1e-7, 1e300, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
      let parsed = try JSON(parsing: JSON.number(number).text())
      guard case .number(let value) = parsed else {
        Issue.record("\(number) became \(parsed)")
        continue
      }
      #expect(value.bitPattern == number.bitPattern)
    }
    for integer in [Int.min, -1, 0, Int.max] {
      #expect(try JSON(parsing: JSON.integer(integer).text()) == .integer(integer))
    }
  }

  @Test(arguments: 0..<50)
  func randomValuesRoundTrip(seed: Int) throws {
    var random = Seeded(seed)
    let value = Self.randomValue(depth: 0, &random)
    for layout in [JSON.Layout.compact, .pretty] {
      for escaping in [false, true] {
        #expect(try JSON(parsing: value.text(layout, escapingHTML: escaping)) == value)
      }
    }
  }

  private static func randomValue(depth: Int, _ random: inout Seeded) -> JSON {
    switch Int.random(in: 0..<(depth < 4 ? 8 : 5), using: &random) {
    case 0: return nil
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int(truncatingIfNeeded: random.next()))
    case 3:
      let number = Double(bitPattern: random.next())
      return .number(number.isFinite ? number : 0)
    case 4: return .string(randomText(&random))
    case 5, 6:
      return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in randomValue(depth: depth + 1, &random) })
    default:
      var object = JSON.Object()
      for _ in 0..<Int.random(in: 0..<5, using: &random) {
        object[randomText(&random)] = randomValue(depth: depth + 1, &random)
      }
      return .object(object)
    }
  }

  private static func randomText(_ random: inout Seeded) -> String {
    let scalars = (0..<Int.random(in: 0..<8, using: &random)).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0..<(Bool.random(using: &random) ? 0x80 : 0x110000), using: &random))
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
