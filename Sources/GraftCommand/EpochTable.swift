import GraftFiles
import GraftTraining

/// A file with a line for each epoch of a training. A training that goes on cuts off the lines behind its state.
struct EpochTable {
  enum Form: String {
    case csv
    case lines = "jsonl"

    /// The form that a file's name asks for; nil if it asks for none.
    init?(path: String) { self.init(rawValue: path.split(separator: ".").last.map(String.init) ?? "") }
  }

  private let form: Form
  private let file: AppendedFile

  private static let columns = [
    "epoch", "train_loss", "held_out_loss", "held_out_accuracy", "learning_rate", "seconds",
  ]

  /// - Parameter epoch: The last epoch whose line is kept; nil begins anew.
  init(at path: String, _ form: Form, keepingUpTo epoch: Int?) throws {
    self.form = form
    file = try AppendedFile(at: path) { content in
      epoch.map { EpochTable.end(of: content, form, upTo: $0) } ?? 0
    }
    if file.isEmpty, form == .csv { try append(EpochTable.columns.joined(separator: ",")) }
  }

  func add(_ record: EpochRecord, learningRate: Double) throws {
    let heldOut = record.heldOut
    let values: [JSON] = [
      .integer(record.epoch), .number(record.trainLoss), heldOut.map { .number($0.loss) } ?? .null,
      heldOut.map { .number(Double($0.correct) / Double(max($0.images, 1))) } ?? .null, .number(learningRate),
      .number(record.seconds),
    ]
    switch form {
    case .csv: try append(values.map { $0.isNull ? "" : $0.text() }.joined(separator: ","))
    case .lines:
      var object = JSON.Object()
      for (column, value) in zip(EpochTable.columns, values) { object[column] = value }
      try append(JSON.object(object).text())
    }
  }

  /// Waits until everything is on the medium.
  func synchronize() throws { try file.synchronize() }

  /// Closes the file, with all lines on the medium.
  func finish() throws { try file.finish() }

  private func append(_ line: String) throws { try file.append(Array((line + "\n").utf8)) }

  /// The bytes before the first line that is not whole or whose epoch is above `epoch`.
  static func end(of content: [UInt8], _ form: Form, upTo epoch: Int) -> Int {
    var place = 0
    while let newline = content[place...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: content[place..<newline], as: UTF8.self)
      let isHeader = form == .csv && line == columns.joined(separator: ",")
      let number =
        switch form {
        case .csv: line.split(separator: ",", omittingEmptySubsequences: false).first.flatMap { Int($0) }
        case .lines: (try? JSON(parsing: line))?["epoch"]?.int
        }
      guard isHeader && place == 0 || (number.map { $0 <= epoch } ?? false) else { break }
      place = newline + 1
    }
    return place
  }
}
