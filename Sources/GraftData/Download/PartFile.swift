import Foundation
import GraftFiles
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file that is being downloaded: `.NAME.part-PID` beside its place, with the digest of its bytes so far.
final class PartFile: Sendable {
  private struct State {
    /// The file descriptor; negative once closed.
    var descriptor: Int32
    var count = 0
    var hash = SHA256Digest.Stream()
  }

  /// The final path, which errors name.
  let target: String
  private let path: String
  private let state: Mutex<State>

  /// Opens the file. The caller has the folder's lock, so a file of that name can only be left over.
  init(for target: String) throws(FileFailure) {
    let name = lastComponent(target)
    let path = join(String(target.dropLast(name.count)), ".\(name).part-\(getpid())")
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileFailure(path: target, action: .create, errno: errno) }
    self.target = target
    self.path = path
    self.state = Mutex(State(descriptor: descriptor))
  }

  deinit {
    discard()
  }

  /// Number of bytes written.
  var count: Int { state.withLock { $0.count } }

  /// SHA-256 of the bytes written.
  var digest: String { state.withLock { $0.hash.hex() } }

  /// The bytes written.
  func bytes() throws -> [UInt8] { try readFile(at: path) }

  /// Appends bytes; does nothing once the file is closed.
  func append(_ bytes: [UInt8]) throws(FileFailure) {
    let code: Int32 = state.withLock { state in
      guard state.descriptor >= 0 else { return 0 }
      let code = bytes.withUnsafeBytes { writeAll($0, to: state.descriptor) }
      guard code == 0 else { return code }
      state.count += bytes.count
      state.hash.update(bytes)
      return 0
    }
    guard code == 0 else { throw FileFailure(path: target, action: .write, errno: code) }
  }

  /// Empties the file.
  func restart() throws(FileFailure) {
    let code: Int32 = state.withLock { state in
      guard state.descriptor >= 0 else { return 0 }
      guard ftruncate(state.descriptor, 0) == 0, lseek(state.descriptor, 0, SEEK_SET) == 0 else { return errno }
      state.count = 0
      state.hash = SHA256Digest.Stream()
      return 0
    }
    guard code == 0 else { throw FileFailure(path: target, action: .write, errno: code) }
  }

  /// Moves the file into its place: fsync, rename, fsync of the folder.
  func commit() throws(FileFailure) {
    let code: Int32 = state.withLock { state in
      guard state.descriptor >= 0 else { return EBADF }
      var code = synchronize(state.descriptor)
      if close(state.descriptor) != 0, code == 0, errno != EINTR { code = errno }
      state.descriptor = -1
      return code
    }
    guard code == 0 else {
      unlink(path)
      throw FileFailure(path: target, action: .write, errno: code)
    }
    guard rename(path, target) == 0 else {
      let code = errno
      unlink(path)
      throw FileFailure(path: target, action: .replace, errno: code)
    }
    // The file is complete even if the folder cannot be synchronised: some file systems cannot.
    let folder = String(target.dropLast(lastComponent(target).count))
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = synchronize(descriptor)
    close(descriptor)
  }

  /// Removes the file, unless it is in its place.
  func discard() {
    let isOpen = state.withLock { state in
      guard state.descriptor >= 0 else { return false }
      close(state.descriptor)
      state.descriptor = -1
      return true
    }
    if isOpen { unlink(path) }
  }

  /// Removes files left by processes that no longer exist. The caller has the folder's lock.
  static func removeStale(in folder: String, names: [String]) {
    guard let found = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
    for name in names {
      let prefix = ".\(name).part-"
      for file in found where file.hasPrefix(prefix) {
        guard let process = Int32(file.dropFirst(prefix.count)), process > 0 else { continue }
        // ESRCH: no such process. Another user's process answers EPERM and lives.
        guard process == getpid() || (kill(process, 0) != 0 && errno == ESRCH) else { continue }
        unlink(join(folder, file))
      }
    }
  }
}

/// Writes all bytes. Returns 0 or an `errno`.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var written = 0
  while written < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
    let count = write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
    if count < 0 {
      let code = errno
      if code == EINTR { continue }
      return code
    }
    // No progress and no error would be an endless loop.
    if count == 0 { return EIO }
    written += count
  }
  return 0
}

/// Waits until the bytes are on the medium. Returns 0 or an `errno`.
private func synchronize(_ descriptor: Int32) -> Int32 {
  #if canImport(Darwin)
    // fsync on Darwin reaches the drive, not the medium (fsync(2)); not every file system has the stronger call.
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
  #endif
  return fsync(descriptor) == 0 ? 0 : errno
}
