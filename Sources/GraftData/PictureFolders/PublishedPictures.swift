import GraftFiles

/// The format of a published folder of pictures: its zip archive, or the folder that this unpacks to.
///
/// Files in it that are no pictures are left out and listed, as the programs do for which it was published.
struct PublishedPictures: DatasetFormat {
  /// The name of the folder, and of the archive without `.zip`.
  let folder: String

  var title: String { "\(folder).zip or the folder \(folder)" }

  func look(at path: String) throws(FileFailure) -> FormatMatch {
    let archive = join(path, folder + ".zip")
    if try isFile(archive) { return .files([archive]) }
    let inside = lastComponent(path) == folder ? path : join(path, folder)
    guard try isFolder(inside), try PictureTree.hasPictures(in: inside) else { return .none }
    return .files([inside])
  }

  func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    let isArchive = try isFile(paths[0])
    if isArchive { _ = try files.bytes(of: paths[0]) }
    var options = files.options
    options.skipsBad = true
    let (data, digest) = try PictureFolder.read(paths[0], options)
    if !isArchive { files.add(folder, sha256: digest) }
    return data
  }
}
