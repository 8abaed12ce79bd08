import GraftFiles
import GraftMatrices
import GraftNetworks

/// The export as NumPy's NPZ: a zip archive with one NPY array for each parameter (NumPy Enhancement Proposal 1), under
/// PyTorch's names and with its layouts.
///
/// `numpy.load("model.npz")["fc1.weight"]` is [outputs × inputs]. The archive's member `graft.json` says how bytes become inputs and
/// what the outputs stand for; `numpy.load` gives its bytes.
struct NPZExport: ModelFormat {
  let name = "npz"
  let title = "NumPy arrays under PyTorch's names"
  let product = ExportProduct.file("npz")

  func encode(_ model: ExportedModel) throws -> [ExportedFile] {
    var archive = StoredArchive()
    let parameters = model.checkpoint.model.parameters
    for slice in parameters.slices {
      try archive.add("\(slice.name).npy", NPZExport.array(parameters.values(of: slice), shape: slice.shape))
    }
    try archive.add("graft.json", Array(description(of: model.checkpoint).text(.pretty).utf8))
    return [ExportedFile(try archive.encoded())]
  }

  /// The facts about a model that its weights do not tell.
  private func description(of checkpoint: Checkpoint) -> JSON {
    let shape = checkpoint.model.inputShape
    return [
      "schema_version": 1, "model": .string(checkpoint.model.architecture.description),
      "input_shape": [.integer(shape.channels), .integer(shape.height), .integer(shape.width)],
      "normalization": .object(checkpoint.normalization.json),
      "classes": .array(checkpoint.outputs.classes.map(JSON.integer)),
      "class_names": .array(checkpoint.outputs.names.map(JSON.string)),
    ]
  }

  /// An NPY file, version 1.0: the header is padded so that the elements begin at a multiple of 64 bytes.
  static func array(_ values: [Float], shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    let unpadded = 10 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes.append(littleEndian: UInt16(header.utf8.count))
    bytes += Array(header.utf8)
    return bytes + values.littleEndianBytes
  }
}
