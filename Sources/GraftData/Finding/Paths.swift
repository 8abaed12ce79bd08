#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Joins `folder/name`; the current folder is not written out.
package func join(_ folder: String, _ name: String) -> String {
  if folder.isEmpty || folder == "." { return name }
  return folder.utf8.last == UInt8(ascii: "/") ? folder + name : "\(folder)/\(name)"
}

/// The part after the last slash; slashes at the end do not count.
func lastComponent(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

/// The name of a folder; for "." and similar paths the name of the folder that is meant.
///
/// A folder `raw` gets the name of its parent: torchvision keeps its files in `MNIST/raw`, `FashionMNIST/raw`.
func folderName(_ path: String) -> String {
  let name = lastComponent(path)
  guard [".", "..", "raw"].contains(name), let resolved = realpath(path, nil) else { return name }
  defer { free(resolved) }
  var components = String(cString: resolved).split(separator: "/").map(String.init)
  if components.count > 1, components.last == "raw" { components.removeLast() }
  return components.last ?? name
}
