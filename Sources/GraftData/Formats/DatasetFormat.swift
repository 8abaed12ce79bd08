import GraftFiles

/// A way in which labelled images are kept on disk.
///
/// A new format is a file with a type that conforms, and a line in `DatasetFormats.all`. It gives bytes in rows and columns;
/// names, classes and the comparison with the catalogue are the same for all formats. A data set of the catalogue names the
/// formats that it is published in.
package protocol DatasetFormat: Sendable {
  /// The format in a sentence: `a folder with four IDX files`.
  var title: String { get }

  /// Looks for data of this format at `path`, a folder or a file.
  ///
  /// - Throws: `FileFailure` if the system does not tell what is there.
  func look(at path: String) throws(FileFailure) -> FormatMatch

  /// Reads what `look(at:)` found, or the published files of a data set of the catalogue in their order.
  ///
  /// - Throws: `FormatError` with the path if a file is no such data, and whatever `files` throws.
  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset
}

/// The formats that are read.
package enum DatasetFormats {
  /// All formats, in the order in which a place is tried for them.
  package static let all: [any DatasetFormat] = [
    IDXDataset(), NPZDataset(), CIFARDataset(), PictureFolder(), CSVDataset(),
  ]

  /// `a folder with four IDX files or an .npz file`.
  package static var titles: String {
    let titles = all.map(\.title)
    return titles.dropLast().joined(separator: ", ") + (titles.count > 1 ? " or " : "") + (titles.last ?? "")
  }
}

/// The answer of a format to a place.
package enum FormatMatch: Sendable {
  /// Nothing of this format.
  case none
  /// A part of such a data set; the text says what is missing.
  case incomplete(String)
  /// The files of such a data set.
  case files([String])
}

/// Training and test images with their labels, as a format gives them.
package struct DecodedDataset: Sendable {
  /// Images and labels of one part of the data, with names for errors.
  package struct Part: Sendable {
    /// [images × rows × columns], or [images × channels × rows × columns].
    package let images: ByteTensor
    /// The class index of each image.
    package let labels: [Int]
    package let imagesPath: String
    package let labelsPath: String
    /// The place of the first label in its file; nil if labels are not one byte each.
    package var labelsOffset: Int?
  }

  package let train: Part
  package let test: Part
  /// Names of the classes by label; nil if the format has none.
  package var classNames: [String]?
  /// Sentences about what was done to read the data: sizes, colours, parts that were set aside.
  package var remarks: [String] = []
  /// The way in which pictures were brought to one size (`PictureFit.Mode`); nil for other data.
  package var pictureFit: String?
  /// Sentences about what is wrong with the data, such as pictures that were left out.
  package var warnings: [String] = []
}

/// The files of a data set as a format reads them: each is hashed, and compared with the catalogue before it is decoded.
package struct DatasetFiles {
  /// SHA-256 of each file that was read, by its name.
  private(set) var digests: [(name: String, sha256: String)] = []
  /// The person's wishes about data that can be read in several ways.
  package let options: ReadingOptions
  private let check: (_ name: String, _ digest: String, _ path: String) throws(FormatError) -> Void

  init(
    options: ReadingOptions,
    check: @escaping (_ name: String, _ digest: String, _ path: String) throws(FormatError) -> Void
  ) {
    self.options = options
    self.check = check
  }

  /// Takes down the digest of what was read in another way than `bytes(of:)`.
  mutating func add(_ name: String, sha256: String) { digests.append((name, sha256)) }

  /// The bytes of a file. The digest is of the very bytes that are decoded, so nothing can change in between.
  package mutating func bytes(of path: String) throws -> [UInt8] {
    let bytes = try readFile(at: path)
    let digest = SHA256Digest.hex(of: bytes)
    try check(lastComponent(path), digest, path)
    digests.append((lastComponent(path), digest))
    return bytes
  }
}
