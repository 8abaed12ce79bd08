import Foundation

/// The memory that a process can have.
package enum MachineMemory {
  /// The machine's memory in bytes, or less if a container or a limit of the shell (`ulimit -d`, `ulimit -v`) leaves less.
  package static let bytes: Int = {
    var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    for limit in [containerLimit, resourceLimit(RLIMIT_DATA), resourceLimit(RLIMIT_AS)] {
      if let limit, limit > 0 { bytes = min(bytes, limit) }
    }
    return bytes
  }()

  /// The limit of the process's control group as a container sees it, of version 2 or 1; nil if there is none.
  private static var containerLimit: Int? {
    let paths = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return paths.lazy.compactMap { path in
      let text = try? String(contentsOfFile: path, encoding: .utf8)
      return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }.first
  }

  #if canImport(Glibc)
    private typealias Resource = __rlimit_resource
  #else
    private typealias Resource = Int32
  #endif

  /// A limit of the shell; nil if the system does not tell.
  private static func resourceLimit(_ resource: Resource) -> Int? {
    var limit = rlimit()
    #if canImport(Glibc)
      let code = getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    #else
      let code = getrlimit(resource, &limit)
    #endif
    return code == 0 ? Int(clamping: limit.rlim_cur) : nil
  }
}
