import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension StudyResult {
  /// The document that `study --json` prints and `study.json` holds.
  package var json: JSON {
    var document = JSON.Object()
    document["schema_version"] = 1
    document["banner"] = banner.map(JSON.string) ?? .null
    document["seeds"] = .array(seeds.map { .integer(Int(clamping: $0)) })
    document["model"] = .string(architecture.description)
    document["recipe"] = .string(recipe.description)
    document["seconds"] = .number(seconds)
    if !arguments.isEmpty { document["arguments"] = .array(arguments.map(JSON.string)) }
    if let store { document["store"] = .string(store) }
    if let plan, let own = try? plan.json { document["plan"] = own }
    document["comparisons"] = .integer(comparisons)
    document["margin"] = .number(margin)
    document["earlier_looks"] = .array(earlierLooks.map(JSON.integer))
    document["rows"] = .array(pairs.flatMap { pair in pair.rows.map { .object(pair.json(of: $0)) } })
    document["contrasts"] = .array(pairs.flatMap { pair in pair.contrasts.map { .object(pair.json(of: $0)) } })
    document["pairs"] = .array(pairs.map(\.json))
    document["scores"] = scoresJSON
    document["score_agreement"] = agreementJSON
    document["tuning"] = .array(
      pairs.flatMap { pair in
        pair.rows.compactMap { row in pair.tuning(of: row).map { .object(pair.json(of: $0, row)) } }
      })
    return .object(document)
  }
}

extension StudyResult.Pair {
  // MARK: - Rows

  fileprivate func json(of row: StudyRow) -> JSON.Object {
    var object = place(of: row)
    object["mean_labels_per_class"] = .number(row.labelsPerClass)
    object["seeds"] = .integer(row.records.count)
    object["images"] = .integer(row.images)
    object["accuracy"] = row.records.isEmpty ? .null : .object(sample(row.accuracy, overImages: row.accuracyOverImages))
    object["diverged_seeds"] = .array(row.diverged.map { .integer(Int(clamping: $0.trial.seed)) })
    object["gain"] = gain(of: row)
    object["verdict"] = row.verdict.map { .string($0.rawValue) } ?? .null
    object["label_worth"] = labelWorth(of: row).map(\.json) ?? .null
    object["time_worth"] = timeWorth(of: row)
    object["forward_transfer"] = row.forwardTransfer?.json ?? .null
    object["source_task"] = row.retentionJSON
    object["calibration"] = row.calibrationJSON
    object["setting"] = setting(of: row)
    object["trials"] = .array((row.records + row.diverged).map { .string($0.id) })
    return object
  }

  /// The names that identify a row: the pair, the method and the number of labels.
  private func place(of row: StudyRow) -> JSON.Object {
    var object = JSON.Object()
    object["source"] = .string(source)
    object["target"] = .string(target)
    object["method"] = .string(row.method.description)
    object["labels_per_class"] = row.askedPerClass.map(JSON.integer) ?? .null
    if let fraction = fraction(of: row.share) { object["fraction"] = .number(fraction) }
    return object
  }

  private func sample(_ sample: Sample, overImages: Interval) -> JSON.Object {
    let interval = sample.meanInterval()
    var object = JSON.Object()
    object["mean"] = .number(sample.mean)
    object["low"] = interval.map { .number($0.low) } ?? .null
    object["high"] = interval.map { .number($0.high) } ?? .null
    object["values"] = .array(sample.values.map(JSON.number))
    object["over_images"] = ["low": .number(overImages.low), "high": .number(overImages.high)]
    return object
  }

  private func gain(of row: StudyRow) -> JSON { row.judged.map { .object($0.json) } ?? .null }

  fileprivate func json(of contrast: MethodContrast) -> JSON.Object {
    var object = JSON.Object()
    object["source"] = .string(source)
    object["target"] = .string(target)
    object["first"] = .string(contrast.first.description)
    object["second"] = .string(contrast.second.description)
    let row = self.row(contrast.first, contrast.share)
    object["labels_per_class"] = row?.askedPerClass.map(JSON.integer) ?? .null
    object["mean_labels_per_class"] = .number(contrast.labelsPerClass)
    object["difference"] = .object(contrast.judged.json)
    object["verdict"] = .string(contrast.judged.verdict.rawValue)
    return object
  }

  private func timeWorth(of row: StudyRow) -> JSON {
    let worth = row.timeWorth
    return [
      "reached": .array(
        worth.reached.map { reached in
          reached.map { ["epoch": .integer($0.epoch), "seconds": .number($0.seconds)] } ?? .null
        }),
      "seeds_reached": .integer(worth.count), "median_epoch": worth.medianEpoch.map(JSON.number) ?? .null,
      "median_seconds": worth.medianSeconds.map(JSON.number) ?? .null,
      "epochs_are": row.isSolved ? "iterations of a solver" : "epochs",
    ]
  }

  private func setting(of row: StudyRow) -> JSON {
    guard let tuning = tuning(of: row) else { return .null }
    let chosen = zip(tuning.figures, tuning.timesChosen).filter { $0.1 > 0 }
    return [
      "origin": .string(tuning.origin.rawValue),
      "chosen": .array(chosen.map { ["setting": .string($0.0.setting), "seeds": .integer($0.1)] }),
    ]
  }

  // MARK: - Pairs and settings

  fileprivate var json: JSON {
    let document: JSON = [
      "source": .string(source), "target": .string(target), "fixed_source": .bool(hasFixedSource),
      "images": .integer(labels.count),
      "sign_turns": .array(
        methods.compactMap { method in signTurn(of: method).map { .object($0.json(of: method)) } }),
    ]
    guard let control, var object = document.object else { return document }
    object["scratch"] = [
      "model": .string(control.architecture.description), "shape": .string(control.target.shape.description),
    ]
    return .object(object)
  }

  fileprivate func json(of tuning: Tuning, _ row: StudyRow) -> JSON.Object {
    var object = place(of: row)
    object["origin"] = .string(tuning.origin.rawValue)
    object["candidates"] = .array(
      zip(tuning.figures, tuning.timesChosen).map { figure, times in
        [
          "setting": .string(figure.setting), "correct": .integer(figure.correct), "images": .integer(figure.images),
          "accuracy": .number(figure.accuracy.percent),
          // A diverged candidate has the greatest loss possible.
          "loss": figure.loss < 1e300 ? .number(figure.loss) : .null, "best_in_sum": .bool(figure.isChosen),
          "chosen_by_seeds": .integer(times),
        ]
      })
    return object
  }
}

extension JudgedComparison {
  /// The gain with the one interval and p on which the verdict rests.
  fileprivate var json: JSON.Object {
    var object = comparison.json
    object["p"] = .number(adjustedP)
    object["p_unadjusted"] = .number(comparison.pValue)
    object["p_equal"] = adjustedEquivalenceP.map(JSON.number) ?? .null
    object["margin"] = .number(margin)
    object["could_show"] = detectable.map(JSON.number) ?? .null
    return object
  }
}

extension MethodComparison {
  /// The mean, the interval, and the difference of each seed; with one seed the interval is over test images.
  fileprivate var json: JSON.Object {
    var object = JSON.Object()
    object["mean"] = .number(gain.mean)
    object["low"] = .number(interval.low)
    object["high"] = .number(interval.high)
    object["interval_over"] = test == nil ? "test images" : "seeds and test images"
    object["values"] = .array(gain.values.map(JSON.number))
    object["p_over_seeds"] = test.map { .number($0.pOverSeeds) } ?? .null
    object["mcnemar"] = .array(tests.map { .number($0.pValue) })
    object["seeds_better"] = .integer(seedsBetter)
    object["seeds_worse"] = .integer(seedsWorse)
    return object
  }

  var differenceJSON: JSON { .object(json) }
}

extension SignTurn {
  fileprivate func json(of method: TransferMethod) -> JSON.Object {
    var object = JSON.Object()
    object["method"] = .string(method.description)
    object["kind"] = .string(kind)
    object["words"] = .string(words)
    switch self {
    case .neverShown: break
    case .helpsThroughout(let from, let to), .hurtsThroughout(let from, let to):
      object["from"] = .number(from)
      object["to"] = .number(to)
    case .turns(let turn): object["turns"] = [turn.json]
    case .turnsRepeatedly(let turns): object["turns"] = .array(turns.map(\.json))
    }
    return object
  }

  private var kind: String {
    switch self {
    case .neverShown: "never shown"
    case .helpsThroughout: "helps throughout"
    case .hurtsThroughout: "hurts throughout"
    case .turns: "turns"
    case .turnsRepeatedly: "turns repeatedly"
    }
  }
}

extension SignTurn.Turn {
  fileprivate var json: JSON {
    [
      "before": .string(before.rawValue), "last": .number(last), "first": .number(first),
      "labels_per_class": .number(labelsPerClass), "ties_between": .bool(hasTiesBetween),
    ]
  }
}

extension LabelWorth {
  fileprivate var json: JSON {
    [
      "labels_per_class": .number(labelsPerClass), "needed": needed.json,
      "needed_low": neededInterval?.low.json ?? .null, "needed_high": neededInterval?.high.json ?? .null,
      "factor": factor.json, "factor_low": factorInterval?.low.json ?? .null,
      "factor_high": factorInterval?.high.json ?? .null, "words": .string(words),
    ]
  }
}

extension LabelAmount {
  /// The relation `=`, or the side of `value` on which the amount lies if the control's curve ends there.
  var parts: (relation: String, value: Double) {
    switch self {
    case .labels(let value): ("=", value)
    case .fewerThan(let value): ("<", value)
    case .moreThan(let value): (">", value)
    }
  }

  fileprivate var json: JSON { ["relation": .string(parts.relation), "value": .number(parts.value)] }
}
