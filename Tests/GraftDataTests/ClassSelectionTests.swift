import GraftData
import GraftFiles
import Testing

@Suite struct ClassSelectionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let classes: [Int]
    let description: String
    var testDescription: String { text }
  }

  @Test(
    "a selection is read as a person writes it, and written as briefly",
    arguments: [
      Case(text: "all", classes: Array(0..<10), description: "all"),
      Case(text: "even", classes: [0, 2, 4, 6, 8], description: "even"),
      Case(text: "odd", classes: [1, 3, 5, 7, 9], description: "odd"),
      Case(text: "7", classes: [7], description: "7"), Case(text: "0,1,2", classes: [0, 1, 2], description: "0,1,2"),
      Case(text: "2,1,0", classes: [0, 1, 2], description: "0,1,2"),
      Case(text: "0-4", classes: [0, 1, 2, 3, 4], description: "0,1,2,3,4"),
      Case(text: "0-2,7", classes: [0, 1, 2, 7], description: "0,1,2,7"),
      Case(text: "8-9,0", classes: [0, 8, 9], description: "0,8,9"), Case(text: "3-3", classes: [3], description: "3"),
      Case(text: "0-9", classes: Array(0..<10), description: "all"),
      Case(text: "8,6,4,2,0", classes: [0, 2, 4, 6, 8], description: "even"),
      Case(text: "007", classes: [7], description: "7"),
    ])
  func good(known: Case) throws {
    let selection = try ClassSelection(parsing: known.text, of: 10)
    #expect(selection.classes == known.classes && selection.available == 10)
    #expect(selection.description == known.description)
    #expect(try ClassSelection(parsing: selection.description, of: 10) == selection)
    #expect((0..<12).filter(selection.contains) == known.classes)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let text: String
    let error: String
    var testDescription: String { text }

    init(_ text: String, _ error: String) {
      self.text = text
      self.error = error
    }

    static func part(_ text: String, _ part: String) -> Bad {
      Bad(text, "'\(part)' is not a class, a range or one of even, odd, all (try 0,1,2 or 0-4)")
    }
  }

  @Test(
    "anything else is a usage error of one line",
    arguments: [
      Bad.part("", ""), .part(",", ""), .part("1,", ""), .part(",1", ""),
      Bad("Even", "'Even' is not a class, a range or one of even, odd, all (did you mean even?)"),
      Bad("evn", "'evn' is not a class, a range or one of even, odd, all (did you mean even?)"),
      .part("even,1", "even"), .part("-1", "-1"), .part("3-", "3-"), .part("4-2", "4-2"), .part("1-2-3", "1-2-3"),
      .part("1 ", "1 "), .part("+1", "+1"), .part("1.0", "1.0"), .part("a-b", "a-b"), .part("٣", "٣"),
      .part("99999999999999999999", "99999999999999999999"),
      Bad("10", "there is no class 10, the data has 0 to 9"), Bad("0-10", "there is no class 10, the data has 0 to 9"),
      Bad("5-9223372036854775807", "there is no class 9223372036854775807, the data has 0 to 9"),
      Bad("1,1", "class 1 is named twice"), Bad("0-4,3", "class 3 is named twice"),
    ])
  func bad(known: Bad) throws {
    let error = try #require(throws: GraftFailure.self) { try ClassSelection(parsing: known.text, of: 10) }
    #expect(error.kind == .usage)
    #expect(error.description == "classes '\(known.text)': \(known.error)")
  }

  @Test("names mean the classes that the data has", arguments: [1, 3, 47])
  func otherData(count: Int) throws {
    #expect(try ClassSelection(parsing: "all", of: count) == .all(of: count))
    #expect(try ClassSelection(parsing: "even", of: count).classes == Array(stride(from: 0, to: count, by: 2)))
    #expect(try ClassSelection(parsing: "\(count - 1)", of: count).classes == [count - 1])
    #expect(throws: GraftFailure.self) { try ClassSelection(parsing: "\(count)", of: count) }
  }

  /// A selection has at least one class, and data of one class has no odd one.
  @Test("a name that means no class at all is refused")
  func nothingChosen() {
    #expect(throws: GraftFailure.self) { try ClassSelection(parsing: "odd", of: 1) }
  }

  @Test("the halves are the ten digits")
  func halves() {
    #expect((ClassSelection.even.classes + ClassSelection.odd.classes).sorted() == Array(0..<10))
  }
}
