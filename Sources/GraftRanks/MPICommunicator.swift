#if MPI
  import CGraftMPI
  import Foundation
  import GraftFiles
  import Synchronization

  /// The ranks of an MPI job (Message Passing Interface 3.1).
  ///
  /// One thread at a time calls the library (`MPI_THREAD_SERIALIZED`). No call blocks: a thread that waits for a message asks, rests without
  /// the lock, and asks again. So other threads get in, and waiting takes no core.
  package struct MPICommunicator: Communicator {
    package let rank: Int
    package let size: Int
    package let host: String
    private let library: Library

    /// Held by whoever is inside the library.
    private final class Library: Sendable {
      let lock = Mutex(())
    }

    /// Joins the job that `mpirun` or `srun` started this process in.
    package static func joining() throws(CommunicationFailure) -> MPICommunicator {
      var provided: Int32 = 0
      try check(MPI_Init_thread(nil, nil, Int32(MPI_THREAD_SERIALIZED), &provided), "joining the job")
      guard provided >= Int32(MPI_THREAD_SERIALIZED) else {
        throw CommunicationFailure("joining the job", "this MPI allows calls from one thread only")
      }
      try check(graft_mpi_return_errors(), "joining the job")
      var (rank, size): (Int32, Int32) = (0, 0)
      try check(MPI_Comm_rank(graft_mpi_world(), &rank), "asking for the rank")
      try check(MPI_Comm_size(graft_mpi_world(), &size), "asking for the number of ranks")
      return MPICommunicator(
        rank: Int(rank), size: Int(size), host: MPICommunicator.hostName(), library: Library())
    }

    /// The machine's name as the system has it. Foundation's asks a name server first, which took two seconds without a network.
    private static func hostName() -> String {
      var name = [CChar](repeating: 0, count: 256)
      gethostname(&name, name.count - 1)
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Leaves the job; returns when all ranks have left. Ends the process if that takes too long: a line that is cut would hold it for ever.
    package func leave(code: Int32) {
      let isOver = MPICommunicator.watch(code)
      library.lock.withLock { _ in _ = MPI_Finalize() }
      isOver.set()
    }

    /// Ends the process after a while unless the returned flag is set.
    private static func watch(_ code: Int32) -> Flag {
      let isOver = Flag()
      Thread {
        sleep(patience)
        if !isOver.isSet { _exit(code) }
      }.start()
      return isOver
    }

    private final class Flag: Sendable {
      private let value = Mutex(false)
      var isSet: Bool { value.withLock { $0 } }
      func set() { value.withLock { $0 = true } }
    }

    /// Seconds that a call may take which other ranks have to answer.
    private static let patience: UInt32 = 5

    package func send(_ bytes: [UInt8], to rank: Int, tag: Int) throws(CommunicationFailure) {
      let action = "sending to rank \(rank)"
      guard let count = Int32(exactly: bytes.count) else {
        throw CommunicationFailure(action, "a message has at most 2 GiB")
      }
      let sent = bytes.withUnsafeBytes { buffer -> Result<Void, CommunicationFailure> in
        Result { () throws(CommunicationFailure) in
          var request: MPI_Request?
          try inside(action) {
            MPI_Isend(
              buffer.baseAddress, count, graft_mpi_byte(), Int32(rank), Int32(tag), graft_mpi_world(), &request)
          }
          var pause = Pause()
          while true {
            var isDone: Int32 = 0
            try inside(action) { MPI_Test(&request, &isDone, nil) }
            if isDone != 0 { return }
            pause.rest()
          }
        }
      }
      try sent.get()
    }

    package func receive(from source: Int?, tag: Int) throws(CommunicationFailure) -> RankMessage? {
      let action = "receiving"
      var status = MPI_Status()
      var message: MPI_Message?
      var hasMessage: Int32 = 0
      try inside(action) {
        MPI_Improbe(
          source.map(Int32.init) ?? graft_mpi_any_source(), Int32(tag), graft_mpi_world(), &hasMessage, &message,
          &status)
      }
      guard hasMessage != 0 else { return nil }
      var count: Int32 = 0
      try inside(action) { MPI_Get_count(&status, graft_mpi_byte(), &count) }
      var bytes = [UInt8](repeating: 0, count: Int(count))
      let code = bytes.withUnsafeMutableBytes { buffer in
        library.lock.withLock { _ in MPI_Mrecv(buffer.baseAddress, count, graft_mpi_byte(), &message, &status) }
      }
      try MPICommunicator.check(code, action)
      return RankMessage(source: Int(status.MPI_SOURCE), bytes: bytes)
    }

    package func exchange(
      _ bytes: [UInt8], with rank: Int, tag: Int, isGivenUp: () -> Bool
    ) throws(CommunicationFailure) -> [UInt8]? {
      let action = "exchanging with rank \(rank)"
      guard let count = Int32(exactly: bytes.count) else {
        throw CommunicationFailure(action, "a message has at most 2 GiB")
      }
      var received = [UInt8](repeating: 0, count: bytes.count)
      let outcome = bytes.withUnsafeBytes { sent in
        received.withUnsafeMutableBytes { received -> Result<Bool, CommunicationFailure> in
          Result { () throws(CommunicationFailure) in
            // Both at once: each side would wait for the other to take a large message.
            var requests: [MPI_Request?] = [nil, nil]
            try inside(action) {
              MPI_Irecv(
                received.baseAddress, count, graft_mpi_byte(), Int32(rank), Int32(tag), graft_mpi_world(), &requests[0])
            }
            try inside(action) {
              MPI_Isend(
                sent.baseAddress, count, graft_mpi_byte(), Int32(rank), Int32(tag), graft_mpi_world(), &requests[1])
            }
            var pause = Pause()
            while true {
              var isDone: Int32 = 0
              try inside(action) { MPI_Testall(2, &requests, &isDone, nil) }
              if isDone != 0 { return true }
              // The memory of unfinished requests is given up with the process, which ends now.
              if isGivenUp() { return false }
              pause.rest()
            }
          }
        }
      }
      return try outcome.get() ? received : nil
    }

    package func abort(code: Int32) -> Never {
      _ = MPICommunicator.watch(code)
      // Not behind the lock: whoever holds it may be waiting for a rank that is gone.
      _ = MPI_Abort(graft_mpi_world(), code)
      _exit(code)
    }

    private func inside(_ action: String, _ call: () -> Int32) throws(CommunicationFailure) {
      try MPICommunicator.check(library.lock.withLock { _ in call() }, action)
    }

    private static func check(_ code: Int32, _ action: String) throws(CommunicationFailure) {
      guard code != MPI_SUCCESS else { return }
      var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING))
      var length: Int32 = 0
      _ = MPI_Error_string(code, &text, &length)
      throw CommunicationFailure(
        action, String(decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
  }
#endif
