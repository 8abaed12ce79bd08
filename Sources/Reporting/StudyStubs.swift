import Files
import Studies

extension StudyResult {
  package func write(to folder: String) throws -> [String] { [] }
  package var json: JSON { .null }
}
extension StudyForecast { package var json: JSON { .null } }
extension TextDocument {
  package init(_ result: StudyResult) {
    self.init(
      result.rows.map { row in
        .paragraph(
          "\(row.source) \(row.target) \(row.method) \(row.labelsPerClass): \(row.accuracy.mean) \(row.comparison.map { $0.words(adjustedP: row.adjustedP ?? 1) } ?? "") time \(row.timeWorth.count) \(row.timeWorth.medianEpoch ?? -1) \(row.timeWorth.medianSeconds ?? -1)"
        )
      }
        + result.pairs.flatMap { $0.tunings }.map {
          .paragraph(
            "\($0.method) \($0.share) \($0.origin) "
              + zip($0.figures, $0.timesChosen).map { "\($0.setting) \($0.accuracy) (\($1))" }.joined(separator: "; "))
        })
  }
  package init(_ forecast: StudyForecast) { self.init([.paragraph("\(forecast.phases) \(forecast.seconds)")]) }
}
