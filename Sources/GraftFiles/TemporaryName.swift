import Foundation
import Synchronization

/// The name of a file that is being written, beside the file that it will replace: `.NAME.tmp-MACHINE-PID-N`.
///
/// A process that is killed while it writes leaves the file behind. MACHINE and PID tell whether its process is gone, so that the next one
/// can remove it.
package struct TemporaryName: CustomStringConvertible {
  private let stem: String
  private let counter: Int

  /// - Parameters:
  ///   - name: The name of the file to replace.
  ///   - counter: A number that makes the name unique within the process.
  init(of name: String, _ counter: Int) {
    // File names are limited to 255 bytes.
    var stem = name
    while stem.utf8.count > 190 { stem.unicodeScalars.removeLast() }
    (self.stem, self.counter) = (stem, counter)
  }

  package var description: String { ".\(stem).tmp-\(Self.machine)-\(getpid())-\(counter)" }

  /// Eight digits for the running system and its process numbers: a shared folder may be written from another machine, and from a container
  /// in which other processes have the same numbers.
  private static let machine: String = {
    let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let processes = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    let text = "\(boot ?? ProcessInfo.processInfo.hostName) \(processes ?? "")"
    return String(SHA256Digest.hex(of: Array(text.utf8)).prefix(8))
  }()

  // MARK: Leftovers

  /// Seconds after which a file of another machine, which tells nothing of its processes, is taken for left behind.
  private static let longestWrite = 3600

  /// Whether a name is that of a file being written.
  package static func isTemporary(_ name: String) -> Bool { parts(of: name) != nil }

  private static let cleaned = Mutex<Set<String>>([])

  /// Removes what processes left that no longer exist, at the first call for a folder: to list a large one at each write would take long.
  static func removeLeftoversOnce(in folder: String) {
    if cleaned.withLock({ $0.insert(folder).inserted }) { removeLeftovers(in: folder) }
  }

  /// Removes what processes left that no longer exist.
  package static func removeLeftovers(in folder: String) {
    for name in leftovers(in: folder) { unlink("\(folder)/\(name)") }
  }

  /// The names of files that processes left which no longer exist.
  package static func leftovers(in folder: String) -> [String] {
    Folder.names(in: folder) { $0.hasPrefix(".") }.filter { name in
      guard let (machine, process) = parts(of: name) else { return false }
      if machine == self.machine { return kill(process, 0) != 0 && errno == ESRCH }
      var status = stat()
      return lstat("\(folder)/\(name)", &status) == 0 && time(nil) - modified(status) > longestWrite
    }
  }

  private static func parts(of name: String) -> (machine: Substring, process: Int32)? {
    guard name.hasPrefix("."), let mark = name.range(of: ".tmp-", options: .backwards) else { return nil }
    let parts = name[mark.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 8, let process = Int32(parts[1]), process > 0, Int(parts[2]) != nil else {
      return nil
    }
    return (parts[0], process)
  }

  private static func modified(_ status: stat) -> Int {
    #if canImport(Darwin)
      status.st_mtimespec.tv_sec
    #else
      status.st_mtim.tv_sec
    #endif
  }
}
