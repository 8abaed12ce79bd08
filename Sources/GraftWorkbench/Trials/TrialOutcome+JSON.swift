import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining

// The form of an outcome's lists in a store. The names of the members are part of the file format.

extension TrialOutcome {
  /// The whole outcome; the answers are a list of classes.
  var json: JSON {
    [
      "answers": .array(answers.map { .integer($0) }), "correct": .integer(correct), "loss": .exactly(loss),
      "history": .array(history.map(\.json)), "choices": .array(choices.map(\.json)), "seconds": .exactly(seconds),
      "choosing_seconds": .exactly(choosingSeconds),
      "checkpoint_sha256": checkpointDigest.map(JSON.string) ?? .null, "diagnosis": diagnosis.json,
    ]
  }

  /// Nil if a member is missing or of another type.
  init?(_ json: JSON) {
    func list<Element>(_ key: String, _ element: (JSON) -> Element?) -> [Element]? {
      guard let values = json[key]?.array else { return nil }
      let elements = values.compactMap(element)
      return elements.count == values.count ? elements : nil
    }
    guard let answers = list("answers", { $0.int.flatMap { (0..<ClassOutputs.mostClasses).contains($0) ? $0 : nil } }),
      let correct = json["correct"]?.int,
      0...answers.count ~= correct, let loss = json["loss"]?.exactDouble,
      let history = list("history", Point.init), let choices = list("choices", Choice.init),
      let seconds = json["seconds"]?.exactDouble, let choosing = json["choosing_seconds"]?.exactDouble,
      let diagnosis = json["diagnosis"].flatMap(Diagnosis.init)
    else { return nil }
    self.init(
      answers: answers, correct: correct, loss: loss, history: history, choices: choices, seconds: seconds,
      choosingSeconds: choosing, checkpointDigest: json["checkpoint_sha256"]?.string, diagnosis: diagnosis)
  }
}

extension TrialOutcome.Point {
  package var json: JSON {
    [
      "epoch": .integer(epoch), "seconds": .exactly(seconds), "train_loss": trainLoss.map(JSON.exactly) ?? .null,
      "correct": .integer(correct),
    ]
  }

  /// Nil if a member is missing or of another type.
  package init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.int, let seconds = json["seconds"]?.exactDouble,
      let loss = json["train_loss"], let correct = json["correct"]?.int
    else { return nil }
    let trainLoss = loss.exactDouble
    guard loss.isNull || trainLoss != nil else { return nil }
    self.init(epoch: epoch, seconds: seconds, trainLoss: trainLoss, correct: correct)
  }
}

extension TrialOutcome.Choice {
  package var json: JSON {
    [
      "setting": .string(setting), "correct": .integer(correct), "images": .integer(images), "loss": .exactly(loss),
      "temperature": temperature.map(JSON.exactly) ?? .null, "chosen": .bool(isChosen),
    ]
  }

  /// Nil if a member is missing or of another type.
  package init?(_ json: JSON) {
    guard let setting = json["setting"]?.string, let correct = json["correct"]?.int,
      let images = json["images"]?.int, let loss = json["loss"]?.exactDouble,
      let isChosen = json["chosen"]?.bool
    else { return nil }
    // Stores of version 1 have no temperature.
    let temperature = json["temperature"] ?? .null
    guard temperature.isNull || temperature.isTemperature else { return nil }
    self.init(
      setting: setting, correct: correct, images: images, loss: loss, temperature: temperature.exactDouble,
      isChosen: isChosen)
  }
}

extension JSON {
  /// A number that reads back with the same bits. JSON has no infinity and no NaN, which a diverging training produces:
  /// they are written as text.
  package static func exactly(_ value: Double) -> JSON {
    value.isFinite ? .number(value) : .string(value.description)
  }

  /// Whether logits may be divided by this value: a positive number.
  package var isTemperature: Bool { double.map { $0 > 0 } ?? false }

  package var exactDouble: Double? {
    switch self {
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    case .string("nan"): .nan
    default: double
    }
  }
}
