// Helpers that keep error texts short, on one line and free of terminal control characters.

/// `text` with control characters, line separators and text-direction marks written as `\u{…}`.
///
/// Paths and names come from files and requests: a line break in one would forge a second log line, and an escape
/// character would control the reader's terminal.
package func singleLine(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: needsEscape) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if needsEscape(scalar) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// `text` of several lines, with every other control character of a terminal written as `\u{…}`, or in JSON's form.
///
/// It is a last guard when text leaves the program. Names become single lines earlier, in tables, sentences and errors:
/// here a line feed in a name looks like any other.
package func printable(_ text: String) -> String {
  // Nearly all text is plain, and documents are long.
  if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a }) { return text }
  // A document that begins with a brace is JSON, in which such characters occur only inside strings.
  let isJSON = text.utf8.first == UInt8(ascii: "{")
  var result = ""
  for scalar in text.unicodeScalars {
    if scalar == "\n" || !needsEscape(scalar) {
      result.unicodeScalars.append(scalar)
    } else if isJSON {
      for unit in String(scalar).utf16 { result += "\\u" + hexadecimal(unit).dropFirst(2) }
    } else {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
  return result
}

private func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
  default: false
  }
}

/// A name from untrusted bytes in quotation marks, cut after 60 characters.
package func quoted(_ name: String) -> String {
  // The cut counts scalars: one "character" may be a letter under megabytes of combining marks.
  let scalars = name.unicodeScalars
  guard let end = scalars.index(scalars.startIndex, offsetBy: 60, limitedBy: scalars.endIndex), end < scalars.endIndex
  else { return "\"\(name)\"" }
  return "\"\(String(scalars[..<end]))…\""
}

/// `value` in hexadecimal with a leading `0x`, padded with zeros to the width of its type.
package func hexadecimal(_ value: some FixedWidthInteger & UnsignedInteger) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: max(0, type(of: value).bitWidth / 4 - digits.count)) + digits
}

/// A number of bytes in words: "1 byte", "7 bytes", "no bytes".
package func byteCount(_ count: Int) -> String {
  switch count {
  case 0: "no bytes"
  case 1: "1 byte"
  default: "\(count) bytes"
  }
}

/// Dimensions in the usual notation: `60000 x 28 x 28`.
package func dimensionText(_ dimensions: [Int]) -> String {
  dimensions.map(String.init).joined(separator: " x ")
}
