import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension ReproductionResult {
  /// The document that `reproduce --json` prints and `results.json` holds.
  package var json: JSON {
    var document = JSON.Object()
    document["schema_version"] = 1
    document["dataset"] = .string(dataName)
    document["banner"] = banner.map(JSON.string) ?? .null
    document["seeds"] = .array(seeds.map { .integer(Int(clamping: $0)) })
    document["seconds"] = .number(seconds)
    document["rehearsal"] = .bool(isRehearsal)
    document["settings"] = [
      "graft": .string(options.version), "epochs": .integer(options.scratchEpochs),
      "transfer_epochs": .integer(options.transferEpochs), "controls": .bool(options.includesControls),
      "threads": .integer(options.threads), "train_sha256_even": .string(trainDigests.even),
      "train_sha256_odd": .string(trainDigests.odd), "processor": .string(options.machine),
      "system": .string(options.system),
    ]
    document["cells"] = .array(cells.map { .object(json(of: $0)) })
    document["controls"] = .array(controls.map { .object(controlJSON(of: $0)) })
    document["comparisons"] = .array(
      controlComparisons.map { comparison in
        [
          "target": .string(comparison.target.rawValue), "control": .string(comparison.control.rawValue),
          "gain": json(of: comparison.gain), "p": .number(comparison.judged.comparison.pValue),
          "p_holm": .number(comparison.judged.adjustedP),
          "interval": [
            "low": .number(comparison.judged.comparison.interval.low),
            "high": .number(comparison.judged.comparison.interval.high),
          ], "verdict": .string(comparison.judged.verdict.rawValue),
        ]
      })
    document["claims"] = .array(
      claims.map {
        [
          "claim": .string($0.claim.claim), "where": .string($0.claim.place), "verdict": .string($0.verdict.rawValue),
          "evidence": .string($0.evidence),
        ]
      })
    document["audit"] = .array(
      audit.map { ["finding": .string($0.title), "lines": .array(($0.lines + $0.sums).map(JSON.string))] })
    document["few_labels"] = .array(fewLabels.map(json(of:)))
    document["failed_checks"] = .array(failedChecks.map(JSON.string))
    if !shares.isEmpty { document["fractions"] = .array(shares.map(json(of:))) }
    if !variant.isEmpty { document["variant"] = .array(variant.map(json(of:))) }
    return .object(document)
  }

  private func json(of cell: ReproductionCell) -> JSON.Object {
    var object = JSON.Object()
    object["system"] = .string(cell.task.system.rawValue)
    object["target"] = .string(cell.task.target.rawValue)
    object["source"] = cell.task.source.map { .string($0.rawValue) } ?? .null
    object["reported"] = cell.published.map(JSON.number) ?? .null
    var matrices = JSON.Object()
    for publication in PublishedPaper.Publication.allCases where isStudysData {
      matrices[publication.rawValue] =
        published.matrix(of: cell.task, in: publication).map { .number(rounded($0.accuracy.percent)) } ?? .null
    }
    object["matrices"] = isStudysData ? .object(matrices) : .null
    addCounts(of: cell, to: &object)
    object["pooled"] = cell.pooled.map(json(of:)) ?? .null
    object["verdict"] = cell.verdict.map { .string($0.rawValue) } ?? .null
    object["explanation"] = .string(cell.explanation)
    object["seconds"] = .number(cell.runs.reduce(0) { $0 + $1.seconds })
    object["checkpoints"] = .array(cell.runs.map { $0.checkpointDigest.map(JSON.string) ?? .null })
    return object
  }

  private func controlJSON(of cell: ReproductionCell) -> JSON.Object {
    var object = JSON.Object()
    object["system"] = .string(cell.task.system.rawValue)
    object["target"] = .string(cell.task.target.rawValue)
    addCounts(of: cell, to: &object)
    object["seconds"] = .number(cell.runs.reduce(0) { $0 + $1.seconds })
    return object
  }

  private func addCounts(of cell: ReproductionCell, to object: inout JSON.Object) {
    object["images"] = .integer(cell.images)
    object["correct"] = .array(cell.runs.map { .integer($0.correct) })
    object["accuracy"] = json(of: cell.accuracy)
    object["wilson"] = ["low": .number(cell.wilson.low), "high": .number(cell.wilson.high)]
  }

  private func json(of sample: Sample) -> JSON {
    let interval = sample.meanInterval()
    return [
      "mean": .number(sample.mean), "low": interval.map { .number($0.low) } ?? .null,
      "high": interval.map { .number($0.high) } ?? .null, "values": .array(sample.values.map(JSON.number)),
    ]
  }

  private func json(of cell: PaperShareCell) -> JSON {
    [
      "percent": .integer(cell.percent), "reading": .string(cell.reading.rawValue),
      "target": .string(cell.target.rawValue), "reported": cell.published.map(JSON.number) ?? .null,
      "images": .integer(cell.images), "correct": .array(cell.correct.map(JSON.integer)),
      "accuracy": json(of: cell.accuracy),
    ]
  }

  private func json(of outcome: NumPyOutcome) -> JSON {
    [
      "system": .string(outcome.task.system.rawValue), "target": .string(outcome.task.target.rawValue),
      "source": outcome.task.source.map { .string($0.rawValue) } ?? .null,
      "seed": .integer(Int(clamping: outcome.seed)),
      "images": .integer(outcome.images), "correct": .integer(outcome.correct),
      "accuracy": .number(outcome.accuracy.percent),
      "seconds": .number(outcome.seconds),
    ]
  }

  private func json(of outcome: FewLabelsOutcome) -> JSON {
    [
      "target": .string(outcome.target.rawValue), "source": .string(outcome.target.other.rawValue),
      "labels_per_class": .integer(outcome.labelsPerClass), "scratch": json(of: outcome.scratch),
      "transfer": json(of: outcome.transfer), "gain": json(of: outcome.gain),
    ]
  }

  /// Rounds to four decimals: a count over a count, without the noise of the division.
  private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
