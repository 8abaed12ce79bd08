import GraftFiles

extension PredictionReport {
  /// The best class of each image as comma-separated values.
  ///
  /// For the lines of one table or array these are `ImageId` from 1 and `Label`, which is what Kaggle's Digit Recognizer takes.
  /// For all else they are `file`, `label` and `probability`. The label of an image without an answer is empty.
  package var csv: String {
    guard isOneTable else {
      return CSVText.document(
        ["file", "label", "probability"],
        answers.map { answer in
          let best = answer.ranked.first
          return [
            PredictionReport.cell(answer.name), best.map { PredictionReport.cell($0.name) } ?? "",
            best.map { "\($0.probability)" } ?? "",
          ]
        })
    }
    return CSVText.document(
      ["ImageId", "Label"],
      answers.enumerated().map { index, answer in
        ["\(index + 1)", answer.ranked.first.map { PredictionReport.cell($0.name) } ?? ""]
      })
  }

  /// Whether all images are those of one file, from its first to its last. In a second file their numbers begin again.
  private var isOneTable: Bool {
    !answers.isEmpty && answers.enumerated().allSatisfy { $0 == $1.row }
  }

  /// A name as a cell that no spreadsheet computes: names that begin like a formula have an apostrophe in front.
  static func cell(_ name: String) -> String {
    guard let first = name.first, "=+-@\t\r\n".contains(first), Double(name) == nil else { return name }
    return "'" + name
  }
}
