import GraftData
import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftTraining

/// A summary of a training before it starts: layers, frozen parameters, data, time.
package struct TrainingSummary: Sendable {
  private let model: Model
  private let train: Dataset
  private let settings: TrainingSettings
  /// The estimated seconds for all epochs; nil if they were not measured.
  private let seconds: Double?

  package init(_ model: Model, on train: Dataset, _ settings: TrainingSettings, seconds: Double?) {
    self.model = model
    self.train = train
    self.settings = settings
    self.seconds = seconds
  }

  package var document: TextDocument {
    let table = ModelTable(model)
    let counts = train.countsPerClass.enumerated().filter { $0.element > 0 }.map { label, count in
      "\(train.classNames[label]): \(grouped(count))"
    }
    var text =
      "\(grouped(table.trainedParameters)) of \(grouped(table.parameters)) parameters train on \(grouped(train.count)) "
    text +=
      "images (\(counts.joined(separator: ", "))); \(settings.epochs) epoch\(settings.epochs == 1 ? "" : "s") of batches of \(settings.batchSize)"
    text += ", \(settings.optimizer.name), learning rate \(settings.learningRate)"
    if settings.classWeights == .balanced { text += ", all classes weighing the same" }
    if !settings.augmentation.isNone { text += ", each image changed in every epoch (\(settings.augmentation))" }
    if let seconds { text += "; about \(decimals(seconds, seconds < 10 ? 1 : 0)) s" }
    return TextDocument([.table(table.table), .paragraph(text + ".")])
  }
}
