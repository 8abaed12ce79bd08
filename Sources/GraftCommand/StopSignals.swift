import Foundation
import GraftFiles
import Synchronization

/// The signal that asked the program to stop; 0 if there was none.
private let received = Atomic<Int32>(0)

/// A handler that takes SIGINT, SIGTERM and SIGHUP as a wish: the training ends its epoch and writes its state, and the
/// program ends with the code that a shell expects. So does SIGUSR1, which Slurm can send before a job's time is over and `mpirun` passes on. A second signal ends it at once; the last written state is still
/// there.
enum StopSignals {
  static func watch() {
    // The process that started the program may have blocked signals, and a child inherits that.
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] {
      // A signal that was ignored on purpose (nohup, a script's background jobs) stays ignored.
      var current = sigaction()
      sigaction(number, nil, &current)
      if isIgnored(current) { continue }
      sigaddset(&mask, number)
      signal(number) { number in
        if received.load(ordering: .relaxed) != 0 { _exit(128 + number) }
        received.store(number, ordering: .relaxed)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// 128 + the signal's number, 75 after SIGUSR1; nil if there was no signal.
  static var exitCode: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number == SIGUSR1 ? FailureKind.resumable.rawValue : 128 + number
  }
}
