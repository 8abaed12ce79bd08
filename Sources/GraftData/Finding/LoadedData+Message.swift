import GraftFiles
import GraftMatrices

extension LoadedData {
  /// The data for another process of the same program: the length of a JSON text in eight bytes, the text, then labels and pixels of both parts.
  package var message: [UInt8] {
    func description(_ part: Dataset) -> JSON {
      [
        "name": .string(part.name), "shape": .string(part.shape.description), "count": .integer(part.count),
        "class_names": .array(part.classNames.map(JSON.string)),
      ]
    }
    let header: JSON = [
      "train": description(pair.train), "test": description(pair.test), "source": .string(source),
      "files": .array(fileDigests.map { [.string($0.name), .string($0.sha256)] }),
      "picture_fit": pictureFit.map(JSON.string) ?? .null,
    ]
    let text = Array(header.text().utf8)
    var bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    for part in [pair.train, pair.test] {
      for label in part.labels { withUnsafeBytes(of: UInt32(label).littleEndian) { bytes.append(contentsOf: $0) } }
      bytes += part.pixels
    }
    return bytes
  }

  /// Reads what ``message`` gave. Its remarks were made where it was read from files.
  ///
  /// - Throws: If the bytes are no such message.
  package init(message bytes: [UInt8]) throws(FormatError) {
    var reader = ByteReader(bytes)
    let length = Int(truncatingIfNeeded: try reader.readLittleEndianUInt64(as: "a length"))
    let header = try JSON(parsing: Array(reader.readBytes(length, as: "a description")))
    func part(_ key: String) throws(FormatError) -> Dataset {
      guard let description = header[key], let name = description["name"]?.string,
        let shape = description["shape"]?.string.flatMap(ImageShape.init(parsing:)),
        let count = description["count"]?.int, count >= 0,
        let classNames = description["class_names"]?.array?.compactMap(\.string)
      else { throw FormatError(problem: "no data of another rank") }
      var labels: [Int] = []
      labels.reserveCapacity(count)
      for _ in 0..<count {
        let label = Int(try reader.readLittleEndianUInt32(as: "a label"))
        guard classNames.indices.contains(label) else { throw FormatError(problem: "no data of another rank") }
        labels.append(label)
      }
      return Dataset(
        name: name, shape: shape, classNames: classNames,
        pixels: Array(try reader.readBytes(count * shape.count, as: "pixels")),
        labels: labels)
    }
    let (train, test) = (try part("train"), try part("test"))
    self.init(
      pair: DatasetPair(train: train, test: test), source: header["source"]?.string ?? "",
      fileDigests: header["files"]?.array?.compactMap { file in
        guard let values = file.array, values.count == 2, let name = values[0].string, let digest = values[1].string
        else { return nil }
        return (name, digest)
      } ?? [], pictureFit: header["picture_fit"]?.string)
  }
}
