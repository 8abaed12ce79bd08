import GraftDocuments
import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftWorkbench

extension ReproductionResult {
  /// Writes every table and figure into `folder`, each file replaced as a whole.
  ///
  /// - Returns: The names of the files, in the order in which they were written. `results.json` comes last, so that a folder
  /// with it is complete.
  @discardableResult
  package func write(to folder: String) throws -> [String] {
    var files = figures.map { (name: $0.name, text: $0.svg) }
    files.append(("results.md", markdown))
    files.append(("results.csv", resultsCSV))
    files.append(("history.csv", historyCSV))
    files.append((ReproductionResult.recordName, try recordText()))
    files.append(("results.json", json.text(.pretty) + "\n"))
    return try writeFiles(files, to: folder)
  }

  private var markdown: String {
    "# Reproduction of \"Transfer Learning using MNIST dataset\"\n\n" + TextDocument(self).markdown()
  }
}
