#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A refusal by the file system.
///
/// It reads as `PATH: cannot read: No such file or directory`.
public struct FileFailure: Failure, Hashable {
  /// The operation that failed; the raw value completes "cannot …".
  package enum Action: String, Sendable {
    case read
    case list
    case create
    case createFolder = "create the folder"
    case write
    case replace
    case remove
    case lock
  }

  /// The file or folder that the person named.
  public let path: String
  /// The operation that failed.
  package let action: Action
  /// The reason, in the system's words or ours.
  public let reason: String
  /// The kind of failure, which decides the exit code.
  public let kind: FailureKind

  /// A failure with a reason of our own.
  package init(path: String, action: Action, reason: String, kind: FailureKind) {
    self.path = path
    self.action = action
    self.reason = reason
    self.kind = kind
  }

  /// The failure of a system call.
  /// - Parameters:
  ///   - path: The file or folder that the person named, not a temporary beside it.
  ///   - action: The operation that failed.
  ///   - code: The value of `errno`.
  package init(path: String, action: Action, errno code: Int32) {
    self.init(path: path, action: action, reason: Self.text(of: code), kind: Self.kind(of: code, during: action))
  }

  /// The failure as one line, the path first.
  public var description: String {
    singleLine("\(path.isEmpty ? "an empty name" : path): cannot \(action.rawValue): \(reason)")
  }

  private static func text(of code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }

  private static func kind(of code: Int32, during action: Action) -> FailureKind {
    switch (action, code) {
    case (_, EACCES), (_, EPERM): .noPermission
    case (_, EIO), (_, ENOSPC), (_, EDQUOT), (_, EFBIG): .inputOutput
    case (.lock, EWOULDBLOCK): .resumable
    case (.read, ENOENT), (.read, ENOTDIR), (.read, EISDIR), (.read, ELOOP): .missingInput
    case (.read, ENAMETOOLONG), (.read, EINVAL): .missingInput
    case (.list, ENOENT), (.list, ENOTDIR), (.list, ELOOP), (.list, ENAMETOOLONG): .missingInput
    case (.create, _), (.createFolder, _), (.replace, _), (.remove, _): .cannotCreate
    case (.read, _), (.list, _), (.write, _), (.lock, _): .inputOutput
    }
  }
}
