import GraftData
import GraftFiles

extension FuzzTarget {
  /// Forms: a file; one that is packed with gzip.
  static func idx(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let limit = 1 << 16
    let file = accepted(input.content.count) { try IDXFile(decoding: input.content, limit: limit) }
    if !Gzip.isGzip(input.content) {
      require(file == plainIDX(input.content, limit: limit), "two ways to read a file agree")
      if input.form == 1 {
        let packed = Gzip.compress(input.content, level: 1)
        let unpacked = accepted(packed.count) { try IDXFile(decoding: packed, limit: limit) }
        require(unpacked == file, "a packed file is read as the file")
      }
    }
    guard let file else { return false }
    let again = file.encoded()
    require(accepted(again.count) { try IDXFile(decoding: again) } == file, "writing and reading changes nothing")
    Plant.check(file.bytes)
    return true
  }

  /// Reads an IDX file by a second way; nil if it is none.
  private static func plainIDX(_ bytes: [UInt8], limit: Int) -> IDXFile? {
    guard bytes.count >= 4, bytes[..<3].elementsEqual([0, 0, 8]), (1...4).contains(bytes[3]) else { return nil }
    let start = 4 + 4 * Int(bytes[3])
    guard bytes.count >= start else { return nil }
    let sizes = stride(from: 4, to: start, by: 4).map { bytes[$0..<$0 + 4].reduce(0) { $0 << 8 | Int($1) } }
    // Four numbers of 32 bits have a product that a Double may round, but not from above the limit to below.
    guard sizes.reduce(1.0, { $0 * Double($1) }) == Double(bytes.count - start), bytes.count - start <= limit else {
      return nil
    }
    return try? IDXFile(dimensions: sizes, bytes: Array(bytes[start...]))
  }

  /// Forms: a file; one that is packed with gzip.
  static func csv(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let table = accepted(input.content.count) { try CSVTable(decoding: input.content) }
    if input.form == 1, !Gzip.isGzip(input.content) {
      let packed = Gzip.compress(input.content, level: 1)
      let unpacked = accepted(packed.count) { try CSVTable(decoding: packed) }
      require((unpacked == nil) == (table == nil), "a packed file is read if the file is")
      if let unpacked, let table { requireSame(unpacked, table) }
    }
    guard let table else { return false }
    require(numbers(table).count % table.pixels == 0, "each image has all its pixels")
    if let labels = table.labels { require(labels.count == numbers(table).count / table.pixels, "a label an image") }
    let text = Array(self.text(of: table).utf8)
    guard let again = accepted(text.count, { try CSVTable(decoding: text) }) else {
      fatalError("violated: a table that was read is read again")
    }
    requireSame(again, table)
    if let labels = table.labels { Plant.check(text: labels.flatMap(\.utf8)) }
    return true
  }

  private static func numbers(_ table: CSVTable) -> [Double] {
    switch table.values {
    case .bytes(let bytes): bytes.map(Double.init)
    case .decimals(let numbers): numbers
    }
  }

  private static func requireSame(_ one: CSVTable, _ other: CSVTable) {
    require(one.pixels == other.pixels && one.labels == other.labels, "a table keeps its columns and labels")
    require(numbers(one) == numbers(other), "a table keeps its numbers")
  }

  /// The table under names of columns.
  private static func text(of table: CSVTable) -> String {
    func quoted(_ word: String) -> String { "\"\(word.replacing("\"", with: "\"\""))\"" }
    let numbers: [String]
    switch table.values {
    case .bytes(let bytes): numbers = bytes.map(String.init)
    case .decimals(let values): numbers = values.map { "\($0)" }
    }
    var lines = [((table.labels == nil ? [] : ["label"]) + (0..<table.pixels).map { "p\($0)" }).joined(separator: ",")]
    for (index, start) in stride(from: 0, to: numbers.count, by: table.pixels).enumerated() {
      let label = table.labels.map { [quoted($0[index])] } ?? []
      lines.append((label + numbers[start..<start + table.pixels]).joined(separator: ","))
    }
    return lines.joined(separator: "\n")
  }

  /// Forms: an array as the images of an NPZ file; as its labels; as weights.
  static func npy(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let limit = 1 << 16
    if input.form == 2 {
      let file = Container.zip([.init(name: "w.npy", bytes: input.content)])
      guard let arrays = accepted(file.count, { try NamedFloats.npz(file) }) else { return false }
      for array in arrays {
        require(array.values.count == array.shape.reduce(1, *), "an array has the numbers of its shape")
        let again = Container.zip([.init(name: "w.npy", bytes: Container.npy(array.shape, array.values))])
        let read = accepted(again.count) { try NamedFloats.npz(again) }
        require(read?.first?.shape == array.shape, "writing and reading keeps the shape")
        require(
          read?.first?.values.map(isSame) == array.values.map(isSame), "writing and reading keeps the numbers")
        Plant.check(array.values.flatMap { Container.little(Int($0.bitPattern), 4) })
      }
      return true
    }
    // The other array has as many images or labels as the header's first number says.
    let digits = input.content.prefix(256).drop { $0 != 0x28 }.dropFirst().prefix { (0x30...0x39).contains($0) }
    let count = min(max(Int(String(decoding: digits, as: UTF8.self)) ?? 1, 1), 1 << 10)
    let other =
      input.form == 0
      ? Container.npy("|u1", [count], (0..<count).map { UInt8($0 % 10) })
      : Container.npy("|u1", [count, 2, 2], (0..<4 * count).map { UInt8(truncatingIfNeeded: $0) })
    let names = input.form == 0 ? ["x_train.npy", "y_train.npy"] : ["y_train.npy", "x_train.npy"]
    let file = Container.zip([.init(name: names[0], bytes: input.content), .init(name: names[1], bytes: other)])
    return npz(file, limit: limit)
  }

  /// NaN is one number.
  private static func isSame(_ value: Float) -> UInt32 { value.isNaN ? .max : value.bitPattern }

  /// Forms: an archive that is read as arrays; the same as a data set of the library's users; the arrays of a right archive,
  /// one behind the other.
  static func npz(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    if input.form == 0 { return npz(input.content, limit: 1 << 16) }
    if input.form == 2 { return npz(Container.npz(input.content), limit: 1 << 16) }
    // An array may claim a size that only a limit keeps small.
    guard (try? NPZFile(decoding: input.content, limit: 1 << 16)) != nil else { return false }
    guard let pair = accepted(input.content.count, { try DatasetPair(decodingNPZ: input.content, name: "fuzz") }) else {
      return false
    }
    for part in [pair.train, pair.test] {
      require(part.labels.allSatisfy { part.classNames.indices.contains($0) }, "each label has a name")
    }
    return true
  }

  private static func npz(_ file: [UInt8], limit: Int) -> Bool {
    guard let data = accepted(file.count, { try NPZFile(decoding: file, limit: limit) }) else { return false }
    for (images, labels) in [(data.trainImages, data.trainLabels), (data.testImages, data.testLabels)] {
      require(images.bytes.count == images.dimensions.reduce(1, *), "images have the bytes of their dimensions")
      if let names = data.classNames { require(labels.allSatisfy(names.indices.contains), "each label has a name") }
      require(labels.allSatisfy { $0 >= 0 }, "a label is an index")
    }
    Plant.check(data.trainImages.bytes)
    return true
  }

  /// Forms: text; text that is packed with bzip2.
  static func usps(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    guard let images = accepted(input.content.count, { try USPSDataset.images(input.content) }) else { return false }
    let (pixels, labels) = images
    require(pixels.count == 256 * labels.count, "each image has all its pixels")
    require(labels.allSatisfy { (0..<10).contains($0) }, "a label is a digit")
    let lines = labels.indices.map { row in
      "\(labels[row] + 1)" + (0..<256).map { " \($0 + 1):\(Double(pixels[256 * row + $0]) / 127.5 - 1)" }.joined()
    }
    let text = Array(lines.joined(separator: "\n").utf8)
    let again = accepted(text.count) { try USPSDataset.images(text) }
    require(again?.pixels == pixels && again?.labels == labels, "writing and reading changes nothing")
    if input.form == 1 {
      let packed = Container.bzip2(input.content)
      let unpacked = accepted(packed.count) { try USPSDataset.images(Bzip2.decompress(packed, limit: 1 << 20)) }
      require(unpacked?.pixels == pixels && unpacked?.labels == labels, "packed text is read as text")
    }
    // Around 0.3, 0.5 and 0.8.
    if pixels.count(where: { $0 != 128 }) >= 5 {
      Plant.check(
        pixels.contains { (150...175).contains($0) }, pixels.contains { (180...200).contains($0) },
        pixels.contains { (215...250).contains($0) })
    }
    return true
  }
}
