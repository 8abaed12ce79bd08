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
      try archive.add("\(slice.name).npy", NPYArray.encode(parameters.values(of: slice), shape: slice.shape))
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
}
