import GraftFiles
import GraftNetworks

/// A file format that a model is written in for other programs.
///
/// A new format is a file with a type that conforms, and a line in `ModelFormats.all`.
package protocol ModelFormat: Sendable {
  /// The name on the command line: `npz`.
  var name: String { get }
  /// The programs that read it, in half a sentence: `NumPy arrays under PyTorch's names`.
  var title: String { get }
  /// The form of the export: one file, or a folder with several.
  var product: ExportProduct { get }
  /// The wishes that the format can fulfil; a person who has another is told so.
  var wishes: Set<ExportWish> { get }

  /// The files of the model.
  ///
  /// - Throws: `GraftFailure` if the format cannot express the model, and `FormatError` if a weight is not finite.
  func encode(_ model: ExportedModel) throws -> [ExportedFile]
}

extension ModelFormat {
  package var wishes: Set<ExportWish> { [] }
}

/// The form of an export.
package enum ExportProduct: Sendable, Hashable {
  /// A file whose name ends with a dot and this.
  case file(String)
  /// A folder whose name ends with this.
  case folder(String)

  /// The usual ending of the name.
  package var ending: String {
    switch self {
    case .file(let ending): ".\(ending)"
    case .folder(let ending): ending
    }
  }
}

/// A wish of a person that not every format can fulfil.
package enum ExportWish: Sendable, Hashable, CaseIterable {
  /// Outputs before the softmax.
  case logits
  /// Weights of 8 bits.
  case quantized
}

/// A model on its way into another program.
package struct ExportedModel: Sendable {
  package let checkpoint: Checkpoint
  /// A name for it in the other program, usually the file's.
  package let name: String
  package let wishes: Set<ExportWish>

  /// - Throws: `FormatError` if a weight is not finite: no other program would notice.
  package init(_ checkpoint: Checkpoint, name: String, wishes: Set<ExportWish> = []) throws(FormatError) {
    let parameters = checkpoint.model.parameters
    for slice in parameters.slices where !parameters.values(of: slice).allSatisfy(\.isFinite) {
      throw FormatError(problem: "\(slice.name) has a weight that is not a finite number; nothing was written")
    }
    (self.checkpoint, self.name, self.wishes) = (checkpoint, name, wishes)
  }
}

/// One file of an export.
package struct ExportedFile: Sendable {
  /// The place in the export's folder, parts divided by slashes; empty if the export is one file.
  package let path: String
  package let bytes: [UInt8]

  package init(_ path: String, _ bytes: [UInt8]) { (self.path, self.bytes) = (path, bytes) }

  /// The only file of an export.
  package init(_ bytes: [UInt8]) { self.init("", bytes) }
}

/// The formats that models are exported in.
package enum ModelFormats {
  /// All formats, in the order in which they are listed.
  package static let all: [any ModelFormat] = [
    ONNXExport(), CoreMLExport(), PyTorchExport(), CExport(), NPZExport(),
  ]

  /// The format of a name; nil if there is none.
  package static func named(_ name: String) -> (any ModelFormat)? { all.first { $0.name == name } }

  /// The names of the formats that can fulfil a wish: `onnx, c`.
  package static func names(fulfilling wish: ExportWish) -> String {
    all.filter { $0.wishes.contains(wish) }.map(\.name).joined(separator: ", ")
  }
}
