import Foundation
import GraftFiles
import GraftRanks
import GraftWorkbench
import Synchronization

/// A command that several ranks of a job run together.
protocol RanksCommand {}

/// The job in which `mpirun` or `srun` started this process beside others.
///
/// All ranks run the same command. Rank 0 speaks for all: it alone writes files and says anything.
final class RankJob: Sendable {
  let communicator: any Communicator
  private let heartbeat: Heartbeat

  private static let joined = Mutex<RankJob?>(nil)

  /// The job of this process; nil if it is alone.
  static var current: RankJob? { joined.withLock { $0 } }
  /// Whether this process writes and says what the command does.
  static var isFirst: Bool { current.map { $0.communicator.rank == 0 } ?? true }

  private init(_ communicator: any Communicator) {
    self.communicator = communicator
    let rank = communicator.rank
    heartbeat = Heartbeat(communicator, limit: RankJob.silence) { lost, host in
      let name = RankJob.name(lost, host.isEmpty ? nil : host)
      let line =
        "\(name) has not been heard from for \(Int(RankJob.silence)) s; what is finished is kept, and the same command goes on from there"
      RankJob.say(rank == 0 ? line : "\(RankJob.name(rank, communicator.host)): \(line)")
      communicator.abort(code: FailureKind.resumable.rawValue)
    }
  }

  /// Seconds of silence after which a rank counts as lost.
  private static let silence = 10.0

  // MARK: - What the launcher says

  private static let environment = ProcessInfo.processInfo.environment

  /// The number that the launcher gave this process; nil if there is no launcher.
  private static var launchedRank: Int? {
    for name in ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"] {
      if let rank = environment[name].flatMap({ Int($0) }) { return rank }
    }
    return nil
  }

  /// Cores for this process: those that it may run on, and no more than its share of the machine.
  static var cores: Int {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let neighbours = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? 1
    return max(1, min(cores, ProcessInfo.processInfo.processorCount / max(1, neighbours)))
  }

  /// Standard error as it was when the program started.
  private static let standardError = FileHandle(fileDescriptor: dup(STDERR_FILENO))

  private static func say(_ line: String) {
    try? standardError.write(contentsOf: Data("graft: error: \(singleLine(line))\n".utf8))
  }

  static func name(_ rank: Int, _ host: String?) -> String { "rank \(rank)" + (host.map { " (\($0))" } ?? "") }

  // MARK: - Joining and leaving

  /// Takes the word from all ranks but the first.
  static func silenceOthers() {
    guard let rank = launchedRank, rank > 0 else { return }
    _ = standardError
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    dup2(nowhere, STDERR_FILENO)
  }

  /// Joins the job, if there is one.
  ///
  /// - Parameter runsOnRanks: Whether the command knows what to do with several ranks.
  /// - Throws: If it does not, or if this program was built without MPI.
  static func join(_ command: String, runsOnRanks: Bool) throws {
    guard launchedRank != nil else { return }
    #if MPI
      let communicator = try MPICommunicator.joining()
      guard communicator.size > 1 else {
        communicator.leave(code: 0)
        return
      }
      joined.withLock { $0 = RankJob(communicator) }
      guard runsOnRanks else {
        throw GraftFailure(
          .usage, "graft \(command) runs in one process: of those that mpirun starts, only study and layers make use")
      }
    #else
      if let size = environment["OMPI_COMM_WORLD_SIZE"], size != "1" {
        throw GraftFailure(
          .badConfiguration,
          "mpirun started \(size) processes, and this graft was built without MPI: swift build -c release --traits MPI")
      }
    #endif
  }

  /// Leaves the job. A rank that is not the first tells the first why it cannot go on.
  static func leave(code: Int32, error: (any Error)?) {
    guard let job = joined.withLock({ $0 }) else { return }
    if job.communicator.rank > 0, let error { job.worker.tell(error) }
    job.heartbeat.leave()
    #if MPI
      (job.communicator as? MPICommunicator)?.leave(code: code)
    #endif
  }

  // MARK: - Studies

  private var worker: StudyWorker { StudyWorker(communicator) { [heartbeat] in heartbeat.hasLeft(0) } }

  /// Trains what the first rank hands out.
  func work(on study: TransferStudy) { worker.work(on: study) }

  /// Runs a study on all ranks, as the first of them.
  func run(
    _ study: TransferStudy, in store: any TrialStore, isStopped: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (StudyEvent) -> Void
  ) throws -> StudyResult {
    try manager(study, store, isStopped, report).run()
  }

  /// Trains a part of a study on all ranks, as the first of them.
  func train(
    _ part: StudyPart, of study: TransferStudy, in store: any TrialStore, isStopped: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (StudyEvent) -> Void
  ) throws -> Int {
    try manager(study, store, isStopped, report).train(part)
  }

  private func manager(
    _ study: TransferStudy, _ store: any TrialStore, _ isStopped: @escaping @Sendable () -> Bool,
    _ report: @escaping @Sendable (StudyEvent) -> Void
  ) -> StudyManager {
    StudyManager(
      study, store, communicator, name: { [heartbeat] in RankJob.name($0, heartbeat.host(of: $0)) },
      isStopped: isStopped, report: report)
  }
}
