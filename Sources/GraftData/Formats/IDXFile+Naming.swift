import GraftFiles

extension IDXFile {
  /// The content of a file of MNIST's kind, told by the number of its dimensions.
  package enum Content: Sendable {
    /// count x rows x columns, magic number 0x00000803.
    case images
    /// count, magic number 0x00000801.
    case labels

    var rank: Int { self == .images ? 3 : 1 }
    var name: String { self == .images ? "an images file" : "a labels file" }
  }

  /// Reads images: count x rows x columns.
  /// - Throws: As `init(contentsOf:)`, and `FormatError` if the file has labels or anything else.
  package static func images(contentsOf path: String) throws -> IDXFile {
    try reading(path, as: .images)
  }

  /// Reads labels, one byte each.
  /// - Throws: As `init(contentsOf:)`, and `FormatError` if the file has images or anything else.
  package static func labels(contentsOf path: String) throws -> IDXFile {
    try reading(path, as: .labels)
  }

  private static func reading(_ path: String, as content: Content) throws -> IDXFile {
    let file = try IDXFile(contentsOf: path)
    do throws(FormatError) { try file.require(content) } catch { throw error.at(path: path) }
    return file
  }

  /// Fails if the file is of another kind, and suggests that two files were swapped if it looks so.
  package func require(_ content: Content) throws(FormatError) {
    guard dimensions.count != content.rank else { return }
    let other: Content = content == .images ? .labels : .images
    let found =
      dimensions.count == other.rank
      ? "\(other.name) (\(Self.magic(other.rank))): are images and labels swapped?"
      : "\(dimensions.count) dimensions (\(Self.magic(dimensions.count)))"
    throw .expected("\(content.name) (\(Self.magic(content.rank)))", found: found, offset: 3)
  }

  private static func magic(_ rank: Int) -> String {
    hexadecimal(UInt32(Header.unsignedByte) << 8 | UInt32(truncatingIfNeeded: rank))
  }
}
