import GraftFiles

// MARK: - Numbers

extension NPYArray {
  /// The number of elements.
  var count: Int { elements.count / header.type.width }

  /// Calls `body` with each number and its index, until it returns false. Texts have no numbers.
  ///
  /// Integers above 2^53 are rounded; they are no pixels and no labels.
  @inline(__always)
  func forEachNumber(_ body: (Int, Double) -> Bool) {
    switch (header.type.kind, header.type.width) {
    case (.unsigned, 1), (.truth, _): forEach(UInt8.self) { body($0, Double($1)) }
    case (.unsigned, 2): forEach(UInt16.self) { body($0, Double(UInt16(littleEndian: $1))) }
    case (.unsigned, 4): forEach(UInt32.self) { body($0, Double(UInt32(littleEndian: $1))) }
    case (.unsigned, _): forEach(UInt64.self) { body($0, Double(UInt64(littleEndian: $1))) }
    case (.signed, 1): forEach(Int8.self) { body($0, Double($1)) }
    case (.signed, 2): forEach(Int16.self) { body($0, Double(Int16(littleEndian: $1))) }
    case (.signed, 4): forEach(Int32.self) { body($0, Double(Int32(littleEndian: $1))) }
    case (.signed, _): forEach(Int64.self) { body($0, Double(Int64(littleEndian: $1))) }
    case (.float, 2): forEach(UInt16.self) { body($0, Double(HalfPrecision.single(UInt16(littleEndian: $1)))) }
    case (.float, 4): forEach(UInt32.self) { body($0, Double(Float(bitPattern: UInt32(littleEndian: $1)))) }
    case (.float, _): forEach(UInt64.self) { body($0, Double(bitPattern: UInt64(littleEndian: $1))) }
    case (.text, _), (.byteText, _): break
    }
  }

  @inline(__always)
  private func forEach<Element: BitwiseCopyable>(_ type: Element.Type, _ body: (Int, Element) -> Bool) {
    elements.withUnsafeBytes { bytes in
      let width = MemoryLayout<Element>.size
      for index in 0..<bytes.count / width {
        guard body(index, bytes.loadUnaligned(fromByteOffset: index &* width, as: Element.self)) else { return }
      }
    }
  }

  /// The position of an element: `[3, 0, 5]`.
  func position(_ index: Int) -> String {
    var rest = index
    var places: [Int] = []
    for dimension in header.dimensions.reversed() {
      places.append(dimension > 0 ? rest % dimension : 0)
      rest = dimension > 0 ? rest / dimension : 0
    }
    return "[\(places.reversed().map(String.init).joined(separator: ", "))]"
  }
}

// MARK: - Labels

extension NPYArray {
  /// The elements as labels: numbers or text of shape (count,) or (count, 1), or rows of zeros with a single 1.
  ///
  /// - Throws: `FormatError` with the index of the first element, or row, that is no label.
  func labels() throws(FormatError) -> RawLabels {
    let dimensions = header.dimensions
    guard dimensions.count == 1 || dimensions.count == 2, let rows = dimensions.first else {
      throw .expected(
        "labels of shape (count,), or one-hot labels of shape (count, classes)", found: header.shapeText)
    }
    guard rows > 0, count > 0 else { throw FormatError(problem: "the dataset has no labels: 0") }
    let isText = header.type.kind == .text || header.type.kind == .byteText
    if dimensions.count == 2, dimensions[1] > 1 {
      guard !isText else { throw .expected("one label for each image", found: header.shapeText) }
      return try oneHotLabels(classes: dimensions[1])
    }
    return isText ? .init(texts: try texts()) : .numbers(try wholeNumbers())
  }

  private func wholeNumbers() throws(FormatError) -> [Int] {
    var labels: [Int] = []
    labels.reserveCapacity(count)
    var wrong: (index: Int, value: Double)?
    forEachNumber { index, value in
      guard let label = RawLabels.number(value) else {
        wrong = (index, value)
        return false
      }
      labels.append(label)
      return true
    }
    if let wrong {
      throw FormatError(
        offset: header.size + wrong.index * header.type.width,
        problem: "expected labels from 0 to \(RawLabels.largest), found \(numberText(wrong.value)) at index "
          + "\(wrong.index)")
    }
    return labels
  }

  private func oneHotLabels(classes: Int) throws(FormatError) -> RawLabels {
    var labels = [Int](repeating: 0, count: header.dimensions[0])
    var ones = 0
    var wrong: (row: Int, found: String)?
    forEachNumber { index, value in
      let (row, column) = index.quotientAndRemainder(dividingBy: classes)
      if value == 1 {
        labels[row] = column
        ones += 1
      } else if value != 0 {
        wrong = (row, numberText(value))
        return false
      }
      guard column == classes - 1 else { return true }
      if ones != 1 { wrong = (row, ones == 0 ? "no 1" : "\(ones) of them") }
      ones = 0
      return wrong == nil
    }
    if let wrong {
      throw .expected(
        "one-hot labels, of which each row has a single 1 and zeros", found: "\(wrong.found) in row \(wrong.row)")
    }
    return .oneHot(labels, classes: classes)
  }

  private func texts() throws(FormatError) -> [String] {
    let width = header.type.width
    var texts: [String] = []
    texts.reserveCapacity(count)
    for index in 0..<count {
      let start = elements.startIndex + index * width
      let bytes = elements[start..<start + width]
      let text: String?
      if header.type.kind == .byteText {
        text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      } else {
        var scalars = String.UnicodeScalarView()
        var isValid = true
        for place in stride(from: start, to: start + width, by: 4) {
          let code = (0..<4).reduce(UInt32(0)) { $0 | UInt32(elements[place + $1]) << (8 * $1) }
          if code == 0 { break }
          if let scalar = Unicode.Scalar(code) { scalars.append(scalar) } else { isValid = false }
        }
        text = isValid ? String(scalars) : nil
      }
      guard let text, !text.isEmpty else {
        throw FormatError(
          offset: start,
          problem: "expected the name of a class, found \(text == nil ? "no text" : "an empty one") at index \(index)")
      }
      texts.append(text)
    }
    return texts
  }
}

/// A number as an error names it: `7`, `0.25`, `nan`.
func numberText(_ value: Double) -> String {
  if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
  return "\(Float(value))"
}
