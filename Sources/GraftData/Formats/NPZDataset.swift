import GraftFiles

/// The format of NumPy's files: an NPZ file with the arrays of a data set, as Keras and MedMNIST publish theirs, or a
/// folder with a file for each array, as Kuzushiji-MNIST is published.
package struct NPZDataset: DatasetFormat {
  package let title = "an .npz file"

  package init() {}

  package func look(at path: String) throws(FileFailure) -> FormatMatch {
    if path.hasSuffix(".npz"), try isFile(path) { return .files([path]) }
    guard try isFolder(path), let names = NPZDataset.arrayFiles(try Folder.names(of: path)) else { return .none }
    return .files(names.map { join(path, $0) })
  }

  package func read(_ paths: [String], with files: inout DatasetFiles) throws -> DecodedDataset {
    if paths.count == 1 {
      let path = paths[0]
      let bytes = try files.bytes(of: path)
      do throws(FormatError) {
        return try NPZFile.decode(bytes, files.options) { "\(path): \($0)" }
      } catch {
        throw error.path == nil ? error.at(path: path) : error
      }
    }
    var arrays = NamedArrays()
    let names = NPZDataset.arrayNames(paths.map(lastComponent))
    for (name, path) in zip(names, paths) {
      let bytes = try files.bytes(of: path)
      do throws(FormatError) { try arrays.add(name, file: bytes) } catch { throw error.at(path: path) }
    }
    func path(_ name: String) -> String { names.firstIndex(of: name).map { paths[$0] } ?? paths[0] }
    do throws(FormatError) {
      return try arrays.dataset(files.options.keys, path: path).decoded(files.options)
    } catch {
      throw error.path == nil ? error.at(path: error.container.map(path) ?? paths[0]) : error
    }
  }
}

// MARK: - Folders

extension NPZDataset {
  /// The files, of those of a folder, that are arrays of a data set, in the order of their names; nil if there are
  /// none.
  private static func arrayFiles(_ files: [String]) -> [String]? {
    let names = files.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".npy") || $0.hasSuffix(".npz")) }.sorted()
    guard names.count > 1, let keys = ArrayKeys(among: arrayNames(names)) else { return nil }
    let wanted = [keys.train.images, keys.train.labels] + (keys.test.map { [$0.images, $0.labels] } ?? [])
    return zip(names, arrayNames(names)).filter { wanted.contains($0.1) }.map(\.0)
  }

  /// The names of arrays in files of their own: `train-imgs` and `train-labels` of `kmnist-train-imgs.npz` and
  /// `kmnist-train-labels.npz`.
  private static func arrayNames(_ files: [String]) -> [String] {
    let stems = files.map { String($0.dropLast(4)) }
    guard let first = stems.first else { return [] }
    let common = stems.reduce(first) { common, stem in String(zip(common, stem).prefix { $0 == $1 }.map(\.0)) }
    // Up to a separator: "x_train" and "x_test" have more letters in common than their prefix.
    let end = common.lastIndex { "-_. ".contains($0) }.map { common.distance(from: common.startIndex, to: $0) + 1 } ?? 0
    return stems.map { String($0.dropFirst(end)) }
  }
}
