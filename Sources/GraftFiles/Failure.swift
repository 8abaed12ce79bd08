/// The kind of a failure, which decides the exit code of the command line (BSD `sysexits.h`, 64 and up).
public enum FailureKind: Int32, Sendable {
  /// A training whose loss is no longer finite.
  case diverged = 1
  /// A comparison or check that ran and answered "no".
  case checkFailed = 2
  /// A wrong command line (`EX_USAGE`).
  case usage = 64
  /// Input that is not what it claims to be (`EX_DATAERR`).
  case badData = 65
  /// Input that does not exist or is not a file (`EX_NOINPUT`).
  case missingInput = 66
  /// A server or mirror that does not answer (`EX_UNAVAILABLE`).
  case unavailable = 69
  /// A defect in this program (`EX_SOFTWARE`).
  case internalError = 70
  /// An output that cannot be created (`EX_CANTCREAT`).
  case cannotCreate = 73
  /// A read or write that failed, such as a full disk (`EX_IOERR`).
  case inputOutput = 74
  /// A command that was stopped or locked out; it may succeed later (`EX_TEMPFAIL`).
  case resumable = 75
  /// An access that the file system does not allow (`EX_NOPERM`).
  case noPermission = 77
  /// A configuration file that makes no sense (`EX_CONFIG`).
  case badConfiguration = 78
}

/// An error that is shown as one line.
///
/// `description` is that line: no line break, no trailing full stop, and the path first if there is one.
public protocol Failure: Error, Sendable, CustomStringConvertible {
  /// The kind of failure, which decides the exit code.
  var kind: FailureKind { get }
}

/// A plain failure with kind and text, for anything that is neither bad bytes nor the file system.
public struct GraftFailure: Failure, Hashable {
  /// The kind of failure, which decides the exit code.
  public let kind: FailureKind
  /// The text, one line without a full stop at its end.
  public let message: String
  /// The way out; nil if none is known.
  package var remedy: Remedy?

  /// - Parameters:
  ///   - kind: The kind of failure, which decides the exit code.
  ///   - message: One line, without a full stop at its end.
  public init(_ kind: FailureKind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The same failure with a way out.
  package func with(_ remedy: Remedy) -> GraftFailure {
    var failure = self
    failure.remedy = remedy
    return failure
  }

  /// The message on a single line.
  public var description: String { singleLine(message) }
}

/// A way out of a failure, as a value.
///
/// The libraries' errors speak of values, because a program that calls them has no flags. The command line knows which flag
/// each remedy is, and says so behind the error.
package enum Remedy: Sendable, Hashable {
  /// Bringing images to one size.
  case resizing
  /// Another path for the checkpoint, or replacing what is there.
  case otherOutput
  /// Removing the state of an interrupted training, or beginning without it.
  case startingAnew
  /// A new head for the target's classes.
  case newHead
  /// Batches of another size.
  case otherBatchSize
  /// Naming the folder of a data set.
  case namingDataFolder
  /// Naming the data that results were measured on.
  case namingMeasuredData
  /// Framing pictures as MNIST's images were.
  case framing
  /// Naming the arrays that are images and labels.
  case namingArrays
  /// Naming the height and width of images.
  case namingSize
  /// Leaving out the pictures that cannot be read.
  case skippingBadPictures
  /// Images of a smaller size.
  case smallerImages
}

/// The way out of an error; nil if none is known.
package func remedy(of error: any Error) -> Remedy? {
  switch error {
  case let failure as GraftFailure: failure.remedy
  case let error as FormatError: error.remedy
  default: nil
  }
}
