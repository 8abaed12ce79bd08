extension JSON {
  /// The layout of a value as text.
  package enum Layout: Sendable {
    /// Everything on one line, no spaces.
    case compact
    /// Two spaces per level; arrays without arrays or objects in them stay on one line.
    case pretty
  }

  /// The value as JSON text; the same value always gives the same text.
  ///
  /// Keys come in the order of insertion, numbers in the shortest form that reads back equal. Infinity and NaN, which
  /// JSON does not have, become `null`. There is no line break at the end.
  /// - Parameter escapingHTML: Whether to write `<`, `>`, `&` and the line separators U+2028 and U+2029 as `\u003c` and
  ///   so on, so that the text can stand inside a `<script>` element.
  package func text(_ layout: Layout = .compact, escapingHTML: Bool = false) -> String {
    var writer = Writer(isPretty: layout == .pretty, escapesHTML: escapingHTML)
    writer.write(self, indentation: 0)
    return String(decoding: writer.output, as: UTF8.self)
  }

  /// The text as UTF-8.
  package func bytes(_ layout: Layout = .compact, escapingHTML: Bool = false) -> [UInt8] {
    Array(text(layout, escapingHTML: escapingHTML).utf8)
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private struct Writer {
    let isPretty: Bool
    let escapesHTML: Bool
    var output: [UInt8] = []

    mutating func write(_ value: JSON, indentation: Int) {
      switch value {
      case .null: append("null")
      case .bool(let value): append(value ? "true" : "false")
      case .integer(let value): append(String(value))
      case .number(let value): append(value.isFinite ? value.description : "null")
      case .string(let value): writeString(value)
      case .array(let values): writeArray(values, indentation: indentation)
      case .object(let members): writeObject(members, indentation: indentation)
      }
    }

    private mutating func writeArray(_ values: [JSON], indentation: Int) {
      let breaksLines = isPretty && !values.allSatisfy(\.isScalar)
      append("[")
      for (index, value) in values.enumerated() {
        if index > 0 { append(isPretty && !breaksLines ? ", " : ",") }
        if breaksLines { breakLine(indentation + 1) }
        write(value, indentation: indentation + 1)
      }
      if breaksLines { breakLine(indentation) }
      append("]")
    }

    private mutating func writeObject(_ members: Object, indentation: Int) {
      append("{")
      for (index, member) in members.members.enumerated() {
        if index > 0 { append(",") }
        if isPretty { breakLine(indentation + 1) }
        writeString(member.key)
        append(isPretty ? ": " : ":")
        write(member.value, indentation: indentation + 1)
      }
      if isPretty, !members.isEmpty { breakLine(indentation) }
      append("}")
    }

    private mutating func writeString(_ text: String) {
      append("\"")
      let bytes = Array(text.utf8)
      for (index, byte) in bytes.enumerated() {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        case 0x08: append("\\b")
        case 0x0c: append("\\f")
        case 0..<0x20: appendEscape(UInt16(byte))
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
          if escapesHTML { appendEscape(UInt16(byte)) } else { output.append(byte) }
        case 0xa8 where escapesHTML && endsLineSeparator(bytes[..<index]): replaceLead(with: 0x2028)
        case 0xa9 where escapesHTML && endsLineSeparator(bytes[..<index]): replaceLead(with: 0x2029)
        default: output.append(byte)
        }
      }
      append("\"")
    }

    /// Whether the first two of the three bytes of U+2028 or U+2029 are the last ones written.
    private func endsLineSeparator(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.suffix(2) == [0xe2, 0x80] }

    private mutating func replaceLead(with unit: UInt16) {
      output.removeLast(2)
      appendEscape(unit)
    }

    private mutating func appendEscape(_ unit: UInt16) { append("\\u" + hexadecimal(unit).dropFirst(2)) }

    private mutating func breakLine(_ indentation: Int) {
      output.append(0x0a)
      output += [UInt8](repeating: 0x20, count: 2 * indentation)
    }

    private mutating func append(_ text: some StringProtocol) { output += text.utf8 }
  }
}
