import GraftFiles
import GraftStatistics
import GraftTraining

// The form of a diagnosis in a store. The names of the members are part of the file format.

extension Diagnosis {
  package var json: JSON {
    var object = JSON.Object()
    if let sourceTask { object["source_task"] = sourceTask.json }
    if let calibration { object["calibration"] = calibration.json }
    if let scores { object["scores"] = scores.json }
    if !similarities.isEmpty { object["similarities"] = .array(similarities.map(\.json)) }
    if let divergence { object["divergence"] = .string(divergence) }
    return .object(object)
  }

  /// Nil if a member is of another type than it was written with.
  package init?(_ json: JSON) {
    guard let object = json.object else { return nil }
    self.init()
    if let value = object["source_task"] {
      guard let tally = Tally(value) else { return nil }
      sourceTask = tally
    }
    if let value = object["calibration"] {
      guard let found = Calibration(value) else { return nil }
      calibration = found
    }
    if let value = object["scores"] {
      guard let found = TransferScores(value) else { return nil }
      scores = found
    }
    if let value = object["similarities"] {
      guard let list = value.array else { return nil }
      similarities = list.compactMap(LayerSimilarity.init)
      guard similarities.count == list.count else { return nil }
    }
    if let value = object["divergence"] {
      guard let text = value.string else { return nil }
      divergence = text
    }
  }
}

extension Tally {
  fileprivate var json: JSON { ["correct": .integer(correct), "images": .integer(images)] }

  fileprivate init?(_ json: JSON) {
    guard let correct = json["correct"]?.int, let images = json["images"]?.int, 0 <= correct, correct <= images else {
      return nil
    }
    self.init(correct: correct, images: images)
  }
}

extension Calibration {
  fileprivate var json: JSON {
    ["before": before.json, "temperature": .exactly(temperature), "after": after.json]
  }

  fileprivate init?(_ json: JSON) {
    guard let before = json["before"].flatMap(Reliability.init), let after = json["after"].flatMap(Reliability.init),
      let temperature = json["temperature"], temperature.isTemperature, let divisor = temperature.double
    else { return nil }
    self.init(before: before, temperature: divisor, after: after)
  }
}

extension Reliability {
  /// The bins as rows of images, confidence and right answers.
  fileprivate var json: JSON {
    [
      "bins": .array(bins.map { [.integer($0.images), .exactly($0.confidence), .integer($0.correct)] }),
      "total_loss": .exactly(totalLoss),
    ]
  }

  fileprivate init?(_ json: JSON) {
    guard let rows = json["bins"]?.array, rows.count == Reliability.binCount,
      let totalLoss = json["total_loss"]?.exactDouble
    else { return nil }
    let bins = rows.compactMap { row -> Bin? in
      guard let row = row.array, row.count == 3, let images = row[0].int, let confidence = row[1].double,
        let correct = row[2].int, 0 <= correct, correct <= images
      else { return nil }
      return Bin(images: images, confidence: confidence, correct: correct)
    }
    guard bins.count == rows.count else { return nil }
    self.init(bins: bins, totalLoss: totalLoss)
  }
}

extension TransferScores {
  fileprivate var json: JSON {
    var object = JSON.Object()
    for score in TransferScore.allCases { object[score.rawValue] = self[score].map(JSON.exactly) }
    return .object(object)
  }

  fileprivate init?(_ json: JSON) {
    guard let object = json.object else { return nil }
    var values: [TransferScore: Double] = [:]
    for score in TransferScore.allCases {
      guard let value = object[score.rawValue] else { continue }
      // A score must be finite: the ranking relies on that.
      guard let number = value.exactDouble, number.isFinite else { return nil }
      values[score] = number
    }
    self.init(values: values)
  }
}

extension LayerSimilarity {
  fileprivate var json: JSON {
    [
      "one": .string(one), "other": .string(other), "layer": .integer(layer),
      "cka": value.map(JSON.exactly) ?? .null,
    ]
  }

  fileprivate init?(_ json: JSON) {
    guard let one = json["one"]?.string, let other = json["other"]?.string, let layer = json["layer"]?.int,
      let value = json["cka"], value.isNull || value.double.map((0...1).contains) == true
    else { return nil }
    self.init(one: one, other: other, layer: layer, value: value.double)
  }
}
