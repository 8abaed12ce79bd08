import Files
import Matrices

/// Images that a person hands to a model: an IDX file, a PGM file, or the bare bytes of one image.
public struct ImageInput: Sendable, Hashable {
  /// The file's name, with an index where it holds several.
  public let name: String
  /// One byte a pixel, in the model's shape.
  public let pixels: [UInt8]

  public init(name: String, pixels: [UInt8]) {
    self.name = name
    self.pixels = pixels
  }

  /// All images in `bytes`.
  ///
  /// - Parameters:
  ///   - name: For the results and for errors.
  ///   - shape: What the model reads; images of another shape are refused, never stretched.
  public static func read(_ bytes: [UInt8], name: String, shape: ImageShape) throws -> [ImageInput] {
    do {
      if bytes.starts(with: "P2".utf8) || bytes.starts(with: "P5".utf8), bytes.count != shape.count {
        let image = try PGMImage(decoding: bytes)
        try check(height: image.height, width: image.width, shape)
        return [ImageInput(name: name, pixels: image.pixels)]
      }
      if bytes.count == shape.count { return [ImageInput(name: name, pixels: bytes)] }
      // Black pixels begin with zeros too; an IDX file says its type of numbers behind them.
      if bytes.starts(with: [0, 0]) && bytes.count > 2 && bytes[2] != 0 || Gzip.isGzip(bytes) {
        return try images(in: bytes, name: name, shape)
      }
      throw FormatError(
        problem: "expected an IDX file, a PGM image or \(shape.count) bytes of pixels, found "
          + (ContentGuess.phrase(for: bytes[...]) ?? "\(bytes.count) bytes of something else"))
    } catch let error as FormatError {
      throw error.at(path: name)
    }
  }

  private static func images(in bytes: [UInt8], name: String, _ shape: ImageShape) throws(FormatError) -> [ImageInput] {
    let file = try IDXFile(decoding: bytes)
    try file.require(.images)
    try check(height: file.dimensions[1], width: file.dimensions[2], shape)
    let count = file.dimensions[0]
    return (0..<count).map { index in
      ImageInput(
        name: count == 1 ? name : "\(name)[\(index)]",
        pixels: Array(file.bytes[index * shape.count..<(index + 1) * shape.count]))
    }
  }

  private static func check(height: Int, width: Int, _ shape: ImageShape) throws(FormatError) {
    guard shape.channels == 1, height == shape.height, width == shape.width else {
      throw FormatError(
        problem: "expected \(shape.height) x \(shape.width) pixels as the model reads, found \(height) x \(width)")
    }
  }
}
