import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

// The form of an outcome's lists in their columns. The names of the members are part of the file format.

extension TrialOutcome.Point {
  var json: JSON {
    [
      "epoch": .integer(epoch), "seconds": .exactly(seconds), "train_loss": trainLoss.map(JSON.exactly) ?? .null,
      "correct": .integer(correct),
    ]
  }

  /// Nil if a member is missing or of another type.
  init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.int, let seconds = json["seconds"]?.exactDouble,
      let loss = json["train_loss"], let correct = json["correct"]?.int
    else { return nil }
    let trainLoss = loss.exactDouble
    guard loss.isNull || trainLoss != nil else { return nil }
    self.init(epoch: epoch, seconds: seconds, trainLoss: trainLoss, correct: correct)
  }
}

extension TrialOutcome.Choice {
  var json: JSON {
    [
      "setting": .string(setting), "correct": .integer(correct), "images": .integer(images), "loss": .exactly(loss),
      "temperature": temperature.map(JSON.exactly) ?? .null, "chosen": .bool(isChosen),
    ]
  }

  /// Nil if a member is missing or of another type.
  init?(_ json: JSON) {
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
  static func exactly(_ value: Double) -> JSON {
    value.isFinite ? .number(value) : .string(value.description)
  }

  /// Whether logits may be divided by this value: a positive number.
  var isTemperature: Bool { double.map { $0 > 0 } ?? false }

  var exactDouble: Double? {
    switch self {
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    case .string("nan"): .nan
    default: double
    }
  }
}
