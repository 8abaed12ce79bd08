import Datasets
import Files
import Networks
import Reporting
import Studies
import Training

/// One training from the command line: `train` and `transfer` differ only in the model that they start from.
struct TrainingJob {
  let model: Model
  let outputs: ClassOutputs
  let normalization: Normalization
  let settings: TrainingSettings
  let share: Share
  let selection: ClassSelection
  let title: String
  /// Where things came from, for the record.
  let provenance: [(key: String, value: String)]

  func run(on pair: DatasetPair, writing path: String, _ options: RunOptions) throws {
    try AtomicFile.checkWritable(path, createFolders: true)
    let part = pair.selecting(selection)
    let trainingData = try part.train.share(share, seed: settings.seed)
    let train = try Examples(trainingData, outputs: outputs, normalization: normalization)
    let test = try Examples(part.test, outputs: outputs, normalization: normalization)
    let board = options.board
    board.show(.began(label: title, epochs: settings.epochs))
    let run = try TrainingRun.train(model, on: train, test: test, settings) { record in
      board.show(.advanced(label: title, epochs: settings.epochs, record: record, images: test.count))
    }
    board.show(.ended(label: title))
    var record = settings.json
    record["share"] = .string(share.description)
    record["train_images"] = .integer(trainingData.count)
    record["train_sha256"] = .string(trainingData.digest)
    for (key, value) in provenance { record[key] = .string(value) }
    record["graft"] = .string(Graft.version)
    let digest = try Checkpoint(
      model: run.model, normalization: normalization, outputs: outputs, record: record
    ).save(to: path)
    let report = EvaluationReport(run.evaluation, outputs: outputs)
    if options.json {
      var document = report.json.object ?? JSON.Object()
      document["checkpoint"] = .string(path)
      document["checkpoint_sha256"] = .string(digest)
      document["seconds"] = .number(run.seconds)
      document["settings"] = .object(record)
      Output.write(JSON.object(document).text(.pretty) + "\n")
    } else {
      Output.write(
        """
        \(model.architecture) on \(selection) (\(grouped(trainingData.count)) images, \(decimals(run.seconds, 1)) s): \
        \(report.headline)
        written to \(path)
        next: graft evaluate \(path)

        """)
    }
  }
}
