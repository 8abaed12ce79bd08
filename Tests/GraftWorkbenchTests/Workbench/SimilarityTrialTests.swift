import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Models of a study compared layer by layer")
struct SimilarityTrialTests {
  static let methods = [TransferMethod.frozen, .fineTune, TransferMethod(.copyTuned), TransferMethod(.copy)]
  static let share = Share.perClass(20)
  static let names = ["source", "scratch", "fine-tune", "copy+", "other scratch"]

  private func study(
    _ methods: [TransferMethod] = methods, seeds: [UInt64] = [0, 1], folder: ScratchFolder? = nil,
    units: [Int] = [12, 8], comparesLayers: Bool = true
  ) throws -> TransferStudy {
    var options = SmallStudy.options(methods, shares: [Self.share], seeds: seeds, folder: folder?.path)
    options.architecture = Architecture(hiddenUnits: units)
    options.comparesLayers = comparesLayers
    return try SmallStudy.study(options)
  }

  private func values(_ result: StudyResult) -> [[LayerSimilarity]] {
    result.pairs.flatMap { $0.similarities.flatMap { $0.records.map(\.outcome.diagnosis.similarities) } }
  }

  /// A store with all that `records` has but the similarities.
  private func withoutSimilarities(_ records: [TrialRecord]) -> MemoryStore {
    let store = MemoryStore()
    for record in records where record.trial.kind != .similarity { store.save(record) }
    return store
  }

  @Test("every two models in every layer, and a second call trains nothing; lost models are trained again to the bit")
  func whole() throws {
    let (folder, store, log) = (try ScratchFolder(), MemoryStore(), EventLog())
    let result = try study(folder: folder).run(in: store, report: log.note)
    #expect(
      log.phases == [
        "rehearsals 0 of 0 known", "sources 0 of 2 known", "scores 0 of 2 known", "measurements 0 of 10 known",
        "similarities 0 of 2 known",
      ])
    let found = try #require(result.pairs[0].similarities.first)
    #expect(result.pairs[0].similarities.count == 1 && found.share == Self.share && found.layers == [1, 2])
    let pairs = Self.names.indices.flatMap { one in Self.names[(one + 1)...].map { "\(Self.names[one]) \($0)" } }
    #expect(found.comparisons.map { "\($0.one) \($0.other)" } == pairs && pairs.count == 10)
    for record in found.records {
      let all = record.outcome.diagnosis.similarities
      // Two seeds are one pair of networks from scratch, which counts once.
      #expect(all.count == (record.trial.seed == 0 ? 20 : 12) && all.allSatisfy { (0...1).contains($0.value ?? -1) })
      #expect(record.outcome.answers.isEmpty && record.trial.method == "cka" && record.trial.share == Self.share)
    }
    try expectByHand(found, result, folder)
    // Of those that are compared: the held bodies' models are not kept.
    #expect(try folder.names().count == 2 + 6)
    let kept = log.ended.filter { $0.outcome.checkpointDigest != nil }
    #expect(Set(kept.map(\.trial.method)) == ["quick", "scratch", "fine-tune", "copy+"])
    for record in kept {
      #expect(
        try SHA256Digest.hex(ofFileAt: "\(folder.path)/\(record.id).safetensors") == record.outcome.checkpointDigest)
    }

    let second = EventLog()
    let again = try study(folder: folder).run(in: store, report: second.note)
    #expect(second.began.isEmpty && values(again) == values(result) && again.timeless == result.timeless)

    // With the files there nothing is trained for new comparisons.
    let filed = EventLog()
    let fromFiles = try study(folder: folder).run(in: withoutSimilarities(log.ended), report: filed.note)
    #expect(filed.began.map(\.kind) == [.similarity, .similarity] && values(fromFiles) == values(result))

    // One file less: that model alone, from a source that is there.
    let tuned = try #require(kept.first { $0.trial.method == "fine-tune" && $0.trial.seed == 1 })
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(tuned.id).safetensors")
    let one = EventLog()
    let repaired = try study(folder: folder).run(in: withoutSimilarities(log.ended), report: one.note)
    #expect(one.began.map(\.kind) == [.measurement, .similarity, .similarity] && one.began.first?.id == tuned.id)
    #expect(values(repaired) == values(result) && one.ended.first?.outcome.timeless == tuned.outcome.timeless)

    // None left: all that is compared, and no held body.
    for name in try folder.names() { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }
    let lost = EventLog()
    let anew = try study(folder: folder).run(in: withoutSimilarities(log.ended), report: lost.note)
    #expect(values(anew) == values(result) && anew.timeless == result.timeless)
    #expect(
      lost.phases == [
        "rehearsals 0 of 0 known", "sources 0 of 2 known", "scores 2 of 2 known", "measurements 4 of 10 known",
        "similarities 0 of 2 known",
      ])
    #expect(Set(lost.began.map(\.method)) == ["quick", "scratch", "fine-tune", "copy+", "cka"])
    for record in kept {
      #expect(
        try SHA256Digest.hex(ofFileAt: "\(folder.path)/\(record.id).safetensors") == record.outcome.checkpointDigest)
    }

    // Without a folder no model outlives its study.
    let bare = EventLog()
    let inMemory = try study().run(in: withoutSimilarities(log.ended), report: bare.note)
    #expect(values(inMemory) == values(result) && bare.began.map(\.id) == lost.began.map(\.id))
  }

  private func expectByHand(_ found: ModelSimilarity, _ result: StudyResult, _ folder: ScratchFolder) throws {
    func model(_ id: String?) throws -> Model {
      try Checkpoint(contentsOf: "\(folder.path)/\(try #require(id)).safetensors").model
    }
    let test = try SmallStudy.domain("odd").data.test
    let rows = Normalization.unit.rows(test.pixels, columns: test.shape.count)
    for seed in 0..<2 {
      let records = try ["scratch", "fine-tune", "copy+"].map { method in
        try #require(result.pairs[0].row(TransferMethod(parsing: method), Self.share)).records
      }
      var models = [try model(records[1][seed].trial.identity["source"]?.string)]
      models += try records.map { try model($0[seed].id) }
      if seed == 0 { models.append(try model(records[0][1].id)) }
      for layer in 1...2 {
        let features = models.map { $0.features(of: rows, through: layer) }
        for one in models.indices {
          for other in models.indices where other > one {
            let known = LinearCKA.value(features[one], features[other])
            let sample = try #require(found.sample(Self.names[one], Self.names[other], layer: layer))
            #expect(sample.count == (Self.names[other] == "other scratch" ? 1 : 2) && sample.values[seed] == known)
          }
        }
      }
    }
    #expect(found.sample("scratch", "source", layer: 1) == nil && found.sample("source", "scratch", layer: 3) == nil)
    // A body that started as the source's stays nearer to it than one that shares nothing with it.
    let (near, far) = (
      try #require(found.sample("source", "fine-tune", layer: 1)),
      try #require(found.sample("source", "scratch", layer: 1))
    )
    #expect(near.mean > far.mean)
  }

  @Test("which methods are compared: those that train every layer of the source's body")
  func compared() throws {
    let texts = [
      "copy", "copy:1", "copy+", "copy+:1", "copy+:2", "frozen", "frozen:0", "random-frozen", "bias-only", "fine-tune",
      "fine-tune:0", "fine-tune:1", "lp-ft", "gradual", "discriminative", "l2-sp",
    ]
    let found = try study(texts.map(TransferMethod.init(parsing:)), seeds: [0]).run(in: MemoryStore())
    let similarity = try #require(found.pairs[0].similarities.first)
    let names = ["source"] + similarity.comparisons.filter { $0.one == "source" }.map(\.other)
    // With one seed no other scratch.
    #expect(
      names == [
        "source", "scratch", "copy+", "copy+:2", "fine-tune", "fine-tune:0", "lp-ft", "gradual", "discriminative",
        "l2-sp",
      ])
    // Two names of the same training.
    #expect(similarity.sample("copy+", "copy+:2", layer: 2)?.values == [1])
  }

  @Test("where nothing but the control would be compared nothing is, and by default nothing ever")
  func nothing() throws {
    for (methods, compares) in [([TransferMethod.frozen], true), ([.fineTune], false)] {
      let log = EventLog()
      let study = try study(methods, seeds: [0], units: [12], comparesLayers: compares)
      let result = try study.run(in: MemoryStore(), report: log.note)
      #expect(log.phases.last == "measurements 0 of 2 known" && result.pairs[0].similarities.isEmpty)
    }
  }

  @Test("comparing is no part of what a measurement is: a study that is compared later trains what it compares again")
  func later() throws {
    let (folder, store, log) = (try ScratchFolder(), MemoryStore(), EventLog())
    let first = try study([.fineTune, .frozen], folder: folder, comparesLayers: false).run(in: store)
    let result = try study([.fineTune, .frozen], folder: folder).run(in: store, report: log.note)
    #expect(log.began.map(\.kind) == [Trial.Kind](repeating: .measurement, count: 4) + [.similarity, .similarity])
    #expect(!log.began.map(\.method).contains("frozen"))
    for (one, two) in zip(first.rows, result.rows) {
      #expect(one.accuracy == two.accuracy && one.records.map(\.id) == two.records.map(\.id))
    }
  }

  @Test("where one seed has no value two models have none, and where nothing was compared no comparison")
  func lacking() throws {
    let (store, log) = (MemoryStore(), EventLog())
    let study = try study([.fineTune], units: [12])
    _ = try study.run(in: store, report: log.note)
    let records = log.ended.filter { $0.trial.kind == .similarity }
    let one = try #require(records.first { $0.trial.seed == 1 })
    let changed = one.outcome.diagnosis.similarities.map {
      LayerSimilarity(
        one: $0.one, other: $0.other, layer: $0.layer,
        value: ($0.one, $0.other) == ("source", "scratch") ? nil : $0.value)
    }
    let outcome = TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil,
      diagnosis: Diagnosis(similarities: changed))
    store.save(TrialRecord(trial: one.trial, outcome: outcome, created: 0, version: "", machine: ""))
    let found = try #require(try study.run(in: store).pairs[0].similarities.first)
    #expect(found.sample("source", "scratch", layer: 1) == nil && found.layers == [1])
    #expect(found.sample("source", "fine-tune", layer: 1)?.count == 2)
    #expect(found.comparisons.contains { ($0.one, $0.other) == ("source", "scratch") })
  }

  @Test("a source from a file is compared too")
  func file() throws {
    let outputs = ClassOutputs(.compact, choosing: [0, 2, 4, 6, 8], of: SmallStudy.digits.train.classNames)
    let checkpoint = Checkpoint(
      model: Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: 4), normalization: .unit,
      outputs: outputs, record: JSON.Object())
    var options = SmallStudy.options([.fineTune])
    options.comparesLayers = true
    let pair = StudyPair(.checkpoint(checkpoint, name: "file", digest: "d1"), try SmallStudy.domain("odd"))
    let result = try TransferStudy(options, on: [pair]).run(in: MemoryStore())
    let found = try #require(result.pairs[0].similarities.first)
    #expect(found.sample("source", "fine-tune", layer: 1)?.count == 2)
  }

  @Test("a dead layer is like nothing")
  func dead() throws {
    let outputs = ClassOutputs(.compact, choosing: [0, 2, 4, 6, 8], of: SmallStudy.digits.train.classNames)
    var model = Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: 4)
    for name in ["fc1.weight", "fc1.bias"] {
      let slice = try #require(model.parameters.slice(named: name))
      model.parameters.setValues(of: slice, to: [Float](repeating: -1, count: slice.count))
    }
    let checkpoint = Checkpoint(model: model, normalization: .unit, outputs: outputs, record: JSON.Object())
    var options = SmallStudy.options([.fineTune], seeds: [0])
    options.comparesLayers = true
    let pair = StudyPair(.checkpoint(checkpoint, name: "file", digest: "d1"), try SmallStudy.domain("odd"))
    let result = try TransferStudy(options, on: [pair]).run(in: MemoryStore())
    let found = try #require(result.pairs[0].similarities.first)
    #expect(found.records.map(\.outcome.diagnosis.similarities.count) == [3])
    #expect(found.sample("source", "scratch", layer: 1) == nil && found.sample("source", "fine-tune", layer: 1) == nil)
  }

  // MARK: What is about to be done

  @Test("a forecast counts scores and similarities, and of a finished study nothing is left")
  func forecast() throws {
    let (folder, store) = (try ScratchFolder(), MemoryStore())
    let study = try study([.fineTune], folder: folder, units: [12])
    func counts(_ forecast: StudyForecast) -> [String] {
      forecast.phases.map { "\($0.phase.rawValue) \($0.known) of \($0.trials)" }
    }
    let before = try StudyForecast(study, in: nil)
    #expect(
      counts(before) == [
        "rehearsals 0 of 0", "sources 0 of 2", "scores 0 of 2", "measurements 0 of 4", "similarities 0 of 2",
      ])
    _ = try study.run(in: store)
    let after = try StudyForecast(study, in: store)
    #expect(
      counts(after) == [
        "rehearsals 0 of 0", "sources 2 of 2", "scores 2 of 2", "measurements 4 of 4", "similarities 2 of 2",
      ])
    #expect(before.seconds > 0 && after.seconds == 0)
    let plain = try StudyForecast(self.study([.fineTune], units: [12], comparesLayers: false), in: nil)
    #expect(plain.phases.map(\.phase) == [.rehearsals, .sources, .scores, .measurements])
  }

  // MARK: Layer studies

  @Test("AnB, BnB and their tuned kin at every depth, and what is lost to what")
  func layerStudy() throws {
    var options = SmallStudy.options([.frozen], shares: [Self.share])
    options.architecture = Architecture(hiddenUnits: [12, 8])
    let plan = try LayerStudy.plan(options, from: SmallStudy.domain("even"), to: SmallStudy.domain("odd"))
    #expect(plan.options.methods.map(\.description) == ["scratch", "copy:1", "copy:2", "copy+:1", "copy+:2"])
    let log = EventLog()
    let study = LayerStudy(try plan.run(in: MemoryStore(), report: log.note))
    #expect(study.transfer.source == "synthetic:even" && study.selffer.source == "synthetic:odd")
    #expect(study.shares == [Self.share])
    // The control is the same for both sources.
    #expect(log.began.count { $0.kind == .measurement } == 2 * (1 + 4 + 4))
    let depths = study.depths(Self.share)
    #expect(depths.map(\.layers) == [1, 2] && study.depths(.all).isEmpty)
    for depth in depths {
      let rows = [depth.selffer, depth.selfferTuned, depth.transfer, depth.transferTuned]
      #expect(rows.map(\.source) == ["synthetic:odd", "synthetic:odd", "synthetic:even", "synthetic:even"])
      #expect(rows.allSatisfy { $0.target == "synthetic:odd" && $0.share == Self.share && $0.records.count == 2 })
      let texts = ["copy:\(depth.layers)", "copy+:\(depth.layers)"]
      #expect(rows.map(\.method.description) == texts + texts)
      for seed in 0..<2 {
        let accuracies = rows.map { $0.accuracy.values[seed] }
        #expect(abs(depth.specificity.gain.values[seed] - (accuracies[2] - accuracies[0])) < 1e-9)
        #expect(abs(depth.generalization.gain.values[seed] - (accuracies[3] - accuracies[1])) < 1e-9)
      }
    }
    #expect(study.selffer.similarities.isEmpty && study.transfer.similarities.count == 1)
    let compared = study.transfer.similarities.first?.comparisons.filter { $0.one == "source" }.map(\.other)
    #expect(compared == ["scratch", "copy+:2", "other scratch"])
    // What B's own features cost where nothing moves them: the source's task is the target's.
    let own = try #require(depths.last?.selffer.retention)
    #expect(own.forgetting.values == [0, 0])
  }
}
