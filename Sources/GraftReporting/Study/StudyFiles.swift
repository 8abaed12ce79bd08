import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftWorkbench

extension StudyResult {
  /// Writes every table and figure into `folder`, each file replaced as a whole.
  ///
  /// - Returns: The names of the files, in the order in which they were written. `study.json` comes last, so that a folder with
  /// it is complete.
  @discardableResult
  package func write(to folder: String) throws -> [String] {
    var files = figures.map { (name: $0.name, text: $0.svg) }
    files.append(("study.md", markdown))
    files.append(("study.tex", studyTeX))
    files.append(("study.csv", studyCSV))
    files.append(("trials.csv", trialsCSV))
    files.append(("study.json", json.text(.pretty) + "\n"))
    return try writeFiles(files, to: folder)
  }

  private var markdown: String { "# Transfer study\n\n" + TextDocument(self, isWhole: true).markdown() }
}

/// Writes a result's files into `folder`, each replaced as a whole, in their order: the last one makes the folder complete.
///
/// - Returns: The names of the files, in that order.
func writeFiles(_ files: [(name: String, text: String)], to folder: String) throws -> [String] {
  for file in files { try AtomicFile.write(text: file.text, to: "\(folder)/\(file.name)", createFolders: true) }
  return files.map(\.name)
}
