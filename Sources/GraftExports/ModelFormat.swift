import GraftFiles
import GraftNetworks

/// A file format that a model is written in for other programs.
///
/// A new format is a file with a type that conforms, and a line in `ModelFormats.all`.
package protocol ModelFormat: Sendable {
  /// The name on the command line, which is also the usual extension of a file's name: `npz`.
  var name: String { get }
  /// The programs that read it, in half a sentence: `NumPy arrays under PyTorch's names`.
  var title: String { get }

  /// The bytes of the model's file.
  ///
  /// - Throws: `GraftFailure` if the format cannot express the model, and `FormatError` if a weight is not finite.
  func encode(_ checkpoint: Checkpoint) throws -> [UInt8]
}

/// The formats that models are exported in.
package enum ModelFormats {
  /// All formats, in the order in which they are listed.
  package static let all: [any ModelFormat] = [NPZExport()]

  /// The format of a name; nil if there is none.
  package static func named(_ name: String) -> (any ModelFormat)? { all.first { $0.name == name } }
}
