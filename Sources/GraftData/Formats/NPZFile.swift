import GraftFiles

/// A data set in one file, as Keras publishes MNIST: a zip archive of the NumPy arrays `x_train`, `y_train`, `x_test`
/// and `y_test`. Images are bytes [count x rows x columns]; labels are integers of any width.
package struct NPZFile: Sendable {
  package let trainImages: ByteTensor
  package let trainLabels: [Int]
  package let testImages: ByteTensor
  package let testLabels: [Int]

  /// - Parameters:
  ///   - bytes: The file.
  ///   - limit: The most bytes that one array may have, 2 GiB by default.
  package init(decoding bytes: [UInt8], limit: Int = 2 << 30) throws(FormatError) {
    let archive = try ZIPArchive(decoding: bytes)
    trainImages = try Self.images("x_train", in: archive, limit: limit)
    trainLabels = try Self.labels("y_train", in: archive, limit: limit)
    testImages = try Self.images("x_test", in: archive, limit: limit)
    testLabels = try Self.labels("y_test", in: archive, limit: limit)
  }

  private static func images(_ key: String, in archive: ZIPArchive, limit: Int) throws(FormatError) -> ByteTensor {
    let array = try self.array(key, in: archive, limit: limit)
    guard array.header.type.width == 1, !array.header.type.isSigned else {
      throw .expected("images of bytes (|u1)", found: "\(array.header.type)").inside(key)
    }
    var dimensions = array.header.dimensions
    // A single channel may be written as a fourth dimension.
    if dimensions.count == 4, dimensions[3] == 1 { dimensions.removeLast() }
    guard dimensions.count == 3 else {
      throw .expected("images of shape (count, rows, columns)", found: array.header.shapeText).inside(key)
    }
    return try tensor(dimensions, Array(array.elements), key)
  }

  private static func labels(_ key: String, in archive: ZIPArchive, limit: Int) throws(FormatError) -> [Int] {
    let array = try self.array(key, in: archive, limit: limit)
    var dimensions = array.header.dimensions
    if dimensions.count == 2, dimensions[1] == 1 { dimensions.removeLast() }
    guard dimensions.count == 1 else {
      throw .expected("labels of shape (count,)", found: array.header.shapeText).inside(key)
    }
    guard dimensions[0] > 0 else { throw FormatError(problem: "the dataset has no labels: 0").inside(key) }
    do throws(FormatError) { return try array.labels() } catch { throw error.inside(key) }
  }

  private static func array(_ key: String, in archive: ZIPArchive, limit: Int) throws(FormatError) -> NPYArray {
    guard let entry = archive.entries.first(where: { $0.name == key + ".npy" }) else {
      let names = archive.entries.prefix(8).map { quoted($0.name) }.joined(separator: ", ")
      throw .expected("an array \(key).npy", found: names.isEmpty ? "an empty archive" : names)
    }
    guard entry.size <= limit else {
      throw .expected("at most \(limit) bytes", found: byteCount(entry.size)).inside(key)
    }
    // The header tells the number of elements before any of them is unpacked.
    let beginning = try archive.unpackPrefix(of: entry, count: NPYArray.Header.sizeLimit + 12)
    do throws(FormatError) {
      let header = try NPYArray.Header(decoding: beginning)
      guard header.byteCount == entry.size - header.size else {
        throw .expected(
          "\(byteCount(header.byteCount)) of elements (\(header.type) of shape \(header.shapeText))",
          found: byteCount(entry.size - header.size), offset: header.size)
      }
    } catch {
      throw error.inside(key)
    }
    let bytes = try archive.unpack(entry)
    do throws(FormatError) { return try NPYArray(decoding: bytes) } catch { throw error.inside(key) }
  }

  private static func tensor(_ dimensions: [Int], _ bytes: [UInt8], _ key: String) throws(FormatError) -> ByteTensor {
    do throws(FormatError) {
      return try ByteTensor(dimensions: dimensions, bytes: bytes)
    } catch {
      throw error.inside(key)
    }
  }
}
