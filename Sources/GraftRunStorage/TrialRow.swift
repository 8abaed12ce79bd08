import GRDB
import GraftData
import GraftFiles
import GraftStatistics
import GraftWorkbench

/// A row of the table of trials, which is turned back into the saved record.
struct TrialRow {
  private let stored: StoredRow
  private let id: String

  init(_ row: Row, path: String) throws(GraftFailure) {
    id = try StoredRow(row: row, place: path).text("id")
    stored = StoredRow(row: row, place: "\(path): trial \(id.prefix(64))")
  }

  func summary() throws(GraftFailure) -> TrialSummary {
    let (correct, images) = (try stored.integer("correct"), try stored.integer("images"))
    guard 0 <= correct, correct <= images else { throw stored.damage("\(correct) right answers of \(images)") }
    return TrialSummary(
      trial: try trial(), correct: correct, images: images, loss: try stored.double("loss"),
      seconds: try stored.double("seconds"), choosingSeconds: try stored.double("choosing_seconds"),
      checkpointDigest: try stored.optionalText("checkpoint_sha256"), created: try stored.double("created"),
      version: try stored.text("version"), machine: try stored.text("machine"))
  }

  func record() throws(GraftFailure) -> TrialRecord {
    let summary = try summary()
    let bytes = try stored.bytes("answers")
    // Halved, because twice a damaged number of images may be more than an integer has room for.
    let isWide = bytes.count.isMultiple(of: 2) && bytes.count / 2 == summary.images
    let answers = ClassBytes.classes(bytes, isWide: isWide)
    guard answers.count == summary.images else {
      throw stored.damage("\(answers.count) answers for \(summary.images) images")
    }
    let outcome = TrialOutcome(
      answers: answers, correct: summary.correct, loss: summary.loss,
      history: try list("history", TrialOutcome.Point.init), choices: try list("choices", TrialOutcome.Choice.init),
      seconds: summary.seconds, choosingSeconds: summary.choosingSeconds, checkpointDigest: summary.checkpointDigest,
      diagnosis: try diagnosis())
    return TrialRecord(
      trial: summary.trial, outcome: outcome, created: summary.created, version: summary.version,
      machine: summary.machine)
  }

  /// The trial. Its id is computed anew: a setting that was changed in the file would pass for another training.
  private func trial() throws(GraftFailure) -> Trial {
    let kindName = try stored.text("kind")
    guard let kind = Trial.Kind(rawValue: kindName) else {
      throw stored.damage("no kind is called \(quoted(kindName))")
    }
    let seedText = try stored.text("seed")
    guard let seed = UInt64(seedText) else { throw stored.damage("\(quoted(seedText)) is no seed") }
    guard let identity = try stored.json("identity").object else {
      throw stored.damage("column identity: expected a JSON object")
    }
    let trial = Trial(
      kind, source: try stored.optionalText("source"), target: try stored.text("target"),
      method: try stored.text("method"), share: try share(), seed: seed, testDigest: try stored.text("test_sha256"),
      identity: identity)
    guard trial.id == id else {
      throw stored.damage("its settings belong to another id; the store was changed or damaged")
    }
    let digest = trial.testDigest.utf8
    guard
      digest.isEmpty || digest.count == 64 && digest.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { throw stored.damage("column test_sha256: expected a SHA-256, found \(quoted(trial.testDigest))") }
    // The columns that lists are filtered by say what the settings say.
    for (column, value) in [("seed", seedText), ("method", trial.method), ("test_sha256", trial.testDigest)] {
      if let own = identity[column]?.string, own != value {
        throw stored.damage(
          "column \(column) is \(quoted(value)), its settings say \(quoted(own)); the store was changed or damaged")
      }
    }
    return trial
  }

  private func share() throws(GraftFailure) -> Share {
    switch (try stored.optionalInteger("labels_per_class"), try stored.optionalDouble("fraction")) {
    case (nil, nil): return .all
    case (nil, let fraction?): return .fraction(fraction)
    case (let count?, nil): return .perClass(count)
    case (_?, _?): throw stored.damage("both labels per class and a fraction")
    }
  }

  private func diagnosis() throws(GraftFailure) -> Diagnosis {
    guard try stored.optionalText("diagnosis") != nil else { return .none }
    guard let diagnosis = Diagnosis(try stored.json("diagnosis")) else {
      throw stored.damage("column diagnosis: something is missing or of another type")
    }
    return diagnosis
  }

  private func list<Element>(
    _ column: String, _ element: (JSON) -> Element?
  ) throws(GraftFailure) -> [Element] {
    guard let values = try stored.json(column).array else {
      throw stored.damage("column \(column): expected a JSON array")
    }
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let element = element(value) else {
        throw stored.damage("column \(column): element \(index) lacks something")
      }
      elements.append(element)
    }
    return elements
  }
}
