import GraftFiles
import GraftMatrices

/// A table of images in text: a line for each image, with a column for each pixel and perhaps one for its label, with
/// or without the names of the columns in front (`label,pixel0,pixel1,…`, as Kaggle publishes MNIST).
package struct CSVTable: Sendable {
  /// The columns of one table.
  struct Columns {
    enum Content: UInt8 {
      case pixel, label, unused
      /// A last column without a name, which commas at the ends of the lines make.
      case unnamed
    }

    let contents: [Content]
    /// Names of columns that are not used.
    let unusedNames: [String]
    /// Whether the first line has the names of the columns.
    let hasHeader: Bool

    /// Number of pixels of an image.
    var pixels: Int { contents.count { $0 == .pixel } }
    var hasLabel: Bool { contents.contains(.label) }
  }

  /// Pixels or decimals, image after image.
  package enum Values: Sendable {
    case bytes([UInt8])
    case decimals([Double])
  }

  /// Numbers of one image.
  package let pixels: Int
  /// The numbers of all images.
  package let values: Values
  /// The label of each image in text; nil if the table has no labels.
  package let labels: [String]?
  /// Sentences about columns that are not used, and a label that no name tells.
  let remarks: [String]
  /// Sentences about what looks wrong.
  let warnings: [String]
  /// The error about a decimal that stands out, if the range of all pixels is none that is known.
  let misfit: FormatError?

  /// Number of images.
  var count: Int {
    switch values {
    case .bytes(let bytes): bytes.count / pixels
    case .decimals(let numbers): numbers.count / pixels
    }
  }

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - bytes: The file, packed with gzip or not.
  ///   - pixels: The numbers of one image, if they are known: they tell whether a table without names of columns has
  ///     labels.
  ///   - size: The size of the images, if the person gave one.
  ///   - limit: The most bytes that a packed file may have.
  /// - Throws: `FormatError` with line and column.
  package init(
    decoding bytes: [UInt8], pixels: Int? = nil, size: ImageSize? = nil, limit: Int = Gzip.defaultLimit
  ) throws(FormatError) {
    let text = Gzip.isGzip(bytes) ? try CSVTable.unpacked(bytes, limit: limit) : bytes
    var parser = try CSVParser(text)
    let head = try parser.readHead()
    let columns = try Columns(head, pixels: pixels, size: size)
    let rows = try parser.readRows(columns, after: head)
    self.pixels = columns.pixels
    values = rows.values
    labels = columns.hasLabel ? rows.labels : nil
    misfit = rows.misfit
    var remarks = columns.unusedNames.map { "the column \(quoted($0)) is not used" }
    if columns.contents.last == .unnamed {
      let state = rows.hasUnnamedValues ? "has no name" : "is empty"
      remarks.append("column \(columns.contents.count) \(state) and is not used")
    }
    guard columns.hasLabel, !columns.hasHeader else {
      (self.remarks, warnings) = (remarks, [])
      return
    }
    let count = columns.pixels + 1
    self.remarks = remarks + ["no header: the first of \(count) columns is read as the label"]
    warnings = CSVTable.looksLast(rows.labels, rows.values, pixels: columns.pixels).map { [$0] } ?? []
  }

  /// Unpacks a table, and stops at the first byte that is no text.
  private static func unpacked(_ bytes: [UInt8], limit: Int) throws(FormatError) -> [UInt8] {
    var check = TextCheck()
    var isFirst = true
    return try Gzip.decompress(bytes, limit: limit) { (piece: ArraySlice<UInt8>) throws(FormatError) in
      if isFirst { try CSVParser.checkBeginning(piece) }
      isFirst = false
      try check(piece)
    }
  }

  /// Refuses a file that begins as no table does, before all of it is read.
  ///
  /// - Throws: `FileFailure` if it cannot be read, and `FormatError` with its path.
  package static func checkBeginning(of path: String) throws {
    let head = try RegularFile(opening: path).read(upTo: 64 << 10)
    guard !Gzip.isGzip(head) else { return }
    do throws(FormatError) {
      try CSVParser.checkBeginning(head[...])
      var check = TextCheck()
      try check(head[...])
    } catch {
      throw error.at(path: path)
    }
  }

  /// A warning if the last column looks more like a label than the first: few whole numbers side by side, of which the first
  /// column has more, or one alone. Nil if it does not.
  private static func looksLast(_ labels: [String], _ values: Values, pixels: Int) -> String? {
    let last: Set<Int>
    let brightest: Double
    switch values {
    case .bytes(let bytes):
      brightest = Double(bytes.max() ?? 0)
      last = Set(stride(from: pixels - 1, to: bytes.count, by: pixels).lazy.map { Int(bytes[$0]) })
    case .decimals(let numbers):
      var found: Set<Int> = []
      for place in stride(from: pixels - 1, to: numbers.count, by: pixels) {
        guard let number = RawLabels.number(numbers[place]) else { return nil }
        found.insert(number)
        if found.count > mostClassesInLast { return nil }
      }
      last = found
      brightest = numbers.max() ?? 0
    }
    let first = Set(labels)
    // A column of pixels has few values too, but seldom each of 0, 1, 2 and so on beside brighter ones.
    guard (2...mostClassesInLast).contains(last.count), let largest = last.max(), largest <= last.count,
      brightest > Double(largest), first.count > last.count || first.count == 1 && labels.count > 1,
      first.allSatisfy({ Int($0) != nil })
    else { return nil }
    let found = first.count == 1 ? "one alone" : "\(first.count) different ones"
    return
      "the last column has the whole numbers from \(last.min() ?? 0) to \(largest), and the first \(found): if the "
      + "labels are last, a first line of names tells it, with label as the last name"
  }

  /// The most values of a last column that may be classes.
  private static let mostClassesInLast = 100

  /// The images without their labels.
  var images: RawImages {
    switch values {
    case .bytes(let bytes): RawImages(dimensions: [count, pixels], values: .bytes(bytes))
    case .decimals(let numbers): RawImages(dimensions: [count, pixels], values: .decimals(numbers))
    }
  }

  /// Reads the images of a table for a model, whether it has labels or not.
  ///
  /// - Parameters:
  ///   - bytes: The file, packed with gzip or not.
  ///   - shape: The shape that the model reads; images with other numbers of pixels are refused.
  /// - Returns: The pixels of each image in the model's shape, one channel after the other.
  package static func unlabelledImages(_ bytes: [UInt8], shape: ImageShape) throws(FormatError) -> [[UInt8]] {
    let table = try CSVTable(decoding: bytes, pixels: shape.count)
    guard table.pixels == shape.count else {
      throw .expected(
        "\(shape.count) pixels in a line, \(shape.inWords) as the model reads", found: "\(table.pixels)")
    }
    let images = table.images
    var scale = PixelScale.asTheyAre
    if let range = try images.range() {
      do throws(FormatError) {
        scale = try PixelScale(images.kind, range: range) { images.isWhole }
      } catch {
        throw table.misfit ?? error
      }
    }
    var options = ReadingOptions()
    options.size = ImageSize(height: shape.height, width: shape.width)
    var planes = PixelPlanes(options)
    let tensor = try planes.tensor(images, scale)
    return (0..<table.count).map { Array(tensor.bytes[$0 * shape.count..<($0 + 1) * shape.count]) }
  }
}

// MARK: - Columns

extension CSVTable.Columns {
  private static let labelNames: Set = ["label", "labels", "class", "target", "y"]
  /// Numbers of lines, under the names that pandas and Kaggle give them.
  private static let unusedNames: Set = ["", "id", "image_id", "imageid", "index", "unnamed: 0"]

  /// Tells the columns by the first line.
  ///
  /// - Throws: `FormatError` if two columns have one name, or two are labels.
  init(_ head: CSVParser.Head, pixels: Int?, size: ImageSize?) throws(FormatError) {
    let isUnnamed = head.fields.count > 1 && head.fields.last?.text.trimmed == ""
    let fields = head.fields.dropLast(isUnnamed ? 1 : 0)
    let names = fields.map { $0.text.trimmed }
    hasHeader = CSVTable.Columns.isHeader(names, Array(fields))
    var contents = [Content](repeating: .pixel, count: names.count)
    var unused: [String] = []
    if hasHeader {
      try CSVTable.Columns.checkNames(names, head)
      let lowered = names.map { $0.lowercased() }
      let labels = lowered.indices.filter { CSVTable.Columns.labelNames.contains(lowered[$0]) }
      guard labels.count < 2 else {
        throw head.error("two columns may be the labels: \(quoted(names[labels[0]])) and \(quoted(names[labels[1]]))")
      }
      for index in labels { contents[index] = .label }
      for index in lowered.indices where CSVTable.Columns.unusedNames.contains(lowered[index]) {
        contents[index] = .unused
        unused.append(names[index])
      }
      // Numbers are no names, unless one column has another: pandas writes 0, 1, 2 over columns without names.
      let named = names.indices.contains { contents[$0] == .pixel && !head.fields[$0].isNumber }
      if labels.isEmpty, !named, let first = contents.firstIndex(of: .pixel),
        CSVTable.Columns.hasLabelFirst(contents.count { $0 == .pixel }, pixels: pixels, size: size)
      {
        contents[first] = .label
      }
    } else if CSVTable.Columns.hasLabelFirst(names.count, pixels: pixels, size: size) {
      contents[0] = .label
    }
    self.contents = contents + (isUnnamed ? [.unnamed] : [])
    unusedNames = unused
    guard contents.contains(.pixel) else { throw head.error("expected a column for each pixel, found none") }
  }

  /// Whether the first line has names. Words are names, except for a first column that may be a label beside pixels;
  /// and numbers are, if they count the columns.
  private static func isHeader(_ names: [String], _ fields: [CSVParser.Field]) -> Bool {
    let numbers = fields.map(\.number)
    let words = fields.indices.filter { numbers[$0] == nil }
    // pandas counts from 0. Three numbers in a row may be pixels.
    func counts(_ values: some Collection<Double?>) -> Bool {
      values.count > 3 && zip(values, 0...).allSatisfy { $0 == Double($1) }
    }
    if words.isEmpty { return counts(numbers) }
    if words == [0], names.count > 1 {
      let name = names[0].lowercased()
      return labelNames.contains(name) || unusedNames.contains(name) || counts(numbers.dropFirst())
    }
    return true
  }

  /// Whether columns without names begin with a label: if those behind it are the pixels of an image.
  private static func hasLabelFirst(_ count: Int, pixels: Int?, size: ImageSize?) -> Bool {
    if let pixels { return count == pixels + 1 }
    return PixelOrder.sides(of: count - 1, size: size) != nil || PixelOrder.sides(of: count, size: size) == nil
  }

  private static func checkNames(_ names: [String], _ head: CSVParser.Head) throws(FormatError) {
    var known: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      guard let other = known.updateValue(index, forKey: name) else { continue }
      // Pixels are the same number more often than names are: a line of them with a word is no header.
      let words = names.indices.filter { !head.fields[$0].isNumber }
      if head.fields[index].isNumber, let word = words.first(where: { $0 > 0 }) ?? words.first {
        throw FormatError(
          problem: "line \(head.line), column \(word + 1): expected a number as in column \(index + 1), found "
            + (names[word].isEmpty ? "nothing" : quoted(singleLine(names[word]))))
      }
      throw head.error("columns \(other + 1) and \(index + 1) have the same name \(quoted(name))")
    }
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var text = self[...].drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(text)
  }
}
