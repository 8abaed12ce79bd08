/// An error about bytes that are not what they claim to be.
///
/// It reads as `PATH: byte N: expected X, found Y`, or as much of it as is known.
public struct FormatError: Failure, Hashable {
  /// The file, if the bytes came from one.
  public var path: String?
  /// Position of the offending byte, counted from 0; for missing bytes, the position at which they were due.
  public var offset: Int?
  /// The data that `offset` counts in, if that is not the file itself: "the unpacked data".
  package var container: String?
  /// The problem, preferably as "expected X, found Y".
  public var problem: String
  /// The way out; nil if none is known.
  package var remedy: Remedy?

  /// An error with as much of its position as is known.
  package init(path: String? = nil, offset: Int? = nil, container: String? = nil, problem: String) {
    self.path = path
    self.offset = offset
    self.container = container
    self.problem = problem
  }

  /// Always bad data.
  public var kind: FailureKind { .badData }

  /// An error that names what was expected and what was found.
  package static func expected(_ expected: String, found: String, offset: Int? = nil) -> FormatError {
    FormatError(offset: offset, problem: "expected \(expected), found \(found)")
  }

  /// The same error with the path of the file the bytes came from.
  package func at(path: String) -> FormatError {
    var error = self
    error.path = path
    return error
  }

  /// The same error, with its offset counting in `container` instead of the file ("the unpacked data").
  package func inside(_ container: String) -> FormatError {
    var error = self
    error.container = container
    return error
  }

  /// The same error with a way out.
  package func with(_ remedy: Remedy) -> FormatError {
    var error = self
    error.remedy = remedy
    return error
  }

  /// The error as one line, the path first.
  public var description: String {
    var parts: [String] = []
    if let path { parts.append(path) }
    switch (offset, container) {
    case (let offset?, let container?): parts.append("byte \(offset) of \(container)")
    case (let offset?, nil): parts.append("byte \(offset)")
    case (nil, let container?): parts.append("in \(container)")
    case (nil, nil): break
    }
    parts.append(problem)
    return singleLine(parts.joined(separator: ": "))
  }
}
