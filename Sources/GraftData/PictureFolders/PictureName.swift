import GraftPictures

/// The promise of a file's name about its content, by its extension.
enum PictureName {
  /// A picture of a format that is read.
  case picture
  /// A picture of a format that is not read: it is refused, because somebody meant it as one.
  case foreignPicture
  /// A file that is no picture: it is passed over.
  case other

  init(_ name: String) {
    let suffix = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    if PictureFormat.allCases.contains(where: { $0.fileExtensions.contains(suffix) }) {
      self = .picture
    } else if PictureName.foreign.contains(suffix) {
      self = .foreignPicture
    } else {
      self = .other
    }
  }

  private static let foreign: Set = [
    "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jp2", "jxl", "ico", "svg", "psd", "dng", "cr2", "nef", "arw",
  ]
}
