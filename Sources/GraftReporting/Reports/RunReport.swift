import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension TextDocument {
  /// A run with everything that is known of it.
  package init(_ record: TrialRecord) {
    let (trial, outcome) = (record.trial, record.outcome)
    var blocks: [Block] = [.heading("\(trial.method) on \(trial.target)")]
    var lines = [
      "id \(trial.id)",
      "\(trial.kind.rawValue), seed \(trial.seed), labels per class: \(StudyWords.labels(trial.share))",
    ]
    if let source = trial.source { lines.append("from \(source)") }
    if let reason = outcome.diagnosis.divergence { lines.append("DIVERGED: \(singleLine(reason))") }
    if outcome.images > 0 {
      let interval = Interval.wilson(successes: outcome.correct, trials: outcome.images)
      lines.append(
        "\(percent(outcome.accuracy.percent)) % of \(grouped(outcome.images)) test images (95 % over images "
          + "\(percent(100 * interval.low)) to \(percent(100 * interval.high))), loss \(outcome.loss.isFinite ? decimals(outcome.loss, 4) : "not a finite number")"
      )
    }
    lines.append(
      "\(decimals(outcome.seconds, 2)) s of training, \(decimals(outcome.choosingSeconds, 2)) s of choosing settings; "
        + "finished \(timeText(record.created)) by graft \(record.version) on \(record.machine)")
    if let digest = outcome.checkpointDigest { lines.append("checkpoint SHA-256 \(digest)") }
    blocks.append(.list(lines))
    if !outcome.choices.isEmpty {
      let rows = outcome.choices.map {
        [
          $0.setting, percent(100 * Double($0.correct) / Double(max($0.images, 1))), grouped($0.images),
          $0.isChosen ? "chosen" : "",
        ]
      }
      blocks.append(.heading("Settings tried on held-out images"))
      blocks.append(
        .table(
          TextTable(
            [.init("setting", .leading), .init("accuracy / %"), .init("images"), .init("", .leading)], rows: rows)))
    }
    if outcome.history.count > 1 {
      let rows = outcome.history.map {
        [
          grouped($0.epoch), decimals($0.seconds, 3), $0.trainLoss.map { decimals($0, 4) } ?? "-",
          percent(100 * Double($0.correct) / Double(max(outcome.images, 1))),
        ]
      }
      blocks.append(.heading("On the way"))
      let images = Double(max(outcome.images, 1))
      blocks.append(
        .plot(
          BlockPlot(
            title: "accuracy on test images / %", xTitle: "epoch",
            points: outcome.history.map { .init(x: Double($0.epoch), y: 100 * Double($0.correct) / images) })))
      let losses = outcome.history.compactMap { point in
        point.trainLoss.map { BlockPlot.Point(x: Double(point.epoch), y: $0) }
      }
      if losses.count > 1 {
        blocks.append(.plot(BlockPlot(title: "training loss", xTitle: "epoch", points: losses, height: 4)))
      }
      blocks.append(
        .table(
          TextTable(
            [.init("epoch"), .init("seconds"), .init("training loss"), .init("accuracy / %")], rows: rows)))
    }
    blocks.append(.heading("Identity"))
    blocks.append(
      .table(
        TextTable(
          [.init("setting", .leading), .init("value", .leading)],
          rows: JSON.object(trial.identity).leaves.map { [$0.key, $0.value] })))
    self.init(blocks)
  }
}

extension TrialRecord {
  package var json: JSON {
    var object = trialJSON(trial)
    object["schema_version"] = 1
    object["accuracy"] = outcome.images > 0 ? .number(outcome.accuracy.percent) : .null
    object["diverged"] = outcome.diagnosis.divergence.map(JSON.string) ?? .null
    object["correct"] = .integer(outcome.correct)
    object["images"] = .integer(outcome.images)
    object["loss"] = outcome.isDiverged || !outcome.loss.isFinite ? .null : .number(outcome.loss)
    object["seconds"] = .number(outcome.seconds)
    object["choosing_seconds"] = .number(outcome.choosingSeconds)
    object["checkpoint_sha256"] = outcome.checkpointDigest.map(JSON.string) ?? .null
    object["test_sha256"] = .string(trial.testDigest)
    object["finished"] = .string(timeText(created))
    object["version"] = .string(version)
    object["machine"] = .string(machine)
    object["identity"] = .object(trial.identity)
    object["choices"] = .array(
      outcome.choices.map {
        [
          "setting": .string($0.setting), "correct": .integer($0.correct), "images": .integer($0.images),
          "loss": .number($0.loss), "chosen": .bool($0.isChosen),
        ]
      })
    object["history"] = .array(
      outcome.history.map {
        [
          "epoch": .integer($0.epoch), "seconds": .number($0.seconds),
          "train_loss": $0.trainLoss.map(JSON.number) ?? .null,
          "correct": .integer($0.correct),
        ]
      })
    return .object(object)
  }
}
