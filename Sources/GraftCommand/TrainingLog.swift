import Foundation
import GraftExports
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// Follows a training and writes events for TensorBoard and a table of its epochs. A step is an epoch.
///
/// Both belong to the training's state: after a crash they go on where the state does.
final class TrainingLog {
  private let folder: String?
  private let histogramsEvery: Int
  private let table: (path: String, form: EpochTable.Form)?
  /// The training's hyper-parameters, once its plan is known.
  private var settings = JSON.Object()

  private var events: EventFile?
  private var epochs: EpochTable?
  private var resumedEpochs: Int?
  private var wasFinished = false
  /// The first failure to write; nothing is written after it.
  private(set) var failure: (any Error)?

  /// - Parameters:
  ///   - part: The name of a folder inside the options' one, and what a table's name gets before its ending; nil for a training that is alone.
  init(_ options: LogOptions, part: String? = nil) {
    folder = options.tensorboard.map { folder in part.map { "\(folder)/\($0)" } ?? folder }
    histogramsEvery = options.histograms ?? 1
    table = options.log.flatMap { path in
      EpochTable.Form(path: path).map { (TrainingLog.path(path, part: part), $0) }
    }
  }

  /// `log-seed-1.csv` of `log.csv` and `seed-1`.
  static func path(_ path: String, part: String?) -> String {
    guard let part, let dot = path.lastIndex(of: ".") else { return path }
    return path[..<dot] + "-\(part)" + path[dot...]
  }

  /// Whether anything is written at all.
  var isAsked: Bool { folder != nil || table != nil }

  /// - Throws: If something asked for cannot be written.
  func checkWritable() throws {
    if let folder { try AtomicFile.checkWritable("\(folder)/\(EventFile.name)", createFolders: true) }
    if let table { try AtomicFile.checkWritable(table.path, createFolders: true) }
  }

  /// Follows the events of a training.
  func follow(_ event: TrainingEvent) {
    guard failure == nil else { return }
    do {
      switch event {
      case .kept(.resumed(let epochs)): resumedEpochs = epochs
      case .kept(.wasFinished): wasFinished = true
      case .planned(let plan, _, _):
        settings = plan.settings.json
        settings["model"] = .string(plan.model.architecture.description)
      case .began: try begin()
      case .advanced(_, _, let record, let model, let learningRate): try add(record, model.parameters, learningRate)
      case .keeping: try synchronize()
      case .kept, .solvedHead, .ended: break
      }
    } catch {
      failure = error
    }
  }

  private static func now() -> Double { Date().timeIntervalSince1970 }

  private func begin() throws {
    if let folder {
      let file = try EventFile(in: folder, keepingUpTo: resumedEpochs, now: TrainingLog.now)
      if file.isNew { try file.add([.hyperparameters(settings, began: TrainingLog.now())], step: 0) }
      events = file
    }
    if let table { epochs = try EpochTable(at: table.path, table.form, keepingUpTo: resumedEpochs) }
  }

  /// The state, and the checkpoint, must not be ahead of what is told here.
  private func synchronize() throws {
    try events?.synchronize()
    try epochs?.synchronize()
  }

  private func add(_ record: EpochRecord, _ parameters: Parameters, _ learningRate: Double) throws {
    try epochs?.add(record, learningRate: learningRate)
    guard let events else { return }
    var values: [EventValue] = [
      .scalar("loss/training", record.trainLoss), .scalar("learning_rate", learningRate),
      .scalar("seconds", record.seconds),
    ]
    if let heldOut = record.heldOut {
      values.append(.scalar("loss/held_out", heldOut.loss))
      values.append(.scalar("accuracy/held_out", Double(heldOut.correct) / Double(max(heldOut.images, 1))))
    }
    if histogramsEvery > 0, record.epoch % histogramsEvery == 0 {
      values += parameters.slices.compactMap { .histogram($0.name, parameters.values(of: $0)) }
    }
    try events.add(values, step: record.epoch)
  }

  /// Writes what the finished training did on the test images.
  ///
  /// - Throws: The first failure to write.
  func end(_ trained: TrainedModel) throws {
    if let failure { throw failure }
    try epochs?.finish()
    // What a finished training told is there already.
    guard let folder, !wasFinished else { return }
    // A training without epochs, whose head was solved, has not begun a file.
    let file = try events ?? EventFile(in: folder, keepingUpTo: nil, now: TrainingLog.now)
    if events == nil {
      try file.add([.hyperparameters(trained.checkpoint.record, began: TrainingLog.now())], step: 0)
    }
    let evaluation = trained.evaluation
    try file.add(
      [
        .scalar("loss/test", evaluation.loss),
        .scalar("accuracy/test", Double(evaluation.correct) / Double(max(evaluation.count, 1))),
        .image("confusion_matrix", TrainingLog.picture(of: evaluation.confusion), channels: 1),
        .ended(TrainingLog.now()),
      ], step: trained.history.last?.epoch ?? 0)
    try file.finish()
  }

  /// A confusion matrix as squares: rows are true classes, columns answers, and the darker a square, the larger its share of the row.
  private static func picture(of confusion: ConfusionMatrix) -> PNGImage {
    let classes = confusion.classCount
    let side = max(1, 512 / classes)
    let shades = confusion.counts.map { row in
      let all = max(1, row.reduce(0, +))
      return row.map { UInt8(255 - 255 * $0 / all) }
    }
    var pixels: [UInt8] = []
    for row in shades {
      let line = row.flatMap { [UInt8](repeating: $0, count: side) }
      for _ in 0..<side { pixels += line }
    }
    return PNGImage(width: classes * side, height: classes * side, pixels: pixels)
  }
}
