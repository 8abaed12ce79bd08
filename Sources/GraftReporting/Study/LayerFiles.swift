import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension LayerStudy {
  /// Writes tables and figures into `folder`, each file replaced as a whole, `layers.json` last.
  ///
  /// - Returns: The names of the files, in the order in which they were written.
  @discardableResult
  package func write(to folder: String) throws -> [String] {
    var files = figures.map { (name: $0.name, text: $0.chart.svg()) }
    files.append(("layers.md", "# Layer study\n\n" + TextDocument(self).markdown()))
    files.append(("study.csv", result.studyCSV))
    files.append(("trials.csv", result.trialsCSV))
    files.append(("layers.json", json.text(.pretty) + "\n"))
    return try writeFiles(files, to: folder)
  }

  /// The document of the study itself, with the depths and similarities beside its rows.
  package var json: JSON {
    guard var document = result.json.object else { return result.json }
    document["depths"] = .array(
      shares.flatMap { share in
        depths(share).map { depth in
          [
            "labels": .string(StudyWords.labels(share)), "layers": .integer(depth.layers),
            "BnB": depth.selffer.accuracy.json, "BnB+": depth.selfferTuned.accuracy.json,
            "AnB": depth.transfer.accuracy.json, "AnB+": depth.transferTuned.accuracy.json,
            "specificity": depth.specificity.differenceJSON, "generalization": depth.generalization.differenceJSON,
          ]
        }
      })
    document["similarities"] = .array(
      transfer.similarities.flatMap { own in
        own.comparisons.flatMap { pair in
          own.layers.map { layer in
            [
              "labels": .string(StudyWords.labels(own.share)), "one": .string(pair.one), "other": .string(pair.other),
              "layer": .integer(layer), "cka": own.sample(pair.one, pair.other, layer: layer)?.json ?? .null,
            ]
          }
        }
      })
    return .object(document)
  }
}
