import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftRanks
import GraftWorkbench
import Synchronization

/// A command that several ranks of a job run together.
protocol RanksCommand {
  /// Whether the first rank hands out the work, and listens to what goes wrong elsewhere.
  static var isManaged: Bool { get }
}

/// The job in which `mpirun` or `srun` started this process beside others.
///
/// All ranks run the same command. Rank 0 speaks for all: it alone writes files and says anything.
final class RankJob: Sendable {
  let communicator: any Communicator
  private let heartbeat: Heartbeat
  private let desk: RankDesk
  /// Whether the first rank listens to requests.
  private let isManaged: Bool
  /// Files of the first rank that were copied here; removed at the end.
  private let copies = Mutex<[String]>([])

  private static let joined = Mutex<RankJob?>(nil)

  /// The job of this process; nil if it is alone.
  static var current: RankJob? { joined.withLock { $0 } }
  /// Whether this process writes and says what the command does.
  static var isFirst: Bool { current.map { $0.communicator.rank == 0 } ?? true }

  private init(_ communicator: any Communicator, isManaged: Bool) {
    self.communicator = communicator
    self.isManaged = isManaged
    let rank = communicator.rank
    let heartbeat = Heartbeat(communicator, limit: RankJob.silence) { lost, host in
      let name = RankJob.name(lost, host.isEmpty ? nil : host)
      let line =
        "\(name) has not been heard from for \(Int(RankJob.silence)) s; what is finished is kept, and the same command goes on from there"
      RankJob.say(rank == 0 ? line : "\(RankJob.name(rank, communicator.host)): \(line)")
      communicator.abort(code: FailureKind.resumable.rawValue)
    }
    self.heartbeat = heartbeat
    desk = RankDesk(communicator) { heartbeat.hasLeft(0) }
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
  /// - Throws: If the command does not know what to do with several ranks, or if this program was built without MPI.
  static func join(for command: any ParsableCommand) throws {
    guard launchedRank != nil else { return }
    #if MPI
      let communicator = try MPICommunicator.joining()
      guard communicator.size > 1 else {
        communicator.leave(code: 0)
        return
      }
      let ranked = type(of: command) as? any RanksCommand.Type
      joined.withLock { $0 = RankJob(communicator, isManaged: ranked?.isManaged ?? false) }
      guard ranked != nil else {
        throw GraftFailure(
          .usage,
          "graft \(type(of: command)._commandName) runs in one process: of those that mpirun starts, study, layers, train and reproduce make use"
        )
      }
    #else
      if let size = environment["OMPI_COMM_WORLD_SIZE"], size != "1" {
        throw GraftFailure(
          .badConfiguration,
          "mpirun started \(size) processes, and this graft was built without MPI: swift build -c release --traits MPI")
      }
    #endif
  }

  /// Leaves the job. A rank that is not the first tells why it cannot go on: to the first, if that listens, or else by itself.
  static func leave(code: Int32, error: (any Error)?) {
    guard let job = joined.withLock({ $0 }) else { return }
    if job.communicator.rank > 0, let error { job.tell(error, code) }
    // After an error nobody waits for what the others still do.
    job.heartbeat.leave(waits: code == 0)
    job.desk.end()
    for copy in job.copies.withLock({ $0 }) { unlink(copy) }
    #if MPI
      (job.communicator as? MPICommunicator)?.leave(code: code)
    #endif
  }

  private func tell(_ error: any Error, _ code: Int32) {
    if error is RankedWork.Dismissed { return }
    if isManaged { return worker.tell(error) }
    // The first rank makes the same mistake, and leaves.
    for _ in 0..<200 where !heartbeat.hasLeft(0) { usleep(10_000) }
    if heartbeat.hasLeft(0) { return }
    RankJob.say(
      "\(RankJob.name(communicator.rank, communicator.host)): \((error as? any Failure)?.description ?? "\(error)")")
    communicator.abort(code: code)
  }

  // MARK: - Data

  /// Offers data that this rank, the first, has read to ranks that lack it.
  static func offer(_ loaded: LoadedData, as name: String) {
    guard let job = current, isFirst else { return }
    job.desk.answer("data \(name)") { _ in loaded.message }
  }

  /// Data that this rank lacks, from the first rank.
  ///
  /// - Throws: `failure`, the reason why it is not read here, in the first rank and wherever there is no other.
  static func data(_ name: String, lackedBecause failure: any Failure) throws -> LoadedData {
    guard let job = current, !isFirst else { throw failure }
    guard let bytes = try job.desk.ask("data \(name)") else { throw failure }
    return try LoadedData(message: bytes)
  }

  /// The path of a file here that every rank reads: the path itself, or that of a copy of the first rank's where it is missing.
  static func file(_ path: String) throws -> String {
    guard let job = current else { return path }
    if isFirst {
      // A file that cannot be read ends this rank too, and says why.
      job.desk.answer("file \(path)") { _ in (try? readFile(at: path)) ?? [] }
      return path
    }
    if FileManager.default.fileExists(atPath: path) { return path }
    guard let bytes = try job.desk.ask("file \(path)") else { throw RankedWork.Dismissed() }
    let name = "graft-\(getpid())-\(SHA256Digest.hex(of: Array(path.utf8)).prefix(16)).safetensors"
    let copy = FileManager.default.temporaryDirectory.appending(path: name).path
    try AtomicFile.write(bytes, to: copy)
    job.copies.withLock { $0.append(copy) }
    return copy
  }

  // MARK: - Reproductions

  /// Lists of independent trainings that the ranks share.
  var work: RankedWork { RankedWork(desk) }

  // MARK: - Trainings

  /// The ranks that train one network together.
  var team: RankTeam {
    RankTeam(communicator) { [heartbeat] in
      heartbeat.hasLeft(0)
    } onFailure: { failure in
      if let failure { RankJob.say("\(RankJob.name(self.communicator.rank, self.communicator.host)): \(failure)") }
      if failure != nil { self.communicator.abort(code: FailureKind.resumable.rawValue) }
      RankJob.leave(code: FailureKind.resumable.rawValue, error: nil)
      exit(FailureKind.resumable.rawValue)
    }
  }

  /// - Throws: If the ranks cannot share the shards of a batch evenly.
  static func check(shards: Int) throws {
    guard let size = current?.communicator.size, size.nonzeroBitCount != 1 || size > shards else { return }
    let fitting = (0...shards.trailingZeroBitCount).map { "\(1 << $0)" }.joined(separator: ", ")
    throw GraftFailure(
      .usage, "--shards \(shards) is work for so many ranks: \(fitting); mpirun started \(size)")
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
