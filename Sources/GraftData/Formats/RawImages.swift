import GraftFiles

/// Images as a file has them: numbers of some type, in rows of some shape, before they are bytes in planes.
struct RawImages {
  enum Values {
    /// Pixels from 0 to 255.
    case bytes([UInt8])
    /// Numbers with a fraction.
    case decimals([Double])
    /// Numbers or truth values of an array, but not bytes.
    case array(NPYArray)
  }

  /// Sizes from the number of images to the innermost dimension, two to four of them, none of them zero.
  let dimensions: [Int]
  let values: Values

  /// - Throws: `FormatError` if the array has no numbers, or a shape that no images have.
  init(_ array: NPYArray) throws(FormatError) {
    dimensions = array.header.dimensions
    guard (2...4).contains(dimensions.count) else {
      throw .expected(
        "images of shape (count, rows, columns), (count, rows, columns, channels) or (count, pixels)",
        found: array.header.shapeText)
    }
    _ = try ByteTensor.count(dimensions)
    switch (array.header.type.kind, array.header.type.width) {
    case (.unsigned, 1): values = .bytes(Array(array.elements))
    case (.unsigned, _), (.signed, _), (.float, _), (.truth, _): values = .array(array)
    case (.text, _), (.byteText, _): throw .expected("images of numbers", found: "text (\(array.header.type))")
    }
  }

  init(dimensions: [Int], values: Values) {
    self.dimensions = dimensions
    self.values = values
  }

  /// The kind of numbers, as far as it decides their scale.
  var kind: PixelScale.Kind {
    switch values {
    case .bytes: .whole
    case .decimals: .decimal
    case .array(let array):
      switch array.header.type.kind {
      case .truth: .truth
      case .float: .float
      case .unsigned, .signed, .text, .byteText: .whole
      }
    }
  }

  /// The smallest and the largest number; nil for bytes, whose scale is known.
  ///
  /// - Throws: `FormatError` with the position of a number that is not finite.
  func range() throws(FormatError) -> ClosedRange<Double>? {
    var smallest = Double.infinity
    var largest = -Double.infinity
    var wrong: (index: Int, value: Double)?
    func look(_ index: Int, _ value: Double) -> Bool {
      guard value.isFinite else {
        wrong = (index, value)
        return false
      }
      if value < smallest { smallest = value }
      if value > largest { largest = value }
      return true
    }
    switch values {
    case .bytes: return nil
    case .decimals(let numbers): for (index, value) in numbers.enumerated() where !look(index, value) { break }
    case .array(let array): array.forEachNumber(look)
    }
    if let wrong {
      throw .expected("finite pixels", found: "\(numberText(wrong.value)) at index \(position(wrong.index))")
    }
    return smallest...largest
  }

  /// If every number is whole.
  var isWhole: Bool {
    func isWhole(_ value: Double) -> Bool { value == value.rounded(.towardZero) }
    switch values {
    case .bytes: return true
    case .decimals(let numbers): return numbers.allSatisfy(isWhole)
    case .array(let array):
      var answer = true
      array.forEachNumber { _, value in
        answer = isWhole(value)
        return answer
      }
      return answer
    }
  }

  /// The pixels from 0 to 255.
  ///
  /// - Throws: `FormatError` with the position of a whole number that is no pixel.
  func bytes(_ scale: PixelScale) throws(FormatError) -> [UInt8] {
    switch values {
    case .bytes(let bytes): return bytes
    case .decimals(let numbers): return numbers.map(scale.byte)
    case .array(let array):
      if scale == .asTheyAre { try checkWholeNumbers(array) }
      return [UInt8](unsafeUninitializedCapacity: array.count) { bytes, count in
        array.forEachNumber { index, value in
          bytes[index] = scale.byte(value)
          return true
        }
        count = array.count
      }
    }
  }

  private func checkWholeNumbers(_ array: NPYArray) throws(FormatError) {
    var wrong: (index: Int, value: Double)?
    array.forEachNumber { index, value in
      if value < 0 || value > 255 { wrong = (index, value) }
      return wrong == nil
    }
    if let wrong {
      throw .expected(
        "pixels from 0 to 255", found: "\(numberText(wrong.value)) at index \(array.position(wrong.index))")
    }
  }

  private func position(_ index: Int) -> String {
    if case .array(let array) = values { return array.position(index) }
    let row = dimensions.dropFirst().reduce(1, *)
    return "[\(index / row), \(index % row)]"
  }
}
