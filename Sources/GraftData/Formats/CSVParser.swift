import GraftFiles

/// A parser of comma-separated values (RFC 4180) whose fields are numbers, except for labels and the names of columns.
///
/// Lines end with a line feed, a carriage return or both; semicolons and tabs separate fields as well, if the first
/// line has no more commas. A field in quotation marks ends on its line.
struct CSVParser {
  /// A field of the first line.
  struct Field {
    let text: String
    /// Its number; nil if it is none.
    let number: Double?

    var isNumber: Bool { number != nil }
  }

  /// The first line.
  struct Head {
    let fields: [Field]
    let line: Int

    func error(_ problem: String) -> FormatError { FormatError(problem: "line \(line): \(problem)") }
  }

  /// The numbers and labels of the lines.
  struct Rows {
    let values: CSVTable.Values
    let labels: [String]
    /// The error about the first decimal; nil if the decimals have a range that pixels can have.
    let misfit: FormatError?
    /// Whether a line has something in the last column, which has no name.
    let hasUnnamedValues: Bool
  }

  /// The most columns: the pixels of 512 x 512 in three channels, a label, and the number of the line.
  static let columnLimit = 3 * 512 * 512 + 2
  /// The most bytes of one field.
  static let fieldLimit = 1 << 20

  private enum End { case separator, line, file }

  private let bytes: [UInt8]
  private let separator: UInt8
  private var position: Int
  private var line = 1
  /// The place of the first byte after a byte-order mark.
  private let start: Int

  /// - Throws: `FormatError` if the bytes are no text in UTF-8, or empty.
  init(_ bytes: [UInt8]) throws(FormatError) {
    self.bytes = bytes
    start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    position = start
    try CSVParser.checkBeginning(bytes[...])
    // Lines are counted for the error alone.
    if bytes.contains(0) {
      var check = TextCheck()
      try check(bytes[...])
    }
    let first = bytes[start...].prefix(CSVParser.fieldLimit).prefix { $0 != 0x0a && $0 != 0x0d }
    let count = { (byte: UInt8) in first.count { $0 == byte } }
    let commas = count(UInt8(ascii: ","))
    let other = [UInt8(ascii: ";"), 0x09].first { count($0) > 0 && count($0) >= commas }
    separator = other ?? UInt8(ascii: ",")
    guard bytes[start...].contains(where: { !CSVParser.isSpace($0) }) else {
      throw FormatError(problem: "the table is empty")
    }
  }

  /// Refuses bytes that begin as another kind of file does.
  static func checkBeginning(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      throw .expected("a table in UTF-8", found: "text in UTF-16", offset: 0)
    }
    let head = bytes.prefix(512)
    // A name of a column may begin as a file of another kind does, but not with these.
    let isForeign = head.contains(0) || head.first.map { "<{".utf8.contains($0) } == true
    guard isForeign || head.starts(with: "version https://git-lfs".utf8), let found = ContentGuess.phrase(for: head)
    else { return }
    throw FormatError(offset: 0, problem: "this is \(found), not a table")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  // MARK: Fields

  /// Reads a field, and the separator or line end behind it.
  ///
  /// - Returns: The content, which is `text` if it has doubled quotation marks, and otherwise the bytes of `range`.
  private mutating func readField(column: Int) throws(FormatError) -> (range: Range<Int>, text: String?, end: End) {
    let first = position
    while position < bytes.count, bytes[position] == 0x20 { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      position = first
      while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
      try checkLength(position - first, column)
      return (first..<position, nil, readEnd())
    }
    position += 1
    let content = position
    var doubled: [UInt8]?
    while true {
      guard position < bytes.count, bytes[position] != 0x0a, bytes[position] != 0x0d else {
        throw error(column, "the quotation mark is not closed on its line")
      }
      let byte = bytes[position]
      position += 1
      guard byte == UInt8(ascii: "\"") else {
        doubled?.append(byte)
        continue
      }
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { break }
      doubled = (doubled ?? Array(bytes[content..<position - 1])) + [byte]
      position += 1
    }
    let range = content..<position - 1
    try checkLength(range.count, column)
    while position < bytes.count, bytes[position] == 0x20 { position += 1 }
    guard position == bytes.count || isEnd(bytes[position]) else {
      throw error(column, "expected the end of the field after its quotation mark")
    }
    var text: String?
    if let doubled { text = try self.text(doubled[...], column) }
    return (range, text, readEnd())
  }

  private func isEnd(_ byte: UInt8) -> Bool { byte == separator || byte == 0x0a || byte == 0x0d }

  private mutating func readEnd() -> End {
    guard position < bytes.count else { return .file }
    let byte = bytes[position]
    position += 1
    if byte == separator { return .separator }
    if byte == 0x0d, position < bytes.count, bytes[position] == 0x0a { position += 1 }
    return .line
  }

  private func checkLength(_ length: Int, _ column: Int) throws(FormatError) {
    guard length <= CSVParser.fieldLimit else {
      throw error(column, "a field of \(length) bytes is longer than the limit")
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>, _ column: Int) throws(FormatError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error(column, "expected text in UTF-8") }
    return text
  }

  private func text(_ range: Range<Int>, _ doubled: String?, _ column: Int) throws(FormatError) -> String {
    if let doubled { return doubled }
    return try text(bytes[range], column)
  }

  private func error(_ column: Int, _ problem: String) -> FormatError {
    FormatError(problem: "line \(line), column \(column): \(problem)")
  }

  // MARK: Lines

  /// Reads the first line without leaving it: it may be an image.
  mutating func readHead() throws(FormatError) -> Head {
    var fields: [Field] = []
    while true {
      guard fields.count < CSVParser.columnLimit else {
        throw FormatError(problem: "line 1: more than \(CSVParser.columnLimit) columns")
      }
      let (range, doubled, end) = try readField(column: fields.count + 1)
      let text = try text(range, doubled, fields.count + 1)
      fields.append(Field(text: text, number: CSVNumber(bytes, in: range)?.value))
      guard end == .separator else { break }
    }
    return Head(fields: fields, line: 1)
  }

  /// Reads all images.
  ///
  /// - Parameters:
  ///   - columns: The content of each column.
  ///   - head: The first line, from `readHead()`.
  mutating func readRows(_ columns: CSVTable.Columns, after head: Head) throws(FormatError) -> Rows {
    if columns.hasHeader { line = 2 } else { position = start }
    // A line has two bytes for each column at least.
    var pixels = CSVPixels(capacity: bytes.count / (2 * columns.contents.count) * columns.pixels)
    var labels: [String] = []
    var words: [Int] = []
    var hasUnnamedValues = false
    while position < bytes.count, try !isAtBlankEnd(columns.contents.count) {
      var column = 0
      var end = End.separator
      for content in columns.contents {
        guard end == .separator else { throw ragged(columns.contents.count, found: column) }
        column += 1
        if content == .pixel, let byte = readByte(&end) {
          pixels.append(byte)
          continue
        }
        let field = try readField(column: column)
        end = field.end
        switch content {
        case .unused: break
        case .unnamed:
          guard !bytes[field.range].allSatisfy(CSVParser.isSpace) else { break }
          guard columns.hasHeader else {
            throw error(column, "expected nothing as in line 1, found \(quoted(singleLine(shown(field.range))))")
          }
          hasUnnamedValues = true
        case .pixel:
          guard field.text == nil, let number = CSVNumber(bytes, in: field.range) else {
            throw notNumber(field.range, column, head, columns)
          }
          pixels.append(number, line: line, column: column)
        case .label:
          let label = try label(field.range, field.text, column)
          if !label.isNumber { words.append(labels.count) }
          labels.append(label.text)
        }
      }
      guard end != .separator else {
        while end == .separator {
          end = try readField(column: column + 1).end
          column += 1
        }
        throw ragged(columns.contents.count, found: column)
      }
      line += 1
    }
    guard !pixels.isEmpty else { throw FormatError(problem: "the table has no images, only the names of columns") }
    if let column = columns.contents.firstIndex(of: .label) {
      try checkWords(words, among: labels, column: column + 1, firstLine: columns.hasHeader ? 2 : 1)
    }
    return Rows(
      values: try pixels.values(), labels: labels, misfit: pixels.misfit, hasUnnamedValues: hasUnnamedValues)
  }

  /// Refuses words that are damaged numbers: nine in ten labels are whole numbers, and a word occurs less than half as often
  /// as one of these.
  ///
  /// - Parameter words: The places of the words in the list of labels.
  private func checkWords(
    _ words: [Int], among labels: [String], column: Int, firstLine: Int
  ) throws(FormatError) {
    let numbers = labels.count - words.count
    guard !words.isEmpty, numbers >= 9 * words.count else { return }
    var counts: [String: Int] = [:]
    for place in words { counts[labels[place], default: 0] += 1 }
    let classes = Set(labels).count - counts.count
    guard let place = words.first(where: { (counts[labels[$0]] ?? 0) * 2 * classes < numbers }) else { return }
    throw FormatError(
      problem: "line \(firstLine + place), column \(column): expected a whole number as label like \(numbers) of "
        + "\(labels.count), found \(quoted(labels[place]))")
  }

  /// Reads a whole number from 0 to 255 and the end of its field; nil, with nothing read, if the field is anything
  /// else.
  @inline(__always)
  private mutating func readByte(_ end: inout End) -> UInt8? {
    var place = position
    var value = 0
    while place < bytes.count {
      let byte = bytes[place]
      let digit = byte &- 0x30
      if digit < 10 {
        guard place < position + 3 else { return nil }
        value = value &* 10 &+ Int(digit)
        place += 1
        continue
      }
      guard place > position, value <= 255 else { return nil }
      if byte == separator {
        position = place + 1
        end = .separator
        return UInt8(truncatingIfNeeded: value)
      }
      guard byte == 0x0a || byte == 0x0d else { return nil }
      position = place
      end = readEnd()
      return UInt8(truncatingIfNeeded: value)
    }
    guard place > position, value <= 255 else { return nil }
    position = place
    end = .file
    return UInt8(truncatingIfNeeded: value)
  }

  /// Whether only empty lines follow; an empty line among the images is refused.
  private func isAtBlankEnd(_ columns: Int) throws(FormatError) -> Bool {
    guard bytes[position] == 0x0a || bytes[position] == 0x0d else { return false }
    guard bytes[position...].allSatisfy(CSVParser.isSpace) else { throw ragged(columns, found: 0) }
    return true
  }

  private func ragged(_ expected: Int, found: Int) -> FormatError {
    FormatError(
      problem: "line \(line): expected \(expected) columns as in line 1, found "
        + (found == 0 ? "an empty line" : "\(found)"))
  }

  private func label(
    _ range: Range<Int>, _ doubled: String?, _ column: Int
  ) throws(FormatError) -> (text: String, isNumber: Bool) {
    let text = try text(range, doubled, column)
    // A whole number may have a point: pandas writes such labels if one is missing.
    if let number = CSVNumber(bytes, in: range), doubled == nil {
      guard let label = RawLabels.number(number.value) else {
        throw error(column, "expected a label from 0 to \(RawLabels.largest) or a word, found \(quoted(text))")
      }
      return (String(label), true)
    }
    let word = singleLine(text.split(separator: " ").joined(separator: " "))
    guard !word.isEmpty, word.lowercased() != "nan" else {
      throw error(column, "the label is missing" + (word.isEmpty ? "" : ": \(quoted(word))"))
    }
    return (word, false)
  }

  /// The text of a field as an error shows it.
  private func shown(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix(100), as: UTF8.self) }

  private func notNumber(_ range: Range<Int>, _ column: Int, _ head: Head, _ columns: CSVTable.Columns) -> FormatError {
    let text = shown(range)
    let name = columns.hasHeader ? " (\(quoted(head.fields[column - 1].text)))" : ""
    let point = text.contains(",") ? " with a decimal point" : ""
    let found = bytes[range].allSatisfy(CSVParser.isSpace) ? "nothing" : quoted(singleLine(text))
    return FormatError(problem: "line \(line), column \(column)\(name): expected a number\(point), found \(found)")
  }
}
