import GraftFiles

/// A parser of the dictionary in an NPY header: `{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }`.
///
/// NumPy writes only strings, `True`, `False` and tuples of numbers there.
struct NPYHeaderParser {
  struct Fields {
    var descriptor: String
    var fortranOrder: Bool
    var dimensions: [Int]
  }

  private var reader: ByteReader

  init(_ text: ArraySlice<UInt8>) {
    reader = ByteReader(text)
  }

  mutating func parse() throws(FormatError) -> Fields {
    var descriptor: String?
    var fortranOrder: Bool?
    var dimensions: [Int]?
    try expect("{")
    while try !skipped("}") {
      let offset = reader.offset
      let key = try readString()
      try expect(":")
      switch (key, descriptor, fortranOrder, dimensions) {
      case ("descr", nil, _, _): descriptor = try readDescriptor()
      case ("fortran_order", _, nil, _): fortranOrder = try readBool()
      case ("shape", _, _, nil): dimensions = try readTuple()
      case ("descr", _, _, _), ("fortran_order", _, _, _), ("shape", _, _, _):
        throw FormatError(offset: offset, problem: "the NPY header has \(quoted(key)) twice")
      default:
        throw FormatError(offset: offset, problem: "the NPY header has an unknown key \(quoted(key))")
      }
      if try !skipped(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard reader.isAtEnd else {
      throw FormatError(offset: reader.offset, problem: "the NPY header goes on after its dictionary")
    }
    guard let descriptor, let fortranOrder, let dimensions else {
      throw .expected("an NPY header with descr, fortran_order and shape", found: "not all of them")
    }
    return Fields(descriptor: descriptor, fortranOrder: fortranOrder, dimensions: dimensions)
  }

  /// Reads a string; the error names a list that describes records.
  private mutating func readDescriptor() throws(FormatError) -> String {
    skipSpace()
    guard reader.peek() != UInt8(ascii: "[") else {
      throw .expected("an array of integers", found: "an array of records", offset: reader.offset)
    }
    return try readString()
  }

  private mutating func readString() throws(FormatError) -> String {
    skipSpace()
    let offset = reader.offset
    let mark = try reader.readUInt8(as: "a string in the NPY header")
    guard mark == UInt8(ascii: "'") || mark == UInt8(ascii: "\"") else { throw unexpected("a string", at: offset) }
    var text: [UInt8] = []
    while true {
      let byte = try reader.readUInt8(as: "a quotation mark in the NPY header")
      if byte == mark { return String(decoding: text, as: UTF8.self) }
      text.append(byte)
    }
  }

  private mutating func readBool() throws(FormatError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] {
      guard word.utf8.enumerated().allSatisfy({ reader.peek($0.offset) == $0.element }) else { continue }
      try reader.skip(word.utf8.count, as: word)
      return value
    }
    throw unexpected("True or False", at: reader.offset)
  }

  /// Reads `()`, `(5,)`, `(5, 28)`: at most the 64 dimensions that NumPy has.
  private mutating func readTuple() throws(FormatError) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while try !skipped(")") {
      guard numbers.count < 64 else { throw unexpected("at most 64 dimensions", at: reader.offset) }
      numbers.append(try readNumber())
      if try !skipped(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func readNumber() throws(FormatError) -> Int {
    skipSpace()
    let offset = reader.offset
    var digits: [UInt8] = []
    while let byte = reader.peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      digits.append(try reader.readUInt8(as: "a digit"))
    }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw unexpected("a dimension from 0 to \(Int.max)", at: offset)
    }
    return number
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FormatError) {
    guard try skipped(character) else { throw unexpected("\"\(character)\"", at: reader.offset) }
  }

  private mutating func skipped(_ character: Unicode.Scalar) throws(FormatError) -> Bool {
    skipSpace()
    guard reader.peek() == UInt8(ascii: character) else { return false }
    try reader.skip(1, as: "a character of the NPY header")
    return true
  }

  private mutating func skipSpace() {
    while let byte = reader.peek(), [0x20, 0x09, 0x0a, 0x0d].contains(byte) {
      guard (try? reader.skip(1, as: "white space")) != nil else { return }
    }
  }

  private func unexpected(_ expected: String, at offset: Int) -> FormatError {
    FormatError(offset: offset, problem: "expected \(expected) in the NPY header")
  }
}
