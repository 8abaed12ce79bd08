import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("What is known of a trial beside its answers")
struct DiagnosisTests {
  /// A study that keeps its models.
  private struct Kept {
    let folder = try! ScratchFolder()
    let result: StudyResult

    init(_ methods: [TransferMethod], units: [Int] = [12], head: HeadPolicy? = nil) throws {
      var options = SmallStudy.options(methods, head: head, folder: folder.path)
      options.architecture = Architecture(hiddenUnits: units)
      options.comparesLayers = true
      result = try SmallStudy.study(options).run(in: MemoryStore())
    }

    func row(_ method: TransferMethod) throws -> StudyRow {
      try #require(result.pairs[0].row(method, .perClass(20)))
    }

    func model(_ id: String?) throws -> Model {
      try Checkpoint(contentsOf: "\(folder.path)/\(try #require(id)).safetensors").model
    }
  }

  /// Right answers of `model` on the test images of the even digits.
  private func correct(_ model: Model) throws -> Tally {
    let domain = try SmallStudy.domain("even")
    let test = domain.data.test
    let logits = model.logits(of: Normalization.unit.rows(test.pixels, columns: test.shape.count))
    let right = logits.indices.count { row in
      let answer = logits[row].indices.reduce(0) { logits[row][$1] > logits[row][$0] ? $1 : $0 }
      return domain.selection.classes[answer] == Int(test.labels[row])
    }
    return Tally(correct: right, images: test.count)
  }

  // MARK: Forgetting

  @Test("a tuned body is measured under the head that the source ended with", arguments: [[12], [12, 8]] as [[Int]])
  func tuned(units: [Int]) throws {
    let study = try Kept([.fineTune, TransferMethod(.copyTuned)], units: units)
    for method in [TransferMethod.fineTune, TransferMethod(.copyTuned)] {
      let row = try study.row(method)
      let retention = try #require(row.retention)
      #expect(retention.before.count == 2 && retention.after.count == 2)
      for (seed, record) in row.records.enumerated() {
        let (end, source) = (try study.model(record.id), try study.model(record.trial.identity["source"]?.string))
        var joined = source
        for slice in joined.parameters.slices.dropLast(2) {
          joined.parameters.setValues(of: slice, to: end.values(slice.name))
        }
        #expect(joined.values("fc1.weight") != source.values("fc1.weight"))
        #expect(try retention.before[seed] == correct(source) && retention.after[seed] == correct(joined))
        #expect(record.outcome.diagnosis.sourceTask == retention.after[seed])
      }
      let points = zip(retention.before, retention.after).map { $0.percent - $1.percent }
      #expect(retention.forgetting.values == points && retention.forgetting.mean > 0)
      #expect(retention.accuracyBefore.values == retention.before.map(\.percent))
      #expect(retention.accuracyAfter.values == retention.after.map(\.percent))
    }
  }

  @Test("a held body forgets nothing, to the last image, under whatever head")
  func held() throws {
    for head in [HeadPolicy.keep, .reset] {
      let study = try Kept([.frozen, TransferMethod(.copy)], head: head)
      for method in [TransferMethod.frozen, TransferMethod(.copy)] {
        let retention = try #require(try study.row(method).retention)
        #expect(retention.forgetting.values == [0, 0] && retention.before == retention.after)
        #expect(retention.before.allSatisfy { $0.correct > $0.images / 2 })
      }
    }
  }

  @Test("layers that were drawn anew know nothing of the source's task")
  func fresh() throws {
    let study = try Kept([TransferMethod(.copy, layerCount: 1)], units: [12, 8])
    let retention = try #require(try study.row(TransferMethod(.copy, layerCount: 1)).retention)
    #expect(retention.forgetting.mean > 20)
  }

  @Test("what uses no source has none to forget, and of a file's task nobody knows the test images")
  func none() throws {
    let study = try Kept([TransferMethod(.randomFrozen), .frozen])
    for method in [TransferMethod.scratch, TransferMethod(.randomFrozen)] {
      let row = try study.row(method)
      #expect(row.retention == nil && row.records.allSatisfy { $0.outcome.diagnosis.sourceTask == nil })
    }
    let id = try study.row(.frozen).records.first?.trial.identity["source"]?.string
    let checkpoint = try Checkpoint(contentsOf: "\(study.folder.path)/\(try #require(id)).safetensors")
    let file = StudyPair(.checkpoint(checkpoint, name: "file", digest: "d1"), try SmallStudy.domain("odd"))
    let result = try TransferStudy(SmallStudy.options([.frozen, .fineTune]), on: [file]).run(in: MemoryStore())
    for row in result.rows {
      #expect(row.retention == nil && row.records.allSatisfy { $0.outcome.diagnosis.sourceTask == nil })
    }
  }

  @Test("one seed without a number leaves the row without any")
  func incomplete() throws {
    for lacking in ["", "source", "fine-tune"] {
      let study = try SmallStudy.study(SmallStudy.options([.fineTune]))
      let result = try SmallStudy.result(of: study) { trial in
        let isLacking = (trial.kind == .source ? "source" : trial.method) == lacking && trial.seed == 1
        let labels = try SmallStudy.domain(trial.kind == .source ? "even" : "odd").data.test.labels
        let knows = trial.method == "fine-tune" && !isLacking
        return TrialOutcome(
          answers: trial.kind == .source && isLacking ? [] : labels, correct: isLacking ? 0 : labels.count, loss: 0,
          history: [], choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil,
          diagnosis: Diagnosis(sourceTask: knows ? Tally(correct: 30, images: 40) : nil))
      }
      let retention = try #require(result.pairs[0].row(.fineTune, .perClass(20))).retention
      // A source is always measured, if on no image at all.
      #expect((retention == nil) == (lacking == "fine-tune"))
      if lacking.isEmpty { #expect(retention?.forgetting.values == [25, 25]) }
    }
  }

  // MARK: Calibration

  @Test("the test images' probabilities as they are and scaled: as many images, the same answers")
  func counts() throws {
    for row in try StudyRunTests.whole().rows {
      #expect(row.calibrations.count == 2)
      for (record, calibration) in zip(row.records, row.calibrations) {
        let outcome = record.outcome
        for part in [calibration.before, calibration.after] {
          #expect(part.images == outcome.images && part.correct == outcome.correct)
        }
        #expect(mismatch([calibration.before.meanLoss], [outcome.loss], within: 1e-5) == nil)
        #expect(mismatch([100 * calibration.before.correctShare], [outcome.accuracy.percent], within: 1e-12) == nil)
        // Fitted on the images that the setting was chosen on.
        let chosen = try #require(outcome.choices.first { $0.isChosen })
        #expect(chosen.temperature != nil && calibration.temperature == chosen.temperature)
        #expect(Temperature.range.contains(calibration.temperature))
        #expect(record.trial.identity["temperature"] == nil)
        if calibration.temperature > 1 { #expect(calibration.after.meanConfidence < calibration.before.meanConfidence) }
      }
      #expect(row.temperatures?.values == row.calibrations.map(\.temperature))
      for isScaled in [false, true] {
        let parts = row.calibrations.map { isScaled ? $0.after : $0.before }
        #expect(row.calibrationError(isScaled: isScaled)?.values == parts.map { 100 * $0.expectedCalibrationError })
        #expect(row.reliability(isScaled: isScaled) == parts.reduce(Reliability(), +))
      }
    }
  }

  @Test("a kept model's logits, divided by the temperature, are what was counted")
  func byHand() throws {
    let study = try Kept([.fineTune])
    let test = try SmallStudy.domain("odd").data.test
    let labels = test.labels.map { Int($0 / 2) }
    for record in try study.row(.fineTune).records {
      let calibration = try #require(record.outcome.diagnosis.calibration)
      let rows = Normalization.unit.rows(test.pixels, columns: test.shape.count)
      let logits = Matrix(try study.model(record.id).logits(of: rows))
      let parts = [
        (calibration.before, Reliability(logits: logits, labels: labels)),
        (calibration.after, Reliability(logits: logits, labels: labels, temperature: calibration.temperature)),
      ]
      for (found, expected) in parts {
        #expect(found.bins.map(\.images) == expected.bins.map(\.images) && found.correct == expected.correct)
        #expect(mismatch(found.bins.map(\.confidence), expected.bins.map(\.confidence), within: 1e-5) == nil)
      }
    }
  }

  @Test("of trials that nobody measured a row says nothing")
  func unmeasured() throws {
    let result = try SmallStudy.result(of: SmallStudy.study(SmallStudy.options([.frozen]))) { trial in
      let labels = try SmallStudy.domain("odd").data.test.labels
      let calibration = Calibration(before: Reliability(), temperature: 2, after: Reliability())
      return TrialOutcome(
        answers: labels, correct: labels.count, loss: 0, history: [], choices: [], seconds: 0, choosingSeconds: 0,
        checkpointDigest: nil, diagnosis: Diagnosis(calibration: trial.seed == 0 ? calibration : nil))
    }
    for row in result.rows {
      #expect(row.calibrations.isEmpty && row.temperatures == nil && row.reliability(isScaled: true) == nil)
      #expect(row.calibrationError(isScaled: false) == nil)
    }
  }
}
