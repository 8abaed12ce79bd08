import Foundation
import GRDB
import GraftData
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks

/// A record that differs from every other one with another `number`.
func makeRecord(
  _ number: Int = 0, kind: Trial.Kind = .measurement, source: String? = "mnist:even", target: String = "mnist:odd",
  method: String = "fine-tune", share: Share = .perClass(10), seed: UInt64 = 0, created: Double = 1_750_000_000.25,
  outcome: TrialOutcome? = nil
) -> TrialRecord {
  let trial = Trial(
    kind, source: source, target: target, method: method, share: share, seed: seed,
    testDigest: String(repeating: "ab", count: 32),
    identity: (["number": .integer(number), "learning_rate": 0.1, "layers": [784, 500, 5]] as JSON).object!)
  return TrialRecord(
    trial: trial, outcome: outcome ?? makeOutcome(), created: created, version: "1.0", machine: "A processor at 2 GHz")
}

func makeOutcome(answers: [Int] = [1, 3, 5, 7, 9], loss: Double = 1 / 3) -> TrialOutcome {
  TrialOutcome(
    answers: answers, correct: min(3, answers.count), loss: loss,
    history: [
      TrialOutcome.Point(epoch: 0, seconds: 0, trainLoss: nil, correct: 1),
      TrialOutcome.Point(epoch: 1, seconds: 0.1 + 0.2, trainLoss: 2.302585092994046, correct: 3),
    ],
    choices: [
      TrialOutcome.Choice(setting: "rate 0.05", correct: 9, images: 10, loss: 0.1, isChosen: true),
      TrialOutcome.Choice(setting: "rate 0.5", correct: 1, images: 10, loss: .infinity, isChosen: false),
    ],
    seconds: 12.5, choosingSeconds: 0.7, checkpointDigest: String(repeating: "0f", count: 32))
}

/// The kind and the line of the failure that `body` throws.
func failure<Value>(_ body: () throws -> Value) -> (kind: FailureKind?, text: String) {
  do {
    return (nil, "no error: \(try body())")
  } catch {
    return ((error as? any Failure)?.kind, "\(error)")
  }
}

/// Does with a file what Graft would not do: a connection without any checks, closed afterwards.
func withDatabase(at path: String, _ sql: String...) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.writeWithoutTransaction { database in for sql in sql { try database.execute(sql: sql) } }
  try queue.close()
}

/// Adds rows that are like one of the trials there but for what is set: `id = '…'`.
func copyARow(at path: String, _ changes: [String]) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.write { database in
    try database.execute(sql: "CREATE TEMP TABLE copy AS SELECT * FROM trial LIMIT 1")
    for change in changes {
      try database.execute(sql: "UPDATE copy SET \(change); INSERT INTO trial SELECT * FROM copy")
    }
  }
  try queue.close()
}

extension ScratchFolder {
  func file(_ name: String = "runs.sqlite") -> String { "\(path)/\(name)" }
}
