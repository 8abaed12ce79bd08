import GraftFiles

/// An array of numbers from a file, in single precision.
package struct NamedFloats: Sendable {
  package let name: String
  /// Sizes from the outermost dimension to the innermost; empty for a scalar.
  package let shape: [Int]
  /// The elements, row-major.
  package let values: [Float]

  /// The arrays of an NPZ file, in its order.
  ///
  /// - Throws: `FormatError` if an entry is no array of numbers.
  package static func npz(_ bytes: [UInt8]) throws(FormatError) -> [NamedFloats] {
    let archive = try ZIPArchive(decoding: bytes)
    var result: [NamedFloats] = []
    for entry in archive.entries where entry.name.hasSuffix(".npy") {
      do throws(FormatError) {
        let array = try NPYArray(decoding: archive.unpack(entry))
        guard ![.text, .byteText].contains(array.header.type.kind) else {
          throw .expected("numbers", found: "text (\(array.header.type))")
        }
        var values: [Float] = []
        values.reserveCapacity(array.count)
        array.forEachNumber { _, value in
          values.append(Float(value))
          return true
        }
        result.append(
          NamedFloats(name: String(entry.name.dropLast(4)), shape: array.header.dimensions, values: values))
      } catch {
        throw error.inside(entry.name)
      }
    }
    return result
  }
}
