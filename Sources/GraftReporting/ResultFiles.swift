import GraftFiles

/// Writes a result's files into `folder`, each replaced as a whole, in their order: the last one makes the folder complete.
///
/// - Returns: The names of the files, in that order.
func writeFiles(_ files: [(name: String, text: String)], to folder: String) throws -> [String] {
  for file in files { try AtomicFile.write(text: file.text, to: "\(folder)/\(file.name)", createFolders: true) }
  return files.map(\.name)
}
