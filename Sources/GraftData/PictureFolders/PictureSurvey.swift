import GraftFiles
import GraftMatrices
import GraftPictures

/// A look at the headers of pictures, before any of them is decoded.
struct PictureSurvey: Sendable {
  /// The header of a picture.
  struct Header: Sendable, Hashable {
    let width: Int
    let height: Int
    let channels: Int
    let hasAlpha: Bool
  }

  /// The header of each picture, or the problem with it, in the order of the list.
  let headers: [Result<Header, FormatError>]

  /// Reads the headers.
  ///
  /// - Throws: `FileFailure` if the system cannot read a file: no picture is left out because of a disk.
  init(_ items: [PictureLayout.Item], in tree: PictureTree, threads: Int) throws {
    headers = try WorkerPool(threads: threads).map(items.count, by: 64) { index in
      let file = items[index].file
      do {
        let reader = try PictureReader(try tree.bytes(of: file))
        return .success(
          Header(width: reader.width, height: reader.height, channels: reader.channels, hasAlpha: reader.hasAlpha))
      } catch let error as FormatError {
        return .failure(error.at(path: tree.place(of: file)))
      }
    }
  }

  /// The headers that could be read.
  var readable: [Header] { headers.compactMap { try? $0.get() } }

  /// The size of all pictures, if they have one.
  var commonSize: ImageSize? {
    guard let first = readable.first, readable.allSatisfy({ $0.width == first.width && $0.height == first.height })
    else { return nil }
    return ImageSize(height: first.height, width: first.width)
  }

  /// `32 x 32`, or `60 x 80 to 2592 x 1944`: the smallest and the largest picture by its pixels, height first.
  var sizes: String {
    func text(_ header: Header) -> String { "\(header.height) x \(header.width)" }
    let sorted = readable.sorted { ($0.width * $0.height, $0.width) < ($1.width * $1.height, $1.width) }
    guard let first = sorted.first, let last = sorted.last else { return "none" }
    return text(first) == text(last) ? text(first) : "\(text(first)) to \(text(last))"
  }
}
