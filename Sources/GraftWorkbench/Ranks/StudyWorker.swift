import Foundation
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftRanks
import Synchronization

/// A rank of a study that is not rank 0: it asks rank 0 for trials and for what they need, and brings their outcomes back.
package final class StudyWorker: SharedValues {
  private let communicator: any Communicator
  private let isDismissed: @Sendable () -> Bool
  /// The lanes on which nobody waits for an answer.
  private let lanes = Mutex<(free: [Int], count: Int)>(([], 0))

  /// - Parameter isDismissed: Whether rank 0 has left: nothing is answered any more.
  package init(_ communicator: any Communicator, isDismissed: @escaping @Sendable () -> Bool) {
    (self.communicator, self.isDismissed) = (communicator, isDismissed)
  }

  /// Trains what rank 0 hands out, until it hands out no more.
  ///
  /// A failure goes to rank 0, which ends the study with it.
  package func work(on study: TransferStudy) {
    study.links.connect(self)
    let jobs = StudyJobs(study) { try self.choices() }
    let options = study.options
    let lane = WorkerPool.Job {
      while let (id, kind) = try self.next() {
        let job = try jobs.job(id, kind)
        let outcome = try job.outcome()
        try self.finish(
          TrialRecord(
            trial: job.trial, outcome: outcome, created: Date().timeIntervalSince1970.rounded(),
            version: options.version, machine: options.machine))
      }
    }
    do {
      try WorkerPool(threads: options.threads).run(Array(repeating: lane, count: options.threads))
    } catch {
      tell(error)
    }
  }

  /// Tells rank 0 that this rank cannot go on.
  package func tell(_ error: any Error) {
    if error is Dismissed { return }
    let failure = error as? any Failure
    _ = try? ask([
      "ask": "fail", "kind": .integer(Int((failure?.kind ?? .internalError).rawValue)),
      "message": .string(failure?.description ?? "\(error)"),
    ])
  }

  /// The error of a rank that rank 0 needs no more; nothing to tell.
  private struct Dismissed: Error {}

  // MARK: Asking

  /// Sends a request and waits for its answer.
  private func ask(_ header: JSON, _ payload: [UInt8] = []) throws -> StudyMessage {
    let lane = lanes.withLock { lanes in
      if let free = lanes.free.popLast() { return free }
      lanes.count += 1
      return lanes.count - 1
    }
    defer { lanes.withLock { $0.free.append(lane) } }
    var members = header.object ?? JSON.Object()
    members["lane"] = .integer(lane)
    try communicator.send(
      StudyMessage(header: .object(members), payload: payload).encoded, to: 0, tag: StudyMessage.requestTag)
    let answer = try communicator.wait(
      from: 0, tag: StudyMessage.answerTag(lane: lane), isGivenUp: { isDismissed() })
    guard let answer else { throw Dismissed() }
    return try StudyMessage(decoding: answer.bytes)
  }

  private func next() throws -> (id: String, kind: Trial.Kind)? {
    let answer = try ask(["ask": "next"])
    guard let id = answer.header["trial"]?.string, let kind = answer.header["kind"]?.string.flatMap(Trial.Kind.init)
    else { throw StudyMessage.unreadable }
    return (id, kind)
  }

  private func finish(_ record: TrialRecord) throws {
    _ = try ask([
      "ask": "finish", "id": .string(record.id), "kind": .string(record.trial.kind.rawValue),
      "outcome": record.outcome.json, "created": .number(record.created), "version": .string(record.version),
      "machine": .string(record.machine),
    ])
  }

  private func choices() throws -> RehearsalChoices {
    let answer = try ask(["ask": "choices"])
    let records = try JSONDecoder().decode([TrialRecord].self, from: Data(answer.payload))
    return RehearsalChoices(Dictionary(records.map { ($0.id, $0) }) { first, _ in first })
  }

  /// A model that rank 0 has.
  func model(_ id: String) throws -> Checkpoint? {
    let answer = try ask(["ask": "model", "id": .string(id)])
    if answer.header["diverged"]?.bool == true { throw SourceDiverged() }
    return answer.payload.isEmpty ? nil : try Checkpoint(decoding: answer.payload)
  }

  /// Brings a model to rank 0, which keeps it; returns its file's SHA-256.
  func keep(_ checkpoint: Checkpoint, as id: String, isReadOften: Bool) throws -> String? {
    let answer = try ask(
      ["ask": "keep", "id": .string(id), "is_read_often": .bool(isReadOften)], checkpoint.encoded())
    return answer.header["digest"]?.string
  }

  var place: (rank: Int, ranks: Int) { (communicator.rank, communicator.size) }

  func value(_ key: String, or make: () throws -> [UInt8]) throws -> [UInt8] {
    let answer = try ask(["ask": "value", "key": .string(key)])
    if answer.header["make"]?.bool != true { return answer.payload }
    let value = try make()
    _ = try ask(["ask": "made", "key": .string(key)], value)
    return value
  }
}
