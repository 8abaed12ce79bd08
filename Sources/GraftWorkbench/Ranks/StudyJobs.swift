import GraftFiles
import Synchronization

/// The jobs of a study by the ids of their trials. Every rank lists the same ones, so that a trial's id is all that has to be sent.
final class StudyJobs: Sendable {
  private let study: TransferStudy
  private let choices: @Sendable () throws -> RehearsalChoices
  private let lists = Mutex<[Trial.Kind: [String: any StudyJob]]>([:])

  /// - Parameter choices: What the rehearsals chose; asked once, after they have ended.
  init(_ study: TransferStudy, choices: @escaping @Sendable () throws -> RehearsalChoices) {
    (self.study, self.choices) = (study, choices)
  }

  /// - Throws: If this rank's study has no such trial.
  func job(_ id: String, _ kind: Trial.Kind) throws -> any StudyJob {
    let job = try lists.withLock { lists in
      if lists[kind] == nil {
        lists[kind] = Dictionary(try list(kind).map { ($0.trial.id, $0) }) { first, _ in first }
      }
      return lists[kind]?[id]
    }
    guard let job else {
      throw GraftFailure(
        .badConfiguration, "it plans other trials than rank 0: its data, its files or its version of graft differ")
    }
    return job
  }

  private func list(_ kind: Trial.Kind) throws -> [any StudyJob] {
    switch kind {
    case .rehearsal: study.rehearsalJobs()
    case .source: study.sourceJobs()
    case .score: study.scoreJobs()
    case .measurement: study.measurementJobs(try choices())
    case .similarity: study.similarityJobs(try choices())
    case .single: []
    }
  }
}
