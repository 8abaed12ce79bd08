import GraftFiles

/// The format of USPS: text of libsvm's kind packed with bzip2, with a line for each image: a label from 1 to 10, then
/// `index:value` for 256 pixels from -1 to 1.
package struct USPSDataset: DatasetFormat {
  package let title = "USPS's usps.bz2 and usps.t.bz2"

  private static let side = 16

  package func look(at folder: String) throws(FileFailure) -> FormatMatch {
    let paths = ["usps.bz2", "usps.t.bz2"].map { join(folder, $0) }
    let isThere = [try isFile(paths[0]), try isFile(paths[1])]
    if isThere == [true, true] { return .files(paths) }
    return isThere == [false, false]
      ? .none : .incomplete("\(folder) lacks \(isThere[0] ? "usps.t.bz2" : "usps.bz2")")
  }

  package func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    var parts: [DecodedDataset.Part] = []
    for path in paths {
      let bytes = try files.bytes(of: path)
      do throws(FormatError) {
        let (pixels, labels) = try USPSDataset.images(Bzip2.decompress(bytes, limit: 64 << 20))
        parts.append(
          .init(
            images: try ByteTensor(
              dimensions: [labels.count, USPSDataset.side, USPSDataset.side], bytes: pixels),
            labels: labels, imagesPath: path, labelsPath: path))
      } catch {
        throw error.at(path: path)
      }
    }
    return DecodedDataset(train: parts[0], test: parts[1])
  }

  /// Pixels from 0 to 255, and digits: label 1 is a zero.
  package static func images(_ text: [UInt8]) throws(FormatError) -> (pixels: [UInt8], labels: [Int]) {
    let count = side * side
    var (pixels, labels): ([UInt8], [Int]) = ([], [])
    for (index, line) in text.split(separator: UInt8(ascii: "\n")).enumerated() {
      let fields = line.split { $0 == 0x20 || $0 == 0x0d }
      guard let label = fields.first.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }), (1...10).contains(label)
      else { throw FormatError(problem: "line \(index + 1): expected a label from 1 to 10") }
      // A value that libsvm leaves out is 0, the middle grey.
      var row = [UInt8](repeating: 128, count: count)
      for field in fields.dropFirst() {
        let parts = field.split(separator: UInt8(ascii: ":"))
        guard parts.count == 2, let place = Int(String(decoding: parts[0], as: UTF8.self)),
          let value = Double(String(decoding: parts[1], as: UTF8.self)), (1...count).contains(place), abs(value) <= 1
        else {
          throw FormatError(
            problem: "line \(index + 1): expected index:value with an index from 1 to \(count) and a value from -1 to 1"
          )
        }
        row[place - 1] = PixelScale.signedUnit.byte(value)
      }
      pixels += row
      labels.append(label - 1)
    }
    guard !labels.isEmpty else { throw FormatError(problem: "it has no lines") }
    return (pixels, labels)
  }
}
