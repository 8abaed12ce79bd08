import Foundation
import GraftData
import GraftFiles
import GraftTraining
import GraftWorkbench
import Testing

@Suite("Records of trials are Codable, for stores outside the package")
struct TrialCodingTests {
  private func record(loss: Double) -> TrialRecord {
    var identity = JSON.Object()
    // Not in the order of the alphabet: the id depends on it.
    identity["method"] = "frozen"
    identity["batch"] = 64
    identity["rate"] = .number(0.1)
    let trial = Trial(
      .measurement, source: "mnist:even", target: "mnist:odd", method: "frozen", share: .perClass(10), seed: .max,
      testDigest: "ab", identity: identity)
    let outcome = TrialOutcome(
      answers: [1, 3, 255], correct: 2, loss: loss,
      history: [.init(epoch: 1, seconds: 0.1, trainLoss: nil, correct: 2)],
      choices: [
        .init(setting: "rate 0.1, decay 0.0", correct: 1, images: 2, loss: loss, temperature: nil, isChosen: true)
      ],
      seconds: 1.5, choosingSeconds: 0.25, checkpointDigest: nil)
    return TrialRecord(trial: trial, outcome: outcome, created: 12, version: "1", machine: "x")
  }

  @Test("with its id, and with a loss that is no number", arguments: [0.1 + 0.2, .infinity, .nan])
  func coding(loss: Double) throws {
    let record = record(loss: loss)
    for format in [JSONEncoder.OutputFormatting.sortedKeys, []] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = format
      let read = try JSONDecoder().decode(TrialRecord.self, from: encoder.encode(record))
      #expect(read.id == record.id && read.trial == record.trial)
      #expect(read.outcome.loss.bitPattern == record.outcome.loss.bitPattern || loss.isNaN && read.outcome.loss.isNaN)
      if !loss.isNaN { #expect(read == record) }
    }
  }

  @Test("a damaged record is refused")
  func damage() throws {
    let text = String(decoding: try JSONEncoder().encode(record(loss: 1)), as: UTF8.self)
    for (old, new) in [
      ("\"correct\":2", "\"correct\":4"), ("measurement", "guess"), ("10 per class", "many"),
      ("[1,3,255]", "[1,3,65536]"), ("[1,3,255]", "[1,3,-1]"),
    ] {
      #expect(text.contains(old), "\(old)")
      #expect(throws: (any Error).self, "\(old) as \(new)") {
        try JSONDecoder().decode(TrialRecord.self, from: Data(text.replacing(old, with: new).utf8))
      }
    }
  }

  @Test("a plan keeps a recipe that was changed")
  func plan() throws {
    var recipe = Recipe.quick
    recipe.scratchSettings.epochs = 3
    recipe.transferSettings.dropout = 0.2
    let plan = StudyPlan(
      pairs: [
        .init(source: .trained(.init(data: "mnist", classes: "even")), target: .init(data: "mnist", classes: "odd"))
      ],
      methods: [.frozen], shares: [.all], seeds: [0, .max], recipe: recipe)
    #expect(try JSONDecoder().decode(StudyPlan.self, from: JSONEncoder().encode(plan)) == plan)
    #expect(try StudyPlan(json: plan.json) == plan)
  }
}
