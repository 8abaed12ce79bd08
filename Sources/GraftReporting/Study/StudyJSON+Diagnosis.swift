import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension Sample {
  /// The mean, the 95 % interval of the mean over seeds, and the values.
  package var json: JSON {
    let interval = meanInterval()
    return [
      "mean": .number(mean), "low": interval.map { .number($0.low) } ?? .null,
      "high": interval.map { .number($0.high) } ?? .null, "values": .array(values.map(JSON.number)),
    ]
  }
}

extension StudyRow {
  /// The accuracy on the source's task before and after, in percent; null if it is not known.
  var retentionJSON: JSON {
    guard let retention else { return .null }
    return [
      "before": retention.accuracyBefore.json, "after": retention.accuracyAfter.json,
      "forgetting": retention.forgetting.json,
    ]
  }

  /// The calibration errors, temperatures, losses and bins; null if no probabilities were measured.
  var calibrationJSON: JSON {
    guard let temperatures, let before = calibrationError(isScaled: false),
      let after = calibrationError(isScaled: true), let raw = reliability(isScaled: false),
      let scaled = reliability(isScaled: true)
    else { return .null }
    return [
      "ece": before.json, "ece_scaled": after.json, "temperature": temperatures.json, "loss": .number(raw.meanLoss),
      "loss_scaled": .number(scaled.meanLoss), "bins": raw.json, "bins_scaled": scaled.json,
    ]
  }
}

extension Reliability {
  /// The bins: number of images, mean confidence and accuracy, the least confident first.
  var json: JSON {
    .array(
      bins.map { bin in
        [
          "images": .integer(bin.images), "confidence": bin.meanConfidence.map(JSON.number) ?? .null,
          "accuracy": bin.correctShare.map(JSON.number) ?? .null,
        ]
      })
  }
}

extension StudyResult {
  /// The scores of every setting, with the test accuracy of the nearest mean.
  var scoresJSON: JSON {
    .array(
      pairs.flatMap { pair in
        pair.scores.map { own in
          var object = JSON.Object()
          object["source"] = .string(pair.source)
          object["target"] = .string(pair.target)
          object["labels"] = .string(StudyWords.labels(own.share))
          for score in TransferScore.allCases { object[score.rawValue] = own[score]?.json ?? .null }
          object["nearest-mean_test_accuracy"] = own.nearestMeanAccuracy.json
          return .object(object)
        }
      })
  }

  /// The agreement of each score with the gains of each method, and of the best.
  var agreementJSON: JSON {
    let settings = scoredSettings
    let groups = SourceGroup.all(in: settings)
    var methods: [TransferMethod?] = [nil]
    for pair in pairs {
      for method in pair.methods where method.usesSource && !methods.contains(method) { methods.append(method) }
    }
    return .array(
      TransferScore.allCases.flatMap { score in
        methods.map { method in
          let own = ScoreAgreement(score, method: method, over: settings)
          var object = JSON.Object()
          object["score"] = .string(score.rawValue)
          object["gain_of"] = .string(method?.description ?? "best")
          object["settings"] = .integer(own.settings)
          object["settings_left_out"] = .integer(own.settingsLeftOut)
          object["tau"] = own.overall.json
          if !groups.isEmpty { object["tau_same_labels"] = own.amongSources.json }
          if method == nil, let picks = SourcePicks(score, in: groups) {
            object["picks"] = [
              "groups": .integer(picks.groups), "hits": .integer(picks.hits),
              "hits_by_chance": .number(picks.hitsByChance), "regret": .number(picks.meanRegret),
              "regret_by_chance": .number(picks.regretByChance),
            ]
          }
          return .object(object)
        }
      })
  }
}

extension KendallTau {
  /// The tau with its own interval; the sentences of `ScoreFindings` rest on wider ones.
  fileprivate var json: JSON {
    let interval = interval()
    return [
      "value": value.map(JSON.number) ?? .null, "low": interval.map { .number($0.low) } ?? .null,
      "high": interval.map { .number($0.high) } ?? .null,
      "interval": "95 % of this tau alone, over sources within a target",
    ]
  }
}
